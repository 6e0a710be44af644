// SPDX-License-Identifier: Apache-2.0
// Journals in files: the next start goes on where the last one ended, and other processes read
// along.
#include <gtest/gtest.h>
#include <unistd.h>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <vector>

#include "pipeline/store/attached_reader.hpp"
#include "pipeline/store/journal.hpp"
#include "tests/pipeline/checked_record.hpp"
#include "tests/pipeline/child_process.hpp"
#include "tests/pipeline/temporary_directory.hpp"

namespace roda {
namespace {

using Value = std::uint64_t;
using StopJournal = Journal<Value, FullPolicy::stop>;
using WaitJournal = Journal<Value, FullPolicy::wait>;
using DropJournal = Journal<Value, FullPolicy::drop_newest>;
using LapJournal = Journal<Value, FullPolicy::lap>;
using StopReader = AttachedReader<Value, FullPolicy::stop>;

class JournalFile : public ::testing::Test {
  protected:
    JournalOptions options(std::uint64_t records, std::uint32_t claim = 1) const {
        return {
            .capacity_records = records, .max_claim_records = claim, .schema = 7, .path = path_};
    }

    /// Runs `body`, which ends in die(), in a process of its own.
    template <class Body>
    static void run_and_die(const Body& body) {
        ChildProcess child([&] {
            body();
            return 0;
        });
        ASSERT_EQ(child.wait(), -SIGKILL);
    }

    /// Killed as it stands: no destructor runs, all gates stay taken.
    static void die() { ::raise(SIGKILL); }

    template <class JournalType>
    static void append(JournalType& journal, std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) {
            ASSERT_TRUE(journal.append(100 + journal.written()));
        }
    }

    /// The records before a reader, in place.
    template <class ReaderType>
    static std::vector<Value> rest_of(ReaderType reader) {
        std::vector<Value> values;
        for (auto burst = reader.peek(100); !burst.empty(); burst = reader.peek(100)) {
            values.insert(values.end(), burst.begin(), burst.end());
            reader.advance(burst.size());
        }
        return values;
    }

    static std::vector<Value> values(Value first, Value end) {
        std::vector<Value> expected(end - first);
        std::iota(expected.begin(), expected.end(), 100 + first);
        return expected;
    }

    void overwrite(std::size_t at, std::uint64_t word) const {
        std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(at));
        file.write(reinterpret_cast<const char*>(&word), sizeof(word));
    }

    template <class Body>
    static std::string error_of(const Body& body) {
        try {
            body();
        } catch (const StartupError& error) {
            return error.what();
        }
        return "no StartupError";
    }

    TemporaryDirectory directory_;
    std::string path_ = directory_.file("journal");
};

TEST_F(JournalFile, StopGoesOnAndItsCapacityIsForTheWholeLife) {
    run_and_die([&] {
        StopJournal journal(options(5));
        append(journal, 3);
        die();
    });
    StopJournal journal(options(5));
    EXPECT_EQ(journal.written(), 3u);
    EXPECT_EQ(journal.room(), 2u);
    journal.publish(0);
    append(journal, 2);
    EXPECT_FALSE(journal.append(0));
    EXPECT_EQ(rest_of(journal.reader()), values(0, 5));
}

TEST_F(JournalFile, EachStartHasAnEpochOfItsOwn) {
    std::uint64_t first = 0;
    {
        const StopJournal journal(options(5));
        first = journal.header().epoch.load();
        EXPECT_GT(journal.header().heartbeat_ns.load(), 0u);
    }
    const StopJournal journal(options(5));
    EXPECT_GT(journal.header().epoch.load(), first);
}

TEST_F(JournalFile, GatesOfDeadReadersAreFreeAndTheirRecordsAreStillThere) {
    run_and_die([&] {
        WaitJournal journal(options(8, 4));
        std::vector<WaitJournal::Reader> readers;
        for (std::size_t i = 0; i < journal_gate_count; ++i) {
            readers.push_back(journal.reader());
        }
        append(journal, 8);
        for (WaitJournal::Reader& reader : readers) {
            reader.advance(reader.peek(5).size());
        }
        readers[3].advance(readers[3].peek(1).size());
        append(journal, 5);
        EXPECT_EQ(journal.room(), 0u);
        die();  // with eight gates taken, the slowest at 5
    });
    WaitJournal journal(options(8, 4));
    EXPECT_EQ(journal.written(), 13u);
    {
        auto slowest = journal.reader();
        EXPECT_EQ(slowest.get_index(), 5u);
        EXPECT_EQ(journal.room(), 0u) << "it holds the writer again";
        EXPECT_EQ(rest_of(std::move(slowest)), values(5, 13));
    }
    std::vector<WaitJournal::Reader> readers;
    for (std::size_t i = 0; i < journal_gate_count; ++i) {
        readers.push_back(journal.reader());
    }
    EXPECT_THROW(journal.reader(), StartupError);
}

