// SPDX-License-Identifier: Apache-2.0
// What a writer that died left half done: the next one goes on, no reader sees half a record. Real
// deaths, a thousand of them, are in stress/kill_stress_test.cpp.
#include <gtest/gtest.h>
#include <array>
#include <cstring>
#include <filesystem>

#include "tests/pipeline/follower.hpp"
#include "tests/pipeline/temporary_directory.hpp"

namespace roda {
namespace {

using namespace recovery;

/// The state of a writer that died inside append(): claimed, half copied, not published.
void die_inside_append(const std::string& path, std::uint64_t published) {
    const JournalShape shape = JournalShape::of(options, sizeof(Record), FullPolicy::lap);
    const Region region = Region::shared_file(path, shape.region_bytes());
    auto* header = reinterpret_cast<JournalHeader*>(region.data());
    ASSERT_EQ(header->published.load(), published);
    header->claimed.store(published + 1);
    const Record record = Record::of(published);
    std::memcpy(
        region.data() + journal_data_offset + published % options.capacity_records * sizeof(Record),
        &record,
        sizeof(Record) / 2);
}

TEST(BroadcastRecovery, SlotThatAWriterDiedInIsNeverDelivered) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("alerts");
    {
        BroadcastJournal<Record> journal(path, options);
        for (std::uint64_t sequence = 0; sequence < 20; ++sequence) {
            journal.append(Record::of(sequence));
        }
    }
    Follower early(path);  // stands at 4, whose slot the dead writer spoils
    die_inside_append(path, 20);

    Follower between(path);
    EXPECT_EQ(between.reader().get_index(), 5u);

    BroadcastJournal<Record> next(path, options);
    EXPECT_EQ(next.written(), 20u);
    auto inside = next.reader();
    EXPECT_EQ(inside.get_index(), 5u);
    Follower after_restart(path);
    EXPECT_EQ(after_restart.reader().get_index(), 5u);

    next.append(Record::of(20));
    for (Follower* follower : {&early, &between, &after_restart}) {
        while (follower->poll()) {
        }
        EXPECT_EQ(follower->records(), 16u);
        EXPECT_EQ(follower->faults(), 0u);
        EXPECT_EQ(follower->reader().get_index(), 21u);
    }
}

TEST(BroadcastRecovery, WriterThatDiedWhileItMadeTheHeaderIsReplaced) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("alerts");
    {
        const JournalShape shape = JournalShape::of(options, sizeof(Record), FullPolicy::lap);
        const Region region = Region::shared_file(path, shape.region_bytes());
        reinterpret_cast<JournalHeader*>(region.data())->version = journal_version;  // no magic yet
    }
    EXPECT_THROW(Reader(path, options.schema, Reader::From::start), StartupError);
    BroadcastJournal<Record> journal(path, options);
    EXPECT_TRUE(journal.append(Record::of(0)));
    Follower follower(path);
    EXPECT_TRUE(follower.poll());
    EXPECT_EQ(follower.faults(), 0u);
}

// Who attaches as soon as there is a magic number finds a writer who started once, and lives.
TEST(BroadcastRecovery, HeaderIsFinishedWithEpochAndHeartbeat) {
    alignas(JournalHeader) std::array<std::byte, journal_data_offset> page{};
    const JournalHeader& header = *JournalShape::of(options, sizeof(Record), FullPolicy::lap)
                                       .write_header(page.data(), options);
    EXPECT_EQ(header.magic, journal_magic);
    EXPECT_GT(header.created_ns, 0u);
    EXPECT_EQ(header.epoch, header.created_ns);
    EXPECT_EQ(header.heartbeat_ns, header.created_ns);

    const TemporaryDirectory directory;
    const BroadcastJournal<Record> journal(directory.file("alerts"), options);
    EXPECT_EQ(journal.header().epoch, journal.header().created_ns) << "no second start";
}

TEST(BroadcastRecovery, NextWriterShowsItselfAlive) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("alerts");
    {
        BroadcastJournal<Record> journal(path, options);
        journal.beat(1);
    }
    const BroadcastJournal<Record> next(path, options);
    EXPECT_EQ(next.header().heartbeat_ns, next.header().epoch);
}

// Readers look for a new bell when the epoch changes: by then it has to be there.
TEST(BroadcastRecovery, BellIsThereBeforeTheEpochChanges) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("alerts");
    { const BroadcastJournal<Record> journal(path, options); }
    const Reader reader(path, options.schema, Reader::From::head);
    const std::uint64_t epoch = reader.epoch();
    const std::string bell = WakeFile::path_of(path);
    std::filesystem::remove(bell);
    std::filesystem::create_directories(bell + "/occupied");  // no bell can be made there
    EXPECT_THROW(BroadcastJournal<Record>(path, options), StartupError);
    EXPECT_EQ(reader.epoch(), epoch);
    std::filesystem::remove_all(bell);
    const BroadcastJournal<Record> next(path, options);
    EXPECT_GT(reader.epoch(), epoch);
}

}  // namespace
}  // namespace roda
