// SPDX-License-Identifier: Apache-2.0
// Looking at journals of any kind from outside, whole or broken.
#include "pipeline/fleet/journal_observer.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>
#include <vector>

#include "pipeline/base/error.hpp"
#include "pipeline/store/broadcast_journal.hpp"
#include "pipeline/fleet/fleet_observer.hpp"
#include "tests/pipeline/checked_record.hpp"
#include "tests/pipeline/child_process.hpp"
#include "tests/pipeline/temporary_directory.hpp"

namespace roda {
namespace {

using Record = CheckedRecord<7>;
using Copied = JournalObserver::Copied;

class Observed : public ::testing::Test {
  protected:
    JournalOptions options(std::uint64_t records, std::uint32_t claim = 1) const {
        return {
            .capacity_records = records, .max_claim_records = claim, .schema = 77, .path = path_};
    }

    template <class JournalType>
    static void append(JournalType& journal, std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) {
            ASSERT_TRUE(journal.append(Record::of(journal.written())));
        }
    }

    static Copied copy(const JournalObserver& observer, std::uint64_t sequence, Record& record) {
        return observer.copy(sequence, std::as_writable_bytes(std::span<Record, 1>(&record, 1)));
    }

    std::string error() const {
        try {
            const JournalObserver observer(path_);
        } catch (const StartupError& error) {
            return error.what();
        }
        return "";
    }

