// SPDX-License-Identifier: Apache-2.0
// One writer and three readers on the same few slots: nothing torn, nothing older than before.
#include <gtest/gtest.h>
#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "pipeline/store/slot_store.hpp"
#include "tests/pipeline/checked_record.hpp"

namespace roda {
namespace {

using Value = CheckedRecord<15>;

constexpr std::uint64_t slot_count = 4;
constexpr std::uint64_t enough_values = 1'000;  // for each reader, while the writer writes

struct Seen {
    std::uint64_t present = 0;
    std::uint64_t absent = 0;
    std::uint64_t busy = 0;
    std::uint64_t torn = 0;
    std::uint64_t backwards = 0;
    std::uint64_t stale_versions = 0;  // another value under the version of the last one
};

void read_until(const std::atomic<bool>& stop,
                const SlotReader<Value>& reader,
                Seen& seen,
                std::atomic<int>& content) {
    std::array<std::uint64_t, slot_count> last_sequence{};
    std::array<std::uint64_t, slot_count> last_version{};
    for (std::uint64_t i = 0; !stop.load(std::memory_order_relaxed); ++i) {
        const std::uint64_t at = i % slot_count;
        const Snapshot<Value> snapshot = reader.read(at, 4);
        if (snapshot.state == SnapshotState::absent) {
            ++seen.absent;
        } else if (snapshot.state == SnapshotState::busy) {
            ++seen.busy;
        } else {
            content += ++seen.present == enough_values ? 1 : 0;
            seen.torn += snapshot.value.is_whole() ? 0 : 1;
            seen.backwards += snapshot.value.sequence < last_sequence[at] ? 1 : 0;
            const bool same = snapshot.value.sequence == last_sequence[at];
            seen.stale_versions += !same && snapshot.version == last_version[at] ? 1 : 0;
            last_sequence[at] = snapshot.value.sequence;
            last_version[at] = snapshot.version;
        }
    }
}

TEST(SlotStoreThreads, ThreeReadersNeverSeeHalfAValueNorAnOlderOne) {
    SlotStore<Value> store({.slots = slot_count});
    const SlotReader<Value> reader = store.reader();
    std::atomic<bool> stop{false};
    std::atomic<int> content{0};  // readers that have seen enough
    std::vector<Seen> seen(3);
    std::vector<std::thread> readers;
    for (Seen& each : seen) {
        readers.emplace_back([&] { read_until(stop, reader, each, content); });
    }
    std::uint64_t changes = 0;
    while (changes < 500'000 || content.load(std::memory_order_relaxed) < 3) {
        const std::uint64_t sequence = ++changes;
        if (sequence % 2 == 0) {
            store.set(sequence % slot_count, Value::of(sequence));
        } else {
            store.update_at(sequence % slot_count,
                            [&](Value& value) { value = Value::of(sequence); });
        }
        if (sequence % 50'000 == 0) {
            std::this_thread::yield();  // two cores, four threads: each has its turn
        }
    }
    stop.store(true);
    for (std::thread& thread : readers) {
        thread.join();
    }
    for (const Seen& each : seen) {
        EXPECT_GE(each.present, enough_values);
        EXPECT_EQ(each.torn + each.backwards + each.stale_versions, 0u);
    }
    for (std::uint64_t at = 0; at < slot_count; ++at) {
        const std::uint64_t newest = changes - (changes - at) % slot_count;
        EXPECT_EQ(reader.read(at).value.sequence, newest);
    }
}

}  // namespace
}  // namespace roda
