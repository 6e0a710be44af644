// SPDX-License-Identifier: Apache-2.0
// Writers that are killed at any instruction, a thousand times: readers end at a prefix, no record
// is torn, the next writer goes on with the sequence.
#include <gtest/gtest.h>
#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include "pipeline/store/attached_reader.hpp"
#include "tests/pipeline/child_process.hpp"
#include "tests/pipeline/follower.hpp"
#include "tests/pipeline/stress/kills.hpp"
#include "tests/pipeline/temporary_directory.hpp"

namespace roda {
namespace {

using namespace recovery;

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
    int lives_with_records = 0;
    for (int kill = 0; kill < kills; ++kill) {
        ChildProcess writer([&] { return lap_for_ever(path); });
        if (kill % 4 != 0) {  // the others may be killed while they start
            const std::uint64_t wanted = before + 1 + random() % 500;
            follower.poll_until([&] { return follower.reader().get_index() >= wanted; },
                                std::chrono::seconds(5));
            EXPECT_GT(follower.reader().epoch(), epoch);
        } else {
            follower.poll_until([] { return false; }, std::chrono::microseconds(random() % 2'000));
        }
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
    EXPECT_GE(lives_with_records, kills / 4 * 3);
    BroadcastJournal<Record> last(path, options);
    EXPECT_EQ(last.written(), before);
}

using SlowRecord = CheckedRecord<7>;
using HistoryJournal = Journal<SlowRecord, FullPolicy::stop>;
using HistoryReader = AttachedReader<SlowRecord, FullPolicy::stop>;

JournalOptions history_options(const std::string& path) {
    return {.capacity_records = 1u << 17, .max_claim_records = 3, .schema = 6, .path = path};
}

/// Writes claims in place, word by word and slowly, so that a kill often lands inside one; 120
/// records of it, so that a thousand lives fit the capacity.
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
    int lives_with_records = 0;
    for (int kill = 0; kill < kills; ++kill) {
        ChildProcess writer([&] { return keep_history(path); });
        // Every fourth may be killed while it starts.
        const std::uint64_t wanted = kill % 4 == 0 ? before : before + 1 + random() % 100;
        const auto end = std::chrono::steady_clock::now() +
                         (kill % 4 == 0 ? std::chrono::microseconds(random() % 2'000)
                                        : std::chrono::microseconds(5'000'000));
        do {
            ASSERT_TRUE(read_on(follower));
            std::this_thread::yield();
        } while ((kill % 4 == 0 || follower.get_index() < wanted) &&
                 std::chrono::steady_clock::now() < end);
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
    EXPECT_GE(lives_with_records, kills / 4 * 3);
}

}  // namespace
}  // namespace roda
