// SPDX-License-Identifier: Apache-2.0
// The lapping journal: overwritten records are counted to the last one. One thread.
#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "pipeline/store/journal.hpp"

namespace roda {
namespace {

using LapJournal = Journal<std::uint64_t, FullPolicy::lap>;

void append(LapJournal& journal, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
        ASSERT_TRUE(journal.append(journal.written()));
    }
}

struct Seen {
    std::vector<std::uint64_t> records;
    std::uint64_t missed;

    friend bool operator==(const Seen&, const Seen&) = default;
};

Seen poll(LapJournal::Reader& reader, std::size_t most = 64) {
    std::vector<std::uint64_t> out(most);
    const LapJournal::Reader::Polled polled = reader.poll(out);
    out.resize(polled.records);
    return {out, polled.missed};
}

TEST(LapJournal, ReaderThatKeepsUpMissesNothing) {
    LapJournal journal({.capacity_records = 4});
    auto reader = journal.reader();
    EXPECT_EQ(poll(reader), (Seen{{}, 0}));
    append(journal, 4);
    EXPECT_EQ(poll(reader), (Seen{{0, 1, 2, 3}, 0}));
    append(journal, 2);
    EXPECT_EQ(poll(reader), (Seen{{4, 5}, 0}));
    EXPECT_EQ(reader.get_index(), 6u);
}

TEST(LapJournal, CountsExactlyWhatWasOverwritten) {
    LapJournal journal({.capacity_records = 4});
    auto reader = journal.reader();
    append(journal, 5);
    EXPECT_EQ(poll(reader), (Seen{{1, 2, 3, 4}, 1}));
    append(journal, 4 + 100);
    EXPECT_EQ(poll(reader), (Seen{{105, 106, 107, 108}, 100}));
}

TEST(LapJournal, PollFillsOnlyWhatIsOffered) {
    LapJournal journal({.capacity_records = 8});
    auto reader = journal.reader();
    append(journal, 6);
    EXPECT_EQ(poll(reader, 0), (Seen{{}, 0}));
    EXPECT_EQ(poll(reader, 4), (Seen{{0, 1, 2, 3}, 0}));
    append(journal, 8);  // overwrites 4 and 5, which the reader had seen published
    EXPECT_EQ(poll(reader, 4), (Seen{{6, 7, 8, 9}, 2}));
}

TEST(LapJournal, LateReaderBeginsWithTheOldestRecordAndHasMissedNothing) {
    LapJournal journal({.capacity_records = 4});
    append(journal, 10);
    auto reader = journal.reader();
    EXPECT_EQ(reader.get_index(), 6u);
    EXPECT_EQ(poll(reader), (Seen{{6, 7, 8, 9}, 0}));
}

TEST(LapJournal, ReaderAtHeadSeesOnlyWhatComesLater) {
    LapJournal journal({.capacity_records = 4});
    append(journal, 10);
    auto reader = journal.reader_at_head();
    EXPECT_EQ(poll(reader), (Seen{{}, 0}));
    append(journal, 1);
    EXPECT_EQ(poll(reader), (Seen{{10}, 0}));
}

TEST(LapJournal, NeverHoldsTheWriterWhateverTheReaders) {
    LapJournal journal({.capacity_records = 4});
    std::vector<LapJournal::Reader> readers;
    for (std::size_t i = 0; i < 3 * journal_gate_count; ++i) {
        readers.push_back(journal.reader());
    }
    append(journal, 100);
    EXPECT_EQ(journal.room(), 4u);
    for (LapJournal::Reader& reader : readers) {
        EXPECT_EQ(poll(reader), (Seen{{96, 97, 98, 99}, 96}));
    }
}

TEST(LapJournal, SeenPlusMissedIsWrittenOnRandomTraffic) {
    LapJournal journal({.capacity_records = 32});
    auto reader = journal.reader();
    std::mt19937 random(2);
    std::uint64_t expected = 0;
    for (int turn = 0; turn < 10'000; ++turn) {
        append(journal, random() % 40);
        const Seen seen = poll(reader, random() % 40);
        expected += seen.missed;
        for (const std::uint64_t record : seen.records) {
            ASSERT_EQ(record, expected++);
        }
        ASSERT_EQ(expected, reader.get_index());
    }
}

}  // namespace
}  // namespace roda
