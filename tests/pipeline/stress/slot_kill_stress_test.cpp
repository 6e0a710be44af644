// SPDX-License-Identifier: Apache-2.0
// Writers of a slot store that are killed at any instruction, a thousand times: no reader takes
// half a value, no slot but the one that the writer died in is lost, and the next writer goes on.
#include <gtest/gtest.h>
#include <algorithm>
#include <array>
#include <chrono>
#include <random>
#include <string>

#include "pipeline/store/slot_store.hpp"
#include "tests/pipeline/checked_record.hpp"
#include "tests/pipeline/child_process.hpp"
#include "tests/pipeline/stress/kills.hpp"
#include "tests/pipeline/temporary_directory.hpp"

namespace roda {
namespace {

// Large values, so that a kill often lands inside a copy.
using Value = CheckedRecord<127>;

constexpr std::uint64_t slot_count = 8;
constexpr SlotOptions options{.slots = slot_count, .schema = 5};

/// The newest sequence in the store; 0 when there is none.
std::uint64_t newest(const SlotReader<Value>& reader) {
    std::uint64_t sequence = 0;
    for (std::uint64_t at = 0; at < slot_count; ++at) {
        if (const Snapshot<Value> seen = reader.read(at)) {
            sequence = std::max(sequence, seen.value.sequence);
        }
    }
    return sequence;
}

/// Sequence n goes into slot n % slot_count, so that the newest tells what each slot must hold.
int write_for_ever(const std::string& path) {
    SlotStore<Value> store(path, options);
    for (std::uint64_t next = newest(store.reader()) + 1;; ++next) {
        store.set(next % slot_count, Value::of(next));
    }
}

/// Reads all slots while the writer lives; counts what may never be.
class Watcher {
  public:
    explicit Watcher(const std::string& path) : reader_(path, options.schema) {}

    void watch_for(std::chrono::microseconds time) {
        const auto end = std::chrono::steady_clock::now() + time;
        for (std::uint64_t at = 0; std::chrono::steady_clock::now() < end; ++at) {
            const Snapshot<Value> seen = reader_.read(at % slot_count, 10);
            if (seen) {
                std::uint64_t& last = last_[at % slot_count];
                faults_ += seen.value.is_whole() && seen.value.sequence >= last ? 0 : 1;
                last = seen.value.sequence;
            }
        }
    }

    std::uint64_t faults() const { return faults_; }

    const SlotReader<Value>& reader() const { return reader_; }

  private:
    SlotReader<Value> reader_;
    std::array<std::uint64_t, slot_count> last_{};
    std::uint64_t faults_ = 0;
};

/// Every slot holds the newest value that was set there, but for the one that comes next: that
/// one's state is returned.
SnapshotState expect_all_others_kept(const SlotReader<Value>& reader) {
    const std::uint64_t last = newest(reader);
    const std::uint64_t next_at = (last + 1) % slot_count;
    for (std::uint64_t at = 0; at < slot_count; ++at) {
        const std::uint64_t age = (last + slot_count - at) % slot_count;
        const Snapshot<Value> seen = reader.read(at, 3);
        if (at == next_at && !seen) {
            continue;
        }
        const bool was_set = last > age;
        EXPECT_EQ(seen.state, was_set ? SnapshotState::present : SnapshotState::absent)
            << "slot " << at << " after " << last;
        EXPECT_EQ(seen.value.sequence, was_set ? last - age : 0);
        EXPECT_TRUE(seen.value.is_whole() || !was_set);
    }
    return reader.read(next_at, 3).state;
}

TEST(SlotRecovery, KilledWritersSpoilNoSlotButTheOneTheyDiedIn) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("slots");
    { const SlotStore<Value> created(path, options); }
    Watcher watcher(path);
    std::mt19937 random(7);
    int busy = 0;
    std::uint64_t before = 0;
    for (int kill = 0; kill < kills; ++kill) {
        ChildProcess writer([&] { return write_for_ever(path); });
        watcher.watch_for(std::chrono::microseconds(random() % 3'000));
        writer.kill();
        ASSERT_EQ(writer.wait(), -SIGKILL);

        const SnapshotState left = expect_all_others_kept(watcher.reader());
        const std::uint64_t last = newest(watcher.reader());
        EXPECT_GE(last, before);
        // Absent only when it never was set, or was repaired and nobody has written since.
        EXPECT_TRUE(left != SnapshotState::absent || last < slot_count || last == before);
        before = last;
        busy += left == SnapshotState::busy ? 1 : 0;

        const SlotStore<Value> next(path, options);
        EXPECT_TRUE(next.existing());
        EXPECT_EQ(expect_all_others_kept(next.reader()),
                  left == SnapshotState::busy ? SnapshotState::absent : left);
        EXPECT_EQ(next.repaired(), static_cast<std::uint64_t>(busy));
    }
    EXPECT_EQ(watcher.faults(), 0u);
    EXPECT_GT(before, 1'000u) << "the writers wrote";
    EXPECT_GT(busy, 0) << "kills landed inside set()";
}

}  // namespace
}  // namespace roda
