// SPDX-License-Identifier: Apache-2.0
// The journal in a file between two processes: what readers are promised. What is refused as no
// journal stands in shared_layout_test.cpp.
#include "pipeline/store/broadcast_journal.hpp"

#include <gtest/gtest.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "tests/pipeline/checked_record.hpp"
#include "tests/pipeline/child_process.hpp"
#include "tests/pipeline/temporary_directory.hpp"

namespace roda {
namespace {

using Record = CheckedRecord<3>;
using Reader = BroadcastReader<Record>;

constexpr std::uint64_t schema = 77;

class BroadcastJournalTest : public ::testing::Test {
  protected:
    static JournalOptions options(std::uint64_t records) {
        return {.capacity_records = records, .schema = schema};
    }

    static void append(BroadcastJournal<Record>& journal, std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) {
            ASSERT_TRUE(journal.append(Record::of(journal.written())));
        }
    }

    /// Polls until nothing is left; returns the sequences seen.
    static std::vector<std::uint64_t> drain(Reader& reader, std::uint64_t& missed) {
        std::vector<std::uint64_t> sequences;
        std::vector<Record> out(16);
        for (auto polled = reader.poll(out); polled.records != 0; polled = reader.poll(out)) {
            missed += polled.missed;
            for (std::size_t i = 0; i < polled.records; ++i) {
                EXPECT_TRUE(out[i].is_whole());
                sequences.push_back(out[i].sequence);
            }
        }
        return sequences;
    }

    std::string error_of_reader() const {
        try {
            const Reader reader(path_, schema, Reader::From::start);
        } catch (const StartupError& error) {
            return error.what();
        }
        return "no StartupError";
    }

    void write_journal() const {
        BroadcastJournal<Record> journal(path_, options(16));
        append(journal, 5);
    }

    void overwrite(std::streamoff at, const std::string& bytes) const {
        std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(at);
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }

    TemporaryDirectory directory_;
    std::string path_ = directory_.file("alerts");
};

TEST_F(BroadcastJournalTest, ReaderProcessSeesAllInOrderOrCountsExactly) {
    BroadcastJournal<Record> journal(path_, options(256));
    constexpr std::uint64_t records = 200'000;
    ChildProcess follower([&] {
        Reader reader(path_, schema, Reader::From::start);
        const std::uint64_t first = reader.get_index();
        StreamCheck seen{.expected = first};
        std::uint64_t missed = 0;
        std::vector<Record> out(64);
        while (reader.get_index() < records) {
            const auto polled = reader.poll(out);
            seen.add(std::span<const Record>(out.data(), polled.records));
            missed += polled.missed;
        }
        const bool exact = seen.torn + seen.backwards == 0 && seen.gaps == missed &&
                           seen.records + missed == records - first;
        return exact ? 0 : 1;
    });
    append(journal, records);
    EXPECT_EQ(follower.wait(), 0);
}

TEST_F(BroadcastJournalTest, ReaderFromStartBeginsWithTheOldestAndFromHeadWithTheNext) {
    BroadcastJournal<Record> journal(path_, options(4));
    append(journal, 10);
    Reader from_start(path_, schema, Reader::From::start);
    Reader from_head(path_, schema, Reader::From::head);
    append(journal, 1);
    std::uint64_t missed = 0;
    EXPECT_EQ(drain(from_start, missed), (std::vector<std::uint64_t>{7, 8, 9, 10}));
    EXPECT_EQ(missed, 1u) << "record 6 was there when the reader came";
    missed = 0;
    EXPECT_EQ(drain(from_head, missed), std::vector<std::uint64_t>{10});
    EXPECT_EQ(missed, 0u);
}

TEST_F(BroadcastJournalTest, SequenceGoesOnUnderANewEpochAfterARestart) {
    write_journal();
    Reader reader(path_, schema, Reader::From::start);
    const std::uint64_t first_epoch = reader.epoch();
    BroadcastJournal<Record> next(path_, options(16));
    EXPECT_EQ(next.written(), 5u);
    EXPECT_GT(reader.epoch(), first_epoch);
    append(next, 3);
    std::uint64_t missed = 0;
    EXPECT_EQ(drain(reader, missed), (std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5, 6, 7}));
    EXPECT_EQ(missed, 0u);
}

