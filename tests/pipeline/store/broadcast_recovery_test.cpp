// SPDX-License-Identifier: Apache-2.0
// Writers that are killed at any instruction: the next one goes on, no reader sees half a record.
#include <gtest/gtest.h>
#include <chrono>
#include <cstring>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "pipeline/store/broadcast_journal.hpp"
#include "tests/pipeline/checked_record.hpp"
#include "tests/pipeline/child_process.hpp"
#include "tests/pipeline/temporary_directory.hpp"

namespace roda {
namespace {

// Large records and a small ring, so that a kill often lands inside a copy.
using Record = CheckedRecord<127>;
using Reader = BroadcastReader<Record>;

constexpr JournalOptions options{.capacity_records = 16, .schema = 5};

/// Follows one record at a time, so that each sequence must be exactly the reader's position.
class Follower {
  public:
    explicit Follower(const std::string& path)
        : reader_(path, options.schema, Reader::From::start) {}

    /// Polls until `is_enough()`, at most for `time`. Leaves the core to the writer when idle.
    template <class Condition>
    void poll_until(const Condition& is_enough, std::chrono::microseconds time) {
        const auto end = std::chrono::steady_clock::now() + time;
        while (!is_enough() && std::chrono::steady_clock::now() < end) {
            if (!poll()) {
                std::this_thread::yield();
            }
        }
    }

    bool poll() {
        const auto polled = reader_.poll(std::span<Record>(&record_, 1));
        if (polled.records == 0) {
            return false;
        }
        ++records_;
        faults_ += record_.is_whole() && record_.sequence + 1 == reader_.get_index() ? 0 : 1;
        return true;
    }

    std::uint64_t records() const { return records_; }

    std::uint64_t faults() const { return faults_; }

    const Reader& reader() const { return reader_; }

  private:
    Reader reader_;
    Record record_{};
    std::uint64_t records_ = 0;
    std::uint64_t faults_ = 0;
};

int write_for_ever(const std::string& path) {
    BroadcastJournal<Record> journal(path, options);
    for (;;) {
        journal.append(Record::of(journal.written()));
    }
}

TEST(BroadcastRecovery, KilledWritersLeaveNothingTornAndNoSequenceTwice) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("alerts");
    { const BroadcastJournal<Record> created(path, options); }
    Follower follower(path);
    std::mt19937 random(3);
    std::uint64_t epoch = follower.reader().epoch();
    std::uint64_t before = 0;
    for (int kills = 0; kills < 40; ++kills) {
        ChildProcess writer([&] { return write_for_ever(path); });
        if (kills % 4 != 0) {  // the others may be killed while they start
            follower.poll_until([&] { return follower.reader().epoch() != epoch; },
                                std::chrono::seconds(5));
            EXPECT_GT(follower.reader().epoch(), epoch);
        }
        follower.poll_until([] { return false; }, std::chrono::microseconds(random() % 8'000));
        writer.kill();
        ASSERT_EQ(writer.wait(), -SIGKILL);
        while (follower.poll()) {
        }
        EXPECT_GE(follower.reader().epoch(), epoch);
        epoch = follower.reader().epoch();
        EXPECT_GE(follower.reader().get_index(), before);
        before = follower.reader().get_index();
        // One that comes now finds whole records only, whatever the dead writer was doing.
        Follower late(path);
        while (late.poll()) {
        }
        EXPECT_EQ(late.faults(), 0u);
        EXPECT_EQ(late.reader().get_index(), before);
    }
    EXPECT_EQ(follower.faults(), 0u);
    EXPECT_GT(follower.records(), 100u);
    BroadcastJournal<Record> last(path, options);
    EXPECT_EQ(last.written(), before);
}

/// The state of a writer that died inside append(): claimed, half copied, not published.
void die_inside_append(const std::string& path, std::uint64_t published) {
    const JournalShape shape = JournalShape::of(options, sizeof(Record));
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
        const JournalShape shape = JournalShape::of(options, sizeof(Record));
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

}  // namespace
}  // namespace roda