    TemporaryDirectory directory_;
    std::string path_ = directory_.file("journal");
};

TEST_F(Observed, HeaderTellsAll) {
    BroadcastJournal<Record> journal(path_, options(20));
    append(journal, 40);
    journal.beat(1'000'000);
    const JournalObserver observer(path_);
    const JournalState state = observer.state();
    EXPECT_EQ(state.record_bytes, sizeof(Record));
    EXPECT_EQ(state.ring_records, 32u);
    EXPECT_EQ(state.capacity_records, 20u);
    EXPECT_EQ(state.schema, 77u);
    EXPECT_EQ(policy_name(state.policy), "lap");
    EXPECT_EQ(state.published, 40u);
    EXPECT_EQ(state.claimed, 40u);
    EXPECT_EQ(state.oldest, 8u);
    EXPECT_EQ(state.dropped, 0u);
    EXPECT_EQ(state.epoch, journal.header().epoch.load());
    EXPECT_EQ(state.heartbeat_ns, 1'000'000u);
    EXPECT_TRUE(state.is_alive(1'500'000, 500'000));
    EXPECT_FALSE(state.is_alive(1'500'001, 500'000));
    EXPECT_TRUE(state.is_alive(999'999, 0)) << "a clock that was set back";
}

TEST_F(Observed, RecordsAreCopiedWhileTheyAreHeld) {
    BroadcastJournal<Record> journal(path_, options(4));
    const JournalObserver observer(path_);
    append(journal, 10);
    Record record{};
    EXPECT_EQ(copy(observer, 10, record), Copied::not_yet);
    EXPECT_EQ(copy(observer, 5, record), Copied::no_more);
    for (std::uint64_t sequence = 6; sequence < 10; ++sequence) {
        EXPECT_EQ(copy(observer, sequence, record), Copied::whole);
        EXPECT_TRUE(record.is_whole());
        EXPECT_EQ(record.sequence, sequence);
    }
    std::byte little{};
    EXPECT_EQ(observer.copy(6, {&little, 1}), Copied::no_room);
}

TEST_F(Observed, AStopJournalShowsAllOfItsHistory) {
    Journal<Record, FullPolicy::stop> journal(options(4));
    append(journal, 4);
    const JournalObserver observer(path_);
    EXPECT_EQ(observer.state().oldest, 0u);
    Record record{};
    EXPECT_EQ(copy(observer, 0, record), Copied::whole);
    EXPECT_EQ(record.sequence, 0u);
}

TEST_F(Observed, ClaimsOfAGatedJournalAreNeverShown) {
    Journal<Record, FullPolicy::drop_newest> journal(options(8, 3));
    append(journal, 20);
    const JournalObserver observer(path_);
    EXPECT_EQ(observer.state().oldest, 15u) << "a claim may lie over 12, 13 and 14";
    std::memset(static_cast<void*>(journal.claim(3).data()), 0xee, 3 * sizeof(Record));
    Record record{};
    EXPECT_EQ(copy(observer, 14, record), Copied::no_more);
    EXPECT_EQ(copy(observer, 15, record), Copied::whole);
    EXPECT_TRUE(record.is_whole());
    auto reader = journal.reader();
    append(journal, 8);
    EXPECT_FALSE(journal.append(Record::of(0)));
    EXPECT_EQ(observer.state().dropped, 1u);
}

TEST_F(Observed, RecordsOfBytesAreCopiedToo) {
    struct Odd {
        std::array<char, 5> text;
    };

    Journal<Odd, FullPolicy::stop> journal(options(8));
    ASSERT_TRUE(journal.append({{'a', 'b', 'c', 'd', 'e'}}));
    ASSERT_TRUE(journal.append({{'v', 'w', 'x', 'y', 'z'}}));
    const JournalObserver observer(path_);
    EXPECT_EQ(observer.state().record_bytes, 5u);
    std::array<char, 5> text{};
    EXPECT_EQ(observer.copy(1, std::as_writable_bytes(std::span(text))), Copied::whole);
    EXPECT_EQ(std::string(text.data(), 5), "vwxyz");
}

TEST_F(Observed, NoTornRecordFromAWriterAtFullSpeed) {
    { const BroadcastJournal<Record> created(path_, options(8)); }
    ChildProcess writer([&] {
        BroadcastJournal<Record> journal(path_, options(8));
        for (;;) {
            journal.append(Record::of(journal.written()));
        }
        return 0;
    });
    const JournalObserver observer(path_);
    std::uint64_t whole = 0;
    std::uint64_t faults = 0;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    for (std::uint64_t tried = 0;
         (tried < 200'000 || whole < 1'000) && std::chrono::steady_clock::now() < end;
         ++tried) {
        Record record{};
        const std::uint64_t sequence = observer.state().published - 1 - tried % 6;
        if (copy(observer, sequence, record) == Copied::whole) {
            ++whole;
            faults += record.is_whole() && record.sequence == sequence ? 0 : 1;
        }
    }
    EXPECT_GE(whole, 1'000u);
    EXPECT_EQ(faults, 0u);
}

TEST_F(Observed, NothingIsMadeAndNothingIsChanged) {
    EXPECT_NE(error().find("No such file"), std::string::npos) << error();
    EXPECT_FALSE(std::filesystem::exists(path_));
    { const BroadcastJournal<Record> created(path_, options(8)); }
    const auto before = std::filesystem::last_write_time(path_);
    const JournalObserver observer(path_);
    Record record{};
    EXPECT_EQ(observer.state().published, 0u);
    EXPECT_EQ(copy(observer, 0, record), Copied::not_yet);
    EXPECT_EQ(std::filesystem::last_write_time(path_), before);
    EXPECT_NO_THROW(BroadcastJournal<Record>(path_, options(8))) << "it holds a lock";
}

// Any header at all: an error that says something, or states and copies that stay in the file.
TEST_F(Observed, HostileHeadersAreRefusedOrHarmless) {
    {
        BroadcastJournal<Record> journal(path_, options(8));
        append(journal, 20);
    }
    const int file = ::open(path_.c_str(), O_RDWR);
    std::vector<char> good(std::filesystem::file_size(path_));
    ASSERT_EQ(::pread(file, good.data(), good.size(), 0), static_cast<ssize_t>(good.size()));
    std::mt19937_64 random(11);
    const std::uint64_t evil[] = {0, 1, 3, 7, 8, 9, 4095, 4096, 1u << 31, ~0u, 1ull << 63, ~0ull};
    int refused = 0;
    for (int round = 0; round < 3'000; ++round) {
        std::vector<char> bytes = good;
        const int changes = 1 + static_cast<int>(random() % 3);
        for (int change = 0; change < changes; ++change) {
            // The prefix and geometry, or one of the counters, in words and half words.
            const std::size_t at = random() % 4 != 0 ? random() % 20 * 4 : 128 * (1 + random() % 4);
            const std::uint64_t word =
                random() % 4 == 0 ? random() : evil[random() % std::size(evil)];
            std::memcpy(bytes.data() + at, &word, random() % 2 == 0 ? 4 : 8);
        }
        if (random() % 8 == 0) {
            bytes.resize(random() % bytes.size());
        }
        ASSERT_EQ(::ftruncate(file, static_cast<off_t>(bytes.size())), 0);
        ASSERT_EQ(::pwrite(file, bytes.data(), bytes.size(), 0),
                  static_cast<ssize_t>(bytes.size()));
        try {
            const JournalObserver observer(path_);
            const JournalState state = observer.state();
            std::vector<std::byte> record(std::min<std::uint64_t>(state.record_bytes, 1u << 20));
            for (const std::uint64_t sequence : evil) {
                observer.copy(sequence, record);
            }
            observer.copy(state.published - 1, record);
        } catch (const StartupError& error) {
            ++refused;
            EXPECT_GT(std::strlen(error.what()), path_.size() + 10);
        }
    }
    ::close(file);
    EXPECT_GT(refused, 500);
    EXPECT_LT(refused, 3'000);
}

TEST_F(Observed, FleetIsAllThatLiesUnderThePrefix) {
    const std::string prefix = directory_.file("plant.");
    BroadcastJournal<Record> one(prefix + "alerts.1", options(8));
    BroadcastJournal<std::uint64_t> two(prefix + "other", {.capacity_records = 4});
    append(one, 3);
    std::ofstream(prefix + "rubbish") << "no journal";
    std::ofstream(directory_.file("elsewhere")) << "of nobody";
    const std::vector<FleetMember> members = FleetObserver(prefix).look();
    ASSERT_EQ(members.size(), 3u);
    EXPECT_EQ(members[0].path, prefix + "alerts.1");
    EXPECT_EQ(members[0].fault, "");
    EXPECT_EQ(members[0].state.published, 3u);
    EXPECT_TRUE(members[0].state.is_alive(unix_now_ns(), 10'000'000'000));
    EXPECT_EQ(members[1].state.record_bytes, 8u);
    EXPECT_EQ(members[2].path, prefix + "rubbish");
    EXPECT_NE(members[2].fault.find("truncated"), std::string::npos) << members[2].fault;
    EXPECT_TRUE(FleetObserver(directory_.file("none/")).look().empty());
}

}  // namespace
}  // namespace roda
