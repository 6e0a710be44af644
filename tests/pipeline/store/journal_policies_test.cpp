// SPDX-License-Identifier: Apache-2.0
// What each policy does when the journal is full, where its readers may begin, and how claims cross
// the ring's end. One thread.
#include <gtest/gtest.h>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include "pipeline/store/journal.hpp"
#include "tests/pipeline/checked_record.hpp"

namespace roda {
namespace {

using Value = std::uint64_t;
using StopJournal = Journal<Value, FullPolicy::stop>;
using WaitJournal = Journal<Value, FullPolicy::wait>;
using DropJournal = Journal<Value, FullPolicy::drop_newest>;
using LapJournal = Journal<Value, FullPolicy::lap>;

TEST(StopJournal, HoldsExactlyItsCapacityForItsWholeLife) {
    StopJournal journal({.capacity_records = 5, .max_claim_records = 3});
    auto reader = journal.reader();
    EXPECT_EQ(journal.room(), 5u);
    for (Value value = 0; value < 5; ++value) {
        EXPECT_TRUE(journal.append(value));
        ASSERT_TRUE(reader.next());  // reading gives no room back
    }
    EXPECT_EQ(journal.room(), 0u);
    EXPECT_FALSE(journal.append(5));
    EXPECT_TRUE(journal.claim(1).empty());
    EXPECT_EQ(journal.written(), 5u);
    EXPECT_EQ(journal.dropped(), 0u);
    EXPECT_FALSE(reader.next());
}

TEST(StopJournal, RefusesAClaimThatDoesNotFitAndTakesTheShorterOne) {
    StopJournal journal({.capacity_records = 5, .max_claim_records = 3});
    ASSERT_EQ(journal.claim(3).size(), 3u);
    journal.publish(3);
    EXPECT_TRUE(journal.claim(3).empty());
    EXPECT_EQ(journal.claim(2).size(), 2u);
}

TEST(StopJournal, LateReaderReplaysAllHistory) {
    StopJournal journal({.capacity_records = 4});
    for (Value value = 0; value < 4; ++value) {
        ASSERT_TRUE(journal.append(value));
    }
    auto reader = journal.reader();
    EXPECT_EQ(reader.peek(8).size(), 4u);
    reader.advance(4);
    EXPECT_EQ(*reader.get_at(0), 0u) << "history stays readable";
}

TEST(StopJournal, WindowIsInPlaceAndAllOrNothing) {
    StopJournal journal({.capacity_records = 8});
    auto reader = journal.reader();
    for (Value value = 0; value < 4; ++value) {
        ASSERT_TRUE(journal.append(value));
    }
    const std::span<const Value> window = reader.get_window<3>(1);
    EXPECT_EQ(std::vector<Value>(window.begin(), window.end()), (std::vector<Value>{1, 2, 3}));
    EXPECT_EQ(window.data(), reader.get_at(1));
    EXPECT_TRUE(reader.get_window<3>(2).empty());
    EXPECT_TRUE(reader.get_window<1>(4).empty());
    EXPECT_TRUE(reader.get_window<1>(~std::uint64_t{0}).empty());
    EXPECT_EQ(reader.get_window<4>(0).size(), 4u);
    EXPECT_EQ(reader.get_index(), 0u);
}

TEST(StopJournal, TakesAnyNumberOfReaders) {
    StopJournal journal({.capacity_records = 8});
    std::vector<StopJournal::Reader> readers;
    for (std::size_t i = 0; i < 3 * journal_gate_count; ++i) {
        readers.push_back(journal.reader());
    }
    ASSERT_TRUE(journal.append(1));
    for (StopJournal::Reader& reader : readers) {
        EXPECT_TRUE(reader.next());
    }
}

TEST(WaitJournal, RoomIsWhatTheSlowestReaderHasPassed) {
    WaitJournal journal({.capacity_records = 8, .max_claim_records = 4});
    auto fast = journal.reader();
    auto slow = journal.reader();
    for (int half = 0; half < 2; ++half) {
        ASSERT_EQ(journal.claim(4).size(), 4u);
        journal.publish(4);
    }
    EXPECT_TRUE(journal.claim(1).empty());
    fast.advance(fast.peek(8).size());
    EXPECT_TRUE(journal.claim(1).empty());
    ASSERT_EQ(slow.peek(3).size(), 3u);
    slow.advance(3);
    EXPECT_EQ(journal.room(), 3u);
    EXPECT_TRUE(journal.claim(4).empty());
    EXPECT_EQ(journal.claim(3).size(), 3u);
    EXPECT_EQ(journal.dropped(), 0u);
}

TEST(WaitJournal, RoundsItsRingUpToAPowerOfTwo) {
    WaitJournal journal({.capacity_records = 5});
    auto reader = journal.reader();
    EXPECT_EQ(journal.room(), 8u);
    EXPECT_EQ(journal.header().capacity_records, 5u);
}

// The record of the last next() stays in the reader's hands: a writer that needs its room would
// wait for a reader that waits for the writer.
TEST(DropJournal, CapacityOfOneDoesNotBlockAReaderByNext) {
    DropJournal journal({.capacity_records = 1});
    auto reader = journal.reader();
    for (Value value = 0; value < 5; ++value) {
        ASSERT_TRUE(journal.append(value));
        ASSERT_TRUE(reader.next());
        EXPECT_EQ(*reader.get(), value);
        EXPECT_FALSE(reader.next());
    }
}

TEST(WaitJournal, RecordOfTheLastNextIsNotOverwritten) {
    WaitJournal journal({.capacity_records = 4});
    auto reader = journal.reader();
    for (Value value = 0; value < 4; ++value) {
        journal.append(value);
    }
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(journal.room(), 0u) << "the first record is still in the reader's hands";
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(journal.room(), 1u);
    journal.append(4);
    EXPECT_EQ(*reader.get(), 1u);
}

// The longest claim that leaves a reader by next() its record: at every offset, without a wait.
TEST(WaitJournal, ClaimOfAllButOneNeverWaitsForAReaderByNext) {
    for (std::uint32_t claim = 1; claim <= 7; ++claim) {
        WaitJournal journal({.capacity_records = 8, .max_claim_records = 7});
        auto reader = journal.reader();
        for (int turn = 0; turn < 20; ++turn) {
            const std::span<Value> slots = journal.claim(claim);
            ASSERT_EQ(slots.size(), claim);
            std::iota(slots.begin(), slots.end(), journal.written());
            journal.publish(claim);
            while (reader.next()) {
                EXPECT_EQ(*reader.get(), reader.get_index() - 1);
            }
            EXPECT_FALSE(reader.has_next());
        }
        EXPECT_EQ(reader.get_index(), 20 * claim);
    }
}

TEST(JournalDeathTest, ReaderThatWouldWaitForAWriterOfTheWholeRingAborts) {
    const char* const fault = "the longest claim is shorter than the ring";
    const JournalOptions whole_ring{.capacity_records = 8, .max_claim_records = 8};
    WaitJournal wait(whole_ring);
    DropJournal drop(whole_ring);
    auto waiting = wait.reader();
    auto dropping = drop.reader();
    EXPECT_FALSE(waiting.next()) << "it keeps nothing yet";
    EXPECT_FALSE(waiting.has_next());
    wait.append(0);
    drop.append(0);
    ASSERT_TRUE(waiting.next());
    ASSERT_TRUE(dropping.next());
    EXPECT_TRUE(wait.claim(8).empty()) << "for as long as the reader keeps its record";
    EXPECT_DEATH(waiting.next(), fault);
    EXPECT_DEATH((void)waiting.has_next(), fault);
    EXPECT_DEATH(dropping.next(), fault);
    waiting.advance(0);
    EXPECT_FALSE(waiting.next());
    EXPECT_EQ(wait.claim(8).size(), 8u) << "readers by peek() and advance() keep nothing";
}

TEST(StopJournal, ReaderByNextKeepsNobodyFromTheWholeRing) {
    StopJournal journal({.capacity_records = 8, .max_claim_records = 8});
    auto reader = journal.reader();
    ASSERT_TRUE(journal.append(0));
    ASSERT_TRUE(reader.next());
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.has_next());
    EXPECT_EQ(*reader.get(), 0u);
}

TEST(WaitJournal, PassedRecordsAreNoLongerShown) {
    WaitJournal journal({.capacity_records = 4});
    auto reader = journal.reader();
    for (Value value = 0; value < 3; ++value) {
        journal.append(value);
    }
    ASSERT_EQ(reader.peek(2).size(), 2u);
    reader.advance(2);
    EXPECT_EQ(reader.get_at(1), nullptr);
    EXPECT_EQ(*reader.get_at(2), 2u);
    reader.advance(reader.peek(1).size());
    EXPECT_EQ(reader.get_last(), nullptr);
}

TEST(WaitJournal, WithoutReadersNothingHoldsTheWriter) {
    WaitJournal journal({.capacity_records = 4});
    for (Value value = 0; value < 100; ++value) {
        ASSERT_TRUE(journal.append(value));
    }
    auto reader = journal.reader();
    EXPECT_EQ(reader.get_index(), 100u) << "the only reader begins at the head";
}

TEST(WaitJournal, LaterReaderBeginsWhereTheSlowestOneStands) {
    WaitJournal journal({.capacity_records = 8});
    auto first = journal.reader();
    for (Value value = 0; value < 6; ++value) {
        journal.append(value);
    }
    ASSERT_EQ(first.peek(2).size(), 2u);
    first.advance(2);
    auto second = journal.reader();
    EXPECT_EQ(second.get_index(), 2u);
    ASSERT_TRUE(second.next());
    EXPECT_EQ(*second.get(), 2u);
}

TEST(WaitJournal, ADestroyedReaderGivesItsRoomAndItsGateBack) {
    WaitJournal journal({.capacity_records = 4});
    auto keeper = std::make_unique<WaitJournal::Reader>(journal.reader());
    for (Value value = 0; value < 4; ++value) {
        journal.append(value);
    }
    EXPECT_EQ(journal.room(), 0u);
    keeper.reset();
    EXPECT_EQ(journal.room(), 4u);
    for (std::size_t i = 0; i < 3 * journal_gate_count; ++i) {
        auto passing = journal.reader();
    }
}

TEST(WaitJournal, MoreGatedReadersThanGatesIsAStartupError) {
    WaitJournal journal({.capacity_records = 4});
    std::vector<WaitJournal::Reader> readers;
    for (std::size_t i = 0; i < journal_gate_count; ++i) {
        readers.push_back(journal.reader());
    }
    try {
        auto one_too_many = journal.reader();
        FAIL() << "a ninth reader";
    } catch (const StartupError& error) {
        EXPECT_STREQ(error.what(), "journal: a journal has at most 8 gated readers");
    }
    readers.pop_back();
    EXPECT_NO_THROW(readers.push_back(journal.reader_at_head()));
}

TEST(DropJournal, CountsExactlyWhatItRefused) {
    DropJournal journal({.capacity_records = 8, .max_claim_records = 4});
    auto reader = journal.reader();
    Value accepted = 0;
    for (Value value = 0; value < 20; ++value) {
        accepted += journal.append(value) ? 1 : 0;
    }
    EXPECT_EQ(accepted, 8u);
    EXPECT_EQ(journal.dropped(), 12u);
    EXPECT_TRUE(journal.claim(4).empty());
    EXPECT_EQ(journal.dropped(), 16u);
    ASSERT_EQ(reader.peek(8).size(), 8u);
    EXPECT_EQ(reader.peek(8)[7], 7u) << "the oldest stay, the newest go";
    reader.advance(8);
    EXPECT_TRUE(journal.append(20));
    EXPECT_EQ(journal.dropped(), 16u);
    EXPECT_EQ(journal.written(), 9u);
}

TEST(DropJournal, LedgerClosesOnRandomTraffic) {
    DropJournal journal({.capacity_records = 64, .max_claim_records = 16});
    auto reader = journal.reader();
    std::mt19937 random(1);
    std::uint64_t offered = 0;
    std::uint64_t read = 0;
    for (int turn = 0; turn < 10'000; ++turn) {
        const auto wanted = static_cast<std::uint32_t>(random() % 16 + 1);
        offered += wanted;
        if (!journal.claim(wanted).empty()) {
            journal.publish(wanted);
        }
        const std::size_t taken = reader.peek(random() % 16).size();
        reader.advance(taken);
        read += taken;
    }
    EXPECT_EQ(journal.written() + journal.dropped(), offered);
    EXPECT_EQ(read, reader.get_index());
    EXPECT_GT(journal.dropped(), 0u);
}

// The ring's end: every claim length at every offset, read back record by record.
TEST(ClaimAcrossTheRingEnd, KeepsEveryRecordAtEveryOffset) {
    using Record = CheckedRecord<2>;
    for (std::uint32_t claim = 1; claim <= 8; ++claim) {
        Journal<Record, FullPolicy::wait> journal({.capacity_records = 8, .max_claim_records = 8});
        auto reader = journal.reader();
        StreamCheck seen;
        for (int turn = 0; turn < 40; ++turn) {
            const std::span<Record> slots = journal.claim(claim);
            ASSERT_EQ(slots.size(), claim);
            for (std::size_t i = 0; i < claim; ++i) {
                slots[i] = Record::of(journal.written() + i);
            }
            journal.publish(claim);
            for (auto burst = reader.peek(64); !burst.empty(); burst = reader.peek(64)) {
                seen.add(burst);
                reader.advance(burst.size());
            }
        }
        EXPECT_EQ(seen.records, 40u * claim);
        EXPECT_EQ(seen.gaps + seen.torn + seen.backwards, 0u) << "claims of " << claim;
    }
}

TEST(ClaimAcrossTheRingEnd, PartlyPublishedClaimGoesOnAtTheFront) {
    WaitJournal journal({.capacity_records = 4, .max_claim_records = 3});
    auto reader = journal.reader();
    journal.append(0);
    journal.append(1);
    journal.append(2);
    reader.advance(reader.peek(3).size());
    const std::span<Value> slots = journal.claim(3);  // slot 3, then two in the overhang
    ASSERT_EQ(slots.size(), 3u);
    std::iota(slots.begin(), slots.end(), Value{3});
    journal.publish(2);
    ASSERT_EQ(journal.claim(2).size(), 2u);
    EXPECT_EQ(*reader.get_at(3), 3u);
    EXPECT_EQ(*reader.get_at(4), 4u);
    EXPECT_EQ(reader.peek(8).size(), 1u) << "a peek ends at the ring's end";
    reader.advance(1);
    EXPECT_EQ(reader.peek(8).size(), 1u);
    EXPECT_EQ(reader.peek(8)[0], 4u);
}

TEST(JournalReaders, StartFromTheStartAtASequenceAndAtTheHead) {
    StopJournal stop({.capacity_records = 8});
    LapJournal lap({.capacity_records = 4});
    for (Value value = 0; value < 6; ++value) {
        ASSERT_TRUE(stop.append(value));
        ASSERT_TRUE(lap.append(value));
    }
    EXPECT_EQ(stop.reader().get_index(), 0u);
    EXPECT_EQ(stop.reader_at(3).get_index(), 3u);
    EXPECT_EQ(stop.reader_at_head().get_index(), 6u);
    EXPECT_THROW(stop.reader_at(7), StartupError);
    EXPECT_EQ(lap.reader().get_index(), 2u);
    EXPECT_EQ(lap.reader_at_head().get_index(), 6u);
    auto late = lap.reader_at(1);
    Value value = 0;
    const auto polled = late.poll({&value, 1});
    EXPECT_EQ(polled.missed, 1u) << "what it asked for is gone, and is counted";
    EXPECT_EQ(value, 2u);
}

TEST(JournalReaders, GatedReaderMayStartOnlyWhereNoClaimCanHaveBeen) {
    WaitJournal journal({.capacity_records = 4});
    auto first = journal.reader();
    for (Value value = 0; value < 4; ++value) {
        ASSERT_TRUE(journal.append(value));
    }
    EXPECT_EQ(*journal.reader_at(1).peek(1).data(), 1u);
    first.advance(first.peek(3).size());
    ASSERT_TRUE(journal.append(4));  // where 0 lay
    EXPECT_THROW(journal.reader_at(2), StartupError) << "the writer may be there by now";
    EXPECT_EQ(*journal.reader_at(3).peek(1).data(), 3u);
}

}  // namespace
}  // namespace roda