TEST_F(JournalFile, ReaderWhoKeptItsPlaceGoesOnThere) {
    run_and_die([&] {
        WaitJournal journal(options(8, 2));
        auto slow = journal.reader();
        append(journal, 6);
        slow.advance(slow.peek(2).size());
        die();
    });
    WaitJournal journal(options(8, 2));
    EXPECT_EQ(rest_of(journal.reader_at(4)), values(4, 6));
    EXPECT_TRUE(rest_of(journal.reader_at_head()).empty());
    EXPECT_EQ(error_of([&] { journal.reader_at(7); }),
              "journal: no record 7: it holds those from 2 up to, not including, 6");
    EXPECT_EQ(error_of([&] { journal.reader_at(1); }),
              "journal: no record 1: it holds those from 2 up to, not including, 6");
}

TEST_F(JournalFile, AfterItsFirstAppendARestartedWriterOwesTheDeadNothing) {
    run_and_die([&] {
        WaitJournal journal(options(4));
        auto slow = journal.reader();
        append(journal, 4);
        die();
    });
    WaitJournal journal(options(4));
    append(journal, 1);
    EXPECT_EQ(journal.reader().get_index(), 5u);
}

TEST_F(JournalFile, AskingForRoomDoesNotTakeThePlaceOfTheDead) {
    run_and_die([&] {
        WaitJournal journal(options(8, 4));
        auto slow = journal.reader();
        append(journal, 8);
        slow.advance(slow.peek(2).size());
        die();
    });
    WaitJournal journal(options(8, 4));
    EXPECT_EQ(journal.room(), 2u) << "what the dead reader had passed";
    auto fast = journal.reader();
    EXPECT_EQ(fast.get_index(), 2u);
    fast.advance(fast.peek(6).size());
    EXPECT_EQ(journal.room(), 8u);
    auto slow = journal.reader();
    EXPECT_EQ(journal.room(), 2u);
    append(journal, 2);
    EXPECT_TRUE(journal.claim(1).empty());
    EXPECT_EQ(rest_of(std::move(slow)), values(2, 10));
}

TEST_F(JournalFile, ReaderBeginsAboveWhatAnUnpublishedClaimMayHaveTouched) {
    run_and_die([&] {
        WaitJournal journal(options(8, 4));
        auto slow = journal.reader();
        append(journal, 8);
        die();
    });
    WaitJournal journal(options(8, 4));
    for (Value& value : journal.claim(4)) {
        value = 666;
    }
    EXPECT_TRUE(rest_of(journal.reader()).empty()) << "the claim needed the room of the dead";
}

TEST_F(JournalFile, StartThatFailsBeforeItsReaderKeepsThePlaceOfTheSlowest) {
    run_and_die([&] {
        WaitJournal journal(options(8));
        auto fast = journal.reader();
        auto slow = journal.reader();
        append(journal, 5);
        fast.advance(fast.peek(4).size());
        slow.advance(slow.peek(2).size());
        die();
    });
    for (int failed = 0; failed < 2; ++failed) {
        run_and_die([&] {
            const WaitJournal journal(options(8));
            die();
        });
    }
    { const WaitJournal ended_in_order(options(8)); }
    WaitJournal journal(options(8));
    EXPECT_EQ(rest_of(journal.reader()), values(2, 5));
    append(journal, 8);
    EXPECT_EQ(journal.reader().get_index(), 13u) << "once settled, it holds nobody";
}

TEST_F(JournalFile, AnotherCapacityOfTheSameRingGoesOnButForStop) {
    {
        WaitJournal journal(options(5));
        append(journal, 3);
    }
    EXPECT_EQ(WaitJournal(options(7)).written(), 3u);
    EXPECT_TRUE(WaitJournal(options(7)).existing());
    EXPECT_FALSE(WaitJournal(options(9)).existing()) << "another ring";
    std::filesystem::remove(path_);
    {
        StopJournal journal(options(5));
        append(journal, 3);
    }
    EXPECT_TRUE(StopJournal(options(5)).existing());
    EXPECT_FALSE(StopJournal(options(7)).existing());
}

TEST_F(JournalFile, RecordsThatADeadWritersClaimMayHaveTouchedAreNotGivenOut) {
    run_and_die([&] {
        WaitJournal journal(options(8, 3));
        append(journal, 20);
        for (Value& value : journal.claim(3)) {
            value = 666;  // in the slots of 12, 13 and 14
        }
        die();
    });
    WaitJournal journal(options(8, 3));
    EXPECT_THROW(journal.reader_at(14), StartupError);
    EXPECT_EQ(rest_of(journal.reader_at(15)), values(15, 20));
}

TEST_F(JournalFile, PositionsThatNoReaderCanHaveHadDoNotLeadAstray) {
    for (const std::uint64_t position : {std::uint64_t{0}, std::uint64_t{10}, ~std::uint64_t{0}}) {
        std::filesystem::remove(path_);
        {
            WaitJournal journal(options(4));
            append(journal, 10);
        }
        overwrite(offsetof(JournalHeader, gates), position);
        overwrite(offsetof(JournalHeader, gates) + sizeof(std::uint64_t), 1);
        WaitJournal journal(options(4));
        auto reader = journal.reader();
        EXPECT_EQ(reader.get_index(), position == 0 ? 6u : 10u);
        EXPECT_LE(journal.room(), 4u);
    }
}

