// SPDX-License-Identifier: Apache-2.0
#include "pipeline/store/snapshot_cell.hpp"

#include <gtest/gtest.h>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "tests/pipeline/checked_record.hpp"

namespace roda {
namespace {

using namespace std::chrono_literals;
using Value = CheckedRecord<15>;

TEST(SnapshotCell, ReadsTheNewestValue) {
    SnapshotCell<Value> cell;
    cell.publish(Value::of(1));
    cell.publish(Value::of(2));
    const std::optional<Value> value = cell.try_read();
    ASSERT_TRUE(value);
    EXPECT_EQ(value->sequence, 2u);
    EXPECT_TRUE(value->is_whole());
}

TEST(SnapshotCell, IsZeroBeforeTheFirstValue) {
    const SnapshotCell<std::uint64_t> cell;
    EXPECT_EQ(cell.try_read(), 0u);
}

TEST(SnapshotCell, WithoutAnAttemptThereIsNoValue) {
    SnapshotCell<std::uint64_t> cell;
    cell.publish(1);
    EXPECT_EQ(cell.try_read(0), std::nullopt);
    EXPECT_EQ(cell.try_read(1), 1u);
}

TEST(SnapshotCell, ReadersNeverSeeHalfAValueNorAnOlderOne) {
    SnapshotCell<Value> cell;
    cell.publish(Value::of(0));
    std::atomic<bool> stop{false};
    std::atomic<int> readers_served{0};

    struct Seen {
        std::uint64_t reads = 0;
        std::uint64_t torn = 0;
        std::uint64_t backwards = 0;
    };

    std::vector<Seen> seen(3);
    std::vector<std::thread> readers;
    for (Seen& each : seen) {
        readers.emplace_back([&] {
            std::uint64_t last = 0;
            while (!stop.load(std::memory_order_relaxed)) {
                if (const std::optional<Value> value = cell.try_read(4)) {
                    readers_served += each.reads++ == 0 ? 1 : 0;
                    each.torn += value->is_whole() ? 0 : 1;
                    each.backwards += value->sequence < last ? 1 : 0;
                    last = value->sequence;
                }
            }
        });
    }
    const auto begin = std::chrono::steady_clock::now();
    std::uint64_t sequence = 0;
    for (std::chrono::nanoseconds time{}; time < 200ms || (readers_served < 3 && time < 10s);
         time = std::chrono::steady_clock::now() - begin) {
        for (int i = 0; i < 100; ++i) {
            cell.publish(Value::of(++sequence));
        }
    }
    stop.store(true);
    for (std::thread& reader : readers) {
        reader.join();
    }
    for (const Seen& each : seen) {
        EXPECT_GT(each.reads, 0u);
        EXPECT_EQ(each.torn + each.backwards, 0u);
    }
    EXPECT_EQ(cell.try_read()->sequence, sequence);
}

}  // namespace
}  // namespace roda
