// SPDX-License-Identifier: Apache-2.0
// What is replaced in place, ten million times: readers see whole values, never an older one than
// before, and the last one at the end.
#include <gtest/gtest.h>
#include <iostream>

#include "pipeline/store/slot_store.hpp"
#include "pipeline/store/snapshot_cell.hpp"
#include "tests/pipeline/stress/crew.hpp"

namespace roda::stress {
namespace {

/// What one reader saw of one value that is replaced by ever later records.
struct Sightings {
    std::uint64_t last = 0;
    std::uint64_t reads = 0;
    std::uint64_t busy = 0;
    std::uint64_t torn = 0;
    std::uint64_t backwards = 0;

    void add(const Record& record) {
        ++reads;
        torn += record.is_whole() ? 0 : 1;
        backwards += record.sequence < last ? 1 : 0;
        last = record.sequence;
    }

    void expect_clean() const {
        EXPECT_GT(reads, 0u);
        EXPECT_EQ(torn, 0u);
        EXPECT_EQ(backwards, 0u);
        std::cout << reads << " read, " << busy << " given up\n";
    }
};

TEST(CellStress, ASnapshotCellShowsWholeValuesInOrder) {
    SnapshotCell<Record> cell;
    cell.publish(Record::of(0));
    std::array<Sightings, reader_count> seen;
    End end;
    run_crew(
        [&](std::size_t i) {
            for (bool ended = false; !ended;) {
                ended = end.is_set();  // before the read: the last value is read after the end
                if (const auto value = cell.try_read(8)) {
                    seen[i].add(*value);
                } else {
                    ++seen[i].busy;
                }
            }
        },
        [&] {
            for (std::uint64_t sequence = 1; sequence <= record_count; ++sequence) {
                cell.publish(Record::of(sequence));
            }
            end.set(record_count);
        });
    for (const Sightings& each : seen) {
        each.expect_clean();
        EXPECT_EQ(each.last, record_count);
    }
}

TEST(CellStress, ASlotStoreShowsWholeValuesInOrderInEverySlot) {
    constexpr std::uint64_t slots = 16;
    SlotStore<Record> store({.slots = slots});
    const SlotReader<Record> reader = store.reader();
    std::array<std::array<Sightings, slots>, reader_count> seen;
    std::atomic<std::uint64_t> lost_values{0};  // absent after they were there
    End end;
    run_crew(
        [&](std::size_t i) {
            for (bool ended = false; !ended;) {
                ended = end.is_set();
                for (std::uint64_t at = 0; at < slots; ++at) {
                    const Snapshot<Record> value = reader.read(at, 8);
                    Sightings& slot = seen[i][at];
                    if (value) {
                        slot.add(value.value);
                    } else if (value.state == SnapshotState::busy) {
                        ++slot.busy;
                    } else if (slot.reads != 0) {
                        ++lost_values;
                    }
                }
            }
        },
        [&] {
            for (std::uint64_t sequence = 0; sequence < record_count; ++sequence) {
                if (sequence % 2 == 0) {
                    store.set(sequence % slots, Record::of(sequence));
                } else {
                    store.update_at(sequence % slots,
                                    [&](Record& record) { record = Record::of(sequence); });
                }
            }
            end.set(record_count);
        });
    EXPECT_EQ(lost_values, 0u);
    for (const auto& slots_seen : seen) {
        for (std::uint64_t at = 0; at < slots; ++at) {
            EXPECT_GT(slots_seen[at].reads, 0u);
            EXPECT_EQ(slots_seen[at].torn + slots_seen[at].backwards, 0u);
            EXPECT_EQ(slots_seen[at].last, record_count - slots + at);
        }
    }
}

}  // namespace
}  // namespace roda::stress
