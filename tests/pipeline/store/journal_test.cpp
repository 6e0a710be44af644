// SPDX-License-Identifier: Apache-2.0
// What the three policies that hand out records in place have in common. One thread.
#include "pipeline/store/journal.hpp"

#include <gtest/gtest.h>
#include <numeric>
#include <vector>

namespace roda {
namespace {

using Value = std::uint64_t;

template <FullPolicy policy>
using Of = std::integral_constant<FullPolicy, policy>;

template <class Policy>
class InPlaceJournal : public ::testing::Test {
  protected:
    using JournalType = Journal<Value, Policy::value>;

    static void append(JournalType& journal, Value first, Value count) {
        for (Value value = first; value < first + count; ++value) {
            ASSERT_TRUE(journal.append(value));
        }
    }

    static std::vector<Value> take(typename JournalType::Reader& reader) {
        std::vector<Value> taken;
        for (auto burst = reader.peek(64); !burst.empty(); burst = reader.peek(64)) {
            taken.insert(taken.end(), burst.begin(), burst.end());
            reader.advance(burst.size());
        }
        return taken;
    }

    static std::vector<Value> sequence(Value first, Value count) {
        std::vector<Value> values(count);
        std::iota(values.begin(), values.end(), first);
        return values;
    }
};

using Policies =
    ::testing::Types<Of<FullPolicy::stop>, Of<FullPolicy::wait>, Of<FullPolicy::drop_newest>>;
TYPED_TEST_SUITE(InPlaceJournal, Policies);

TYPED_TEST(InPlaceJournal, ReaderSeesNothingBeforePublish) {
    typename TestFixture::JournalType journal({.capacity_records = 8, .max_claim_records = 4});
    auto reader = journal.reader();
    const std::span<Value> slots = journal.claim(3);
    ASSERT_EQ(slots.size(), 3u);
    std::iota(slots.begin(), slots.end(), Value{10});
    EXPECT_TRUE(reader.peek(8).empty());
    EXPECT_FALSE(reader.next());
    EXPECT_EQ(reader.get_at(0), nullptr);
    EXPECT_EQ(reader.get_last(), nullptr);
    EXPECT_EQ(journal.written(), 0u);
    journal.publish(3);
    EXPECT_EQ(journal.written(), 3u);
    EXPECT_EQ(this->take(reader), this->sequence(10, 3));
}

TYPED_TEST(InPlaceJournal, SecondClaimIsTheSamePlace) {
    typename TestFixture::JournalType journal({.capacity_records = 8, .max_claim_records = 4});
    auto reader = journal.reader();
    Value* const first = journal.claim(4).data();
    EXPECT_EQ(journal.claim(2).data(), first);
    *first = 7;
    journal.publish(1);
    EXPECT_EQ(journal.claim(2).data(), first + 1);
    EXPECT_EQ(this->take(reader), std::vector<Value>{7});
}

TYPED_TEST(InPlaceJournal, PublishesOnlyAsManyAsTold) {
    typename TestFixture::JournalType journal({.capacity_records = 8, .max_claim_records = 4});
    auto reader = journal.reader();
    const std::span<Value> slots = journal.claim(4);
    std::iota(slots.begin(), slots.end(), Value{0});
    journal.publish(2);
    EXPECT_EQ(this->take(reader), this->sequence(0, 2));
    journal.publish(0);
    EXPECT_TRUE(reader.peek(8).empty());
}

TYPED_TEST(InPlaceJournal, ClaimLongerThanItsBoundIsRefused) {
    typename TestFixture::JournalType journal({.capacity_records = 8, .max_claim_records = 4});
    EXPECT_TRUE(journal.claim(5).empty());
    EXPECT_EQ(journal.claim(4).size(), 4u);
}

TYPED_TEST(InPlaceJournal, GetIsNullBeforeTheFirstNextAndRepeatsAfterTheLast) {
    typename TestFixture::JournalType journal({.capacity_records = 8});
    auto reader = journal.reader();
    this->append(journal, 10, 2);
    EXPECT_EQ(reader.get(), nullptr);
    EXPECT_EQ(reader.get_index(), 0u);
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(*reader.get(), 10u);
    EXPECT_EQ(*reader.get(), 10u);
    EXPECT_EQ(reader.get_index(), 1u);
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(*reader.get(), 11u);
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.next());
    EXPECT_EQ(*reader.get(), 11u);
    EXPECT_EQ(reader.get_index(), 2u);
    this->append(journal, 12, 1);
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(*reader.get(), 12u);
}

TYPED_TEST(InPlaceJournal, GetAtReadsAnySequenceAndMovesNothing) {
    typename TestFixture::JournalType journal({.capacity_records = 8});
    auto reader = journal.reader();
    this->append(journal, 10, 3);
    EXPECT_EQ(*reader.get_at(2), 12u);
    EXPECT_EQ(*reader.get_at(0), 10u);
    EXPECT_EQ(reader.get_at(3), nullptr);
    EXPECT_EQ(reader.get_at(~std::uint64_t{0}), nullptr);
    EXPECT_EQ(reader.get_index(), 0u);
    EXPECT_EQ(reader.get(), nullptr);
}

TYPED_TEST(InPlaceJournal, GetLastIsTheNewest) {
    typename TestFixture::JournalType journal({.capacity_records = 8});
    auto reader = journal.reader();
    EXPECT_EQ(reader.get_last(), nullptr);
    this->append(journal, 10, 3);
    EXPECT_EQ(*reader.get_last(), 12u);
    EXPECT_EQ(reader.get_index(), 0u);
    while (reader.next()) {
    }
    EXPECT_EQ(*reader.get_last(), 12u);
}

TYPED_TEST(InPlaceJournal, ReaderAtHeadSeesOnlyWhatComesLater) {
    typename TestFixture::JournalType journal({.capacity_records = 8});
    this->append(journal, 10, 3);
    auto reader = journal.reader_at_head();
    EXPECT_EQ(reader.get_index(), 3u);
    EXPECT_FALSE(reader.next());
    this->append(journal, 13, 1);
    EXPECT_EQ(this->take(reader), std::vector<Value>{13});
}

TYPED_TEST(InPlaceJournal, ReadersHaveACursorEach) {
    typename TestFixture::JournalType journal({.capacity_records = 8});
    auto first = journal.reader();
    auto second = journal.reader();
    this->append(journal, 0, 5);
    EXPECT_EQ(this->take(first), this->sequence(0, 5));
    EXPECT_EQ(second.get_index(), 0u);
    EXPECT_EQ(this->take(second), this->sequence(0, 5));
    auto moved = std::move(second);
    this->append(journal, 5, 1);
    EXPECT_EQ(this->take(moved), this->sequence(5, 1));
}

TYPED_TEST(InPlaceJournal, PeekIsBoundedByWhatTheCallerAsksFor) {
    typename TestFixture::JournalType journal({.capacity_records = 8});
    auto reader = journal.reader();
    this->append(journal, 0, 5);
    EXPECT_EQ(reader.peek(2).size(), 2u);
    EXPECT_EQ(reader.peek(0).size(), 0u);
    reader.advance(2);
    EXPECT_EQ(reader.peek(64).size(), 3u);
    EXPECT_EQ(reader.peek(64)[0], 2u);
}

TYPED_TEST(InPlaceJournal, AdvanceTakesTheRecordOfGetAway) {
    typename TestFixture::JournalType journal({.capacity_records = 8});
    auto reader = journal.reader();
    this->append(journal, 0, 3);
    ASSERT_TRUE(reader.next());
    reader.advance(reader.peek(1).size());
    EXPECT_EQ(reader.get(), nullptr);
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(*reader.get(), 2u);
}

TYPED_TEST(InPlaceJournal, AdvancePassesAllThatIsPublishedAndNoMore) {
    typename TestFixture::JournalType journal({.capacity_records = 8});
    auto reader = journal.reader();
    this->append(journal, 0, 2);
    ASSERT_EQ(reader.peek(8).size(), 2u);
    this->append(journal, 2, 2);
    reader.advance(3);
    EXPECT_EQ(reader.get_index(), 3u);
    EXPECT_DEATH(reader.advance(2), "a reader passes only published records");
    EXPECT_EQ(this->take(reader), std::vector<Value>{3});
}

TYPED_TEST(InPlaceJournal, PublishOfMoreThanWasClaimedAborts) {
    const char* const fault = "only claimed records are published";
    typename TestFixture::JournalType journal({.capacity_records = 8, .max_claim_records = 4});
    auto reader = journal.reader();
    EXPECT_DEATH(journal.publish(1), fault) << "there is room, but nobody claimed it";
    ASSERT_EQ(journal.claim(2).size(), 2u);
    EXPECT_DEATH(journal.publish(3), fault) << "there is room for three";
    journal.publish(2);
    EXPECT_TRUE(journal.claim(5).empty());
    EXPECT_DEATH(journal.publish(1), fault) << "a refused claim is none";
    EXPECT_EQ(reader.peek(8).size(), 2u);
}

// What a claim spilled over the ring's end is moved when it is published: not in two steps.
TYPED_TEST(InPlaceJournal, ClaimEndsWithItsPublishAndWithAnAppend) {
    const char* const fault = "only claimed records are published";
    typename TestFixture::JournalType journal({.capacity_records = 8, .max_claim_records = 4});
    auto reader = journal.reader();
    ASSERT_EQ(journal.claim(4).size(), 4u);
    journal.publish(1);
    EXPECT_DEATH(journal.publish(3), fault);
    ASSERT_EQ(journal.claim(4).size(), 4u);
    this->append(journal, 1, 1);
    EXPECT_DEATH(journal.publish(3), fault);
    journal.publish(0);
    EXPECT_EQ(reader.peek(8).size(), 2u);
}

TEST(JournalDeathTest, ImpossibleShapesAbort) {
    using StopJournal = Journal<Value, FullPolicy::stop>;
    EXPECT_DEATH(StopJournal({.capacity_records = 0}), "a journal holds at least one record");
    EXPECT_DEATH(StopJournal({.capacity_records = 8, .max_claim_records = 0}),
                 "a claim holds at least one record");
    EXPECT_DEATH(StopJournal({.capacity_records = 8, .max_claim_records = 9}),
                 "a claim fits the journal");
}

}  // namespace
}  // namespace roda