TEST_F(JournalFile, DropCountsOnAcrossStarts) {
    run_and_die([&] {
        DropJournal journal(options(4));
        auto reader = journal.reader();
        append(journal, 4);
        EXPECT_FALSE(journal.append(0));
        die();
    });
    DropJournal journal(options(4));
    EXPECT_EQ(journal.dropped(), 1u);
    auto reader = journal.reader();
    EXPECT_FALSE(journal.append(0));
    EXPECT_EQ(journal.dropped(), 2u);
    EXPECT_EQ(rest_of(std::move(reader)), values(0, 4));
}

TEST_F(JournalFile, AnotherGeometryOrPolicyIsANewFile) {
    const auto make = [&] {
        std::filesystem::remove(path_);
        StopJournal journal(options(8, 2));
        append(journal, 3);
    };
    make();
    EXPECT_EQ(WaitJournal(options(8, 2)).written(), 0u);
    make();
    EXPECT_EQ(StopJournal(options(7, 2)).written(), 0u);
    make();
    EXPECT_EQ(StopJournal(options(8, 3)).written(), 0u);
    make();
    EXPECT_EQ(StopJournal(options(8, 2)).written(), 3u);
    overwrite(offsetof(JournalHeader, published), 9);
    EXPECT_EQ(StopJournal(options(8, 2)).written(), 0u) << "more records than it can hold";
}

TEST_F(JournalFile, SecondWriterIsRefused) {
    const StopJournal journal(options(8));
    EXPECT_THROW(StopJournal{options(8)}, StartupError);
}

TEST_F(JournalFile, AnotherProcessReadsAStopJournalInPlace) {
    using Record = CheckedRecord<5>;
    constexpr std::uint64_t records = 20'000;
    Journal<Record, FullPolicy::stop> journal(options(records));
    ChildProcess follower([&] {
        AttachedReader<Record, FullPolicy::stop> reader(
            path_, 7, AttachedReader<Record, FullPolicy::stop>::From::start);
        StreamCheck seen;
        while (reader.get_index() < records) {
            if (!reader.wait(std::chrono::seconds(10))) {
                return 1;
            }
            const std::span<const Record> burst = reader.peek(100);
            seen.add(burst);
            reader.advance(burst.size());
        }
        const bool history_stays = reader.get_at(0)->is_whole() &&
                                   reader.get_at(0)->sequence == 0 &&
                                   reader.get_window<3>(7)[2].sequence == 9;
        return seen.records == records && seen.torn + seen.gaps == 0 && history_stays ? 0 : 2;
    });
    for (std::uint64_t sequence = 0; sequence < records; ++sequence) {
        journal.append(Record::of(sequence));
        if (sequence % 64 == 0) {
            journal.wake_readers();
        }
    }
    journal.wake_readers();
    EXPECT_EQ(follower.wait(), 0);
}

TEST_F(JournalFile, AttachedReaderStartsWhereItIsTold) {
    StopJournal journal(options(8));
    append(journal, 4);
    StopReader from_start(path_, 7, StopReader::From::start);
    StopReader from_head(path_, 7, StopReader::From::head);
    append(journal, 2);
    ASSERT_TRUE(from_start.next());
    EXPECT_EQ(*from_start.get(), 100u);
    ASSERT_TRUE(from_head.next());
    EXPECT_EQ(*from_head.get(), 104u);
    EXPECT_EQ(*from_head.get_last(), 105u);
    EXPECT_TRUE(from_start.seek(5));
    ASSERT_TRUE(from_start.next());
    EXPECT_EQ(*from_start.get(), 105u);
    EXPECT_FALSE(from_start.has_next());
    EXPECT_FALSE(from_start.seek(7));
    EXPECT_EQ(from_start.get_index(), 6u);
}

TEST_F(JournalFile, ReaderOfAnotherPolicyIsRefused) {
    { const LapJournal journal(options(8)); }
    EXPECT_EQ(error_of([&] { StopReader(path_, 7, StopReader::From::start); }),
              path_ +
                  ": a journal of policy lap, this program reads stop "
                  "(use the tools of the same release as the writer)");
}

TEST_F(JournalFile, HeaderThatLiesLeadsNoReaderOutOfTheFile) {
    {
        StopJournal journal(options(8));
        append(journal, 8);
    }
    StopReader reader(path_, 7, StopReader::From::start);
    overwrite(offsetof(JournalHeader, published), ~std::uint64_t{0});
    EXPECT_EQ(reader.peek(1'000'000).size(), 8u);
    EXPECT_TRUE(reader.get_window<4>(6).empty());
    EXPECT_TRUE(reader.get_window<4>(std::uint64_t{1} << 40).empty());
    ASSERT_NE(reader.get_at(std::uint64_t{1} << 40), nullptr);
    EXPECT_EQ(*reader.get_at(std::uint64_t{1} << 40), 100u) << "wrong, but inside the ring";
}

}  // namespace
}  // namespace roda
