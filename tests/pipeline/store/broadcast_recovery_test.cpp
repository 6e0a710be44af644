// SPDX-License-Identifier: Apache-2.0
// Writers that are killed at any instruction: the next one goes on, no reader sees half a record.
#include <gtest/gtest.h>
#include <atomic>
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

const JournalOptions options{.capacity_records = 16, .schema = 5};

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

/// Never waits, so that a kill lands in the middle of whatever a writer does.
int lap_for_ever(const std::string& path) {
    BroadcastJournal<Record> journal(path, options);
    for (;;) {
        journal.append(Record::of(journal.written()));
    }
}

TEST(BroadcastRecovery, AThousandKilledWritersLeaveNothingTornAndNoSequenceTwice) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("alerts");
    { const BroadcastJournal<Record> created(path, options); }
    Follower follower(path);
    std::mt19937 random(3);
    std::uint64_t epoch = follower.reader().epoch();
    std::uint64_t before = 0;
    std::uint64_t lives_with_records = 0;
    for (int kills = 0; kills < 1'000; ++kills) {
        ChildProcess writer([&] { return lap_for_ever(path); });
        if (kills % 4 != 0) {  // the others may be killed while they start
            follower.poll_until([&] { return follower.reader().epoch() != epoch; },
                                std::chrono::seconds(5));
            EXPECT_GT(follower.reader().epoch(), epoch);
        }
        follower.poll_until([] { return false; }, std::chrono::microseconds(random() % 2'000));
        writer.kill();
        ASSERT_EQ(writer.wait(), -SIGKILL);
        while (follower.poll()) {
        }
        EXPECT_GE(follower.reader().epoch(), epoch);
        epoch = follower.reader().epoch();
        EXPECT_GE(follower.reader().get_index(), before);
        lives_with_records += follower.reader().get_index() != before ? 1 : 0;
        before = follower.reader().get_index();
        // One that comes now finds whole records only, whatever the dead writer was doing.
        Follower late(path);
        while (late.poll()) {
        }
        EXPECT_EQ(late.faults(), 0u);
        EXPECT_EQ(late.reader().get_index(), before);
    }
    EXPECT_EQ(follower.faults(), 0u);
    EXPECT_GT(lives_with_records, 500u);
    BroadcastJournal<Record> last(path, options);
    EXPECT_EQ(last.written(), before);
}

using SlowRecord = CheckedRecord<7>;
using HistoryJournal = Journal<SlowRecord, FullPolicy::stop>;
using HistoryReader = AttachedReader<SlowRecord, FullPolicy::stop>;

JournalOptions history_options(const std::string& path) {
    return {.capacity_records = 1u << 17, .max_claim_records = 3, .schema = 6, .path = path};
}

/// Writes claims in place, word by word and slowly, so that a kill often lands inside one; some
/// 100 us of it, so that a thousand lives fit the capacity.
int keep_history(const std::string& path) {
    HistoryJournal journal(history_options(path));
    for (int claims = 0; claims < 40; ++claims) {
        const std::span<SlowRecord> slots = journal.claim(3);
        for (std::size_t i = 0; i < slots.size(); ++i) {
            const SlowRecord record = SlowRecord::of(journal.written() + i);
            slots[i].sequence = record.sequence;
            for (std::size_t word = 0; word < record.words.size(); ++word) {
                std::atomic_ref(slots[i].words[word])
                    .store(record.words[word], std::memory_order_relaxed);
                for (int pauses = 0; pauses < 4; ++pauses) {
                    __builtin_ia32_pause();
                }
            }
        }
        journal.publish(static_cast<std::uint32_t>(slots.size()));
    }
    ::pause();
    return 0;
}

/// Reads on to the end, in place; false when a record is torn or not the next one.
bool read_on(HistoryReader& reader) {
    while (reader.next()) {
        if (!reader.get()->is_whole() || reader.get()->sequence + 1 != reader.get_index()) {
            return false;
        }
    }
    return true;
}

TEST(JournalRecovery, AThousandKilledWritersLeaveAPrefixOfOneHistory) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("history");
    { const HistoryJournal created(history_options(path)); }
    HistoryReader follower(path, 6, HistoryReader::From::start);
    std::mt19937 random(5);
    std::uint64_t before = 0;
    std::uint64_t lives_with_records = 0;
    for (int kills = 0; kills < 1'000; ++kills) {
        const std::uint64_t epoch = follower.epoch();
        ChildProcess writer([&] { return keep_history(path); });
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        while (kills % 4 != 0 && follower.epoch() == epoch &&
               std::chrono::steady_clock::now() < give_up) {
            std::this_thread::yield();
        }
        const auto end =
            std::chrono::steady_clock::now() + std::chrono::microseconds(random() % 200);
        do {
            ASSERT_TRUE(read_on(follower));
        } while (std::chrono::steady_clock::now() < end);
        writer.kill();
        ASSERT_EQ(writer.wait(), -SIGKILL);
        ASSERT_TRUE(read_on(follower));
        lives_with_records += follower.get_index() != before ? 1 : 0;
        before = follower.get_index();
    }
    HistoryJournal last(history_options(path));
    EXPECT_EQ(last.written(), before);
    ASSERT_TRUE(last.append(SlowRecord::of(before))) << "capacity for all lives was meant";
    HistoryReader late(path, 6, HistoryReader::From::start);
    EXPECT_TRUE(read_on(late));
    EXPECT_EQ(late.get_index(), before + 1);
    EXPECT_GT(lives_with_records, 500u);
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