TEST_F(BroadcastJournalTest, EpochChangesEvenWhenTheClockWasSetBack) {
    write_journal();
    const std::uint64_t future = unix_now_ns() + 1'000'000'000'000u;
    overwrite(offsetof(JournalHeader, epoch),
              std::string(reinterpret_cast<const char*>(&future), sizeof(future)));
    const BroadcastJournal<Record> next(path_, options(16));
    EXPECT_EQ(Reader(path_, schema, Reader::From::start).epoch(), future + 1);
}

TEST_F(BroadcastJournalTest, HeartbeatIsTheWritersLastSign) {
    BroadcastJournal<Record> journal(path_, options(16));
    const Reader reader(path_, schema, Reader::From::head);
    EXPECT_GT(reader.heartbeat_ns(), 0u);
    journal.beat(1234);
    EXPECT_EQ(reader.heartbeat_ns(), 1234u);
}

TEST_F(BroadcastJournalTest, SecondWriterIsRefused) {
    const BroadcastJournal<Record> journal(path_, options(16));
    EXPECT_THROW(BroadcastJournal<Record>(path_, options(16)), StartupError);
    EXPECT_THROW(BroadcastJournal<Record>(path_, options(32)), StartupError);
}

TEST_F(BroadcastJournalTest, WriterWithoutAPathIsRefused) {
    EXPECT_THROW(BroadcastJournal<Record>("", options(16)), StartupError);
}

TEST_F(BroadcastJournalTest, AnotherCapacityOfTheSameRingGoesOn) {
    {
        BroadcastJournal<Record> journal(path_, options(1'000));
        EXPECT_FALSE(journal.existing());
        append(journal, 5);
    }
    {
        const BroadcastJournal<Record> journal(path_, options(1'001));
        EXPECT_EQ(journal.written(), 5u);
        EXPECT_TRUE(journal.existing());
    }
    const BroadcastJournal<Record> journal(path_, options(2'000));
    EXPECT_EQ(journal.written(), 0u);
    EXPECT_FALSE(journal.existing()) << "another ring is another file";
}

// A file of the same size that holds something else must not be rewritten under its readers.
TEST_F(BroadcastJournalTest, FileOfAnotherSchemaIsReplacedAndItsReadersKeepTheOldOne) {
    write_journal();
    Reader old_reader(path_, schema, Reader::From::start);
    JournalOptions other = options(16);
    other.schema = schema + 1;
    BroadcastJournal<Record> replaced(path_, other);
    EXPECT_EQ(replaced.written(), 0u);
    append(replaced, 2);
    std::uint64_t missed = 0;
    EXPECT_EQ(drain(old_reader, missed), (std::vector<std::uint64_t>{0, 1, 2, 3, 4}));
    EXPECT_EQ(missed, 0u);
    EXPECT_EQ(Reader(path_, schema + 1, Reader::From::head).get_index(), 2u);
}

TEST_F(BroadcastJournalTest, GarbageOfTheRightSizeIsReplacedByTheWriter) {
    write_journal();
    overwrite(0, std::string(4096, 'x'));
    const BroadcastJournal<Record> journal(path_, options(16));
    EXPECT_EQ(journal.written(), 0u);
    EXPECT_EQ(Reader(path_, schema, Reader::From::start).get_index(), 0u);
}

TEST_F(BroadcastJournalTest, ReaderMapsTheFileReadOnly) {
    write_journal();
    const Reader reader(path_, schema, Reader::From::start);
    std::ifstream maps("/proc/self/maps");
    std::vector<std::string> rights;
    for (std::string line; std::getline(maps, line);) {
        if (line.find(path_) != std::string::npos) {
            std::string addresses;
            rights.emplace_back();
            std::istringstream(line) >> addresses >> rights.back();
        }
    }
    EXPECT_EQ(rights, std::vector<std::string>{"r--s"});
}

TEST_F(BroadcastJournalTest, MissingFileIsRefusedAndNotCreated) {
    EXPECT_EQ(error_of_reader(),
              path_ + ": cannot open: No such file or directory (is its writer running?)");
    EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace roda
