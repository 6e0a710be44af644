// SPDX-License-Identifier: Apache-2.0
// Gated journals whose process, the writer and its readers, is killed at any instruction, a
// thousand times: the next one goes on with the sequence, its first reader where the slowest of the
// dead stood, and all records between are there and whole.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <new>
#include <random>
#include <thread>
#include <vector>

#include "pipeline/store/journal.hpp"
#include "tests/pipeline/checked_record.hpp"
#include "tests/pipeline/child_process.hpp"
#include "tests/pipeline/stress/kills.hpp"
#include "tests/pipeline/temporary_directory.hpp"

namespace roda {
namespace {

using Record = CheckedRecord<7>;

constexpr std::uint64_t ring_records = 16;
constexpr std::uint32_t longest_claim = 3;

JournalOptions options_of(const std::string& path) {
    return {.capacity_records = ring_records,
            .max_claim_records = longest_claim,
            .schema = 8,
            .path = path};
}

/// What a process is told, and what it found out, in memory that outlives it.
struct Life {
    std::uint64_t written = 0;                           // where the one before ended
    std::uint64_t slowest = 0;                           // where its slowest reader stood
    std::array<std::atomic<std::uint64_t>, 2> passed{};  // by each reader; not yet given back
    std::atomic<std::uint64_t> faults{0};

    void expect(bool holds) { faults += holds ? 0 : 1; }
};

struct Unmap {
    void operator()(Life* life) const { ::munmap(life, sizeof(Life)); }
};

std::unique_ptr<Life, Unmap> shared_life() {
    void* const page =
        ::mmap(nullptr, sizeof(Life), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return std::unique_ptr<Life, Unmap>(page == MAP_FAILED ? nullptr : new (page) Life);
}

void dawdle(int pauses) {
    for (; pauses > 0; --pauses) {
        __builtin_ia32_pause();
    }
}

/// A record is noted as passed before its room can go to the writer.
void pass(Life& life, std::size_t reader, const Record& record, std::uint64_t sequence) {
    life.expect(record.is_whole() && record.sequence == sequence);
    life.passed[reader].store(sequence + 1, std::memory_order_release);
}

template <class Reader>
void read_one_by_one(Life& life, Reader& reader) {
    for (;;) {
        if (reader.next()) {
            dawdle(20);  // often the slowest, often killed with a record in its hands
            pass(life, 0, *reader.get(), reader.get_index() - 1);
        } else {
            std::this_thread::yield();
        }
    }
}

template <class Reader>
void read_bursts(Life& life, Reader& reader) {
    for (;;) {
        const std::span<const Record> burst = reader.peek(5);
        for (std::size_t i = 0; i < burst.size(); ++i) {
            pass(life, 1, burst[i], reader.get_index() + i);
        }
        reader.advance(burst.size());
        std::this_thread::yield();
    }
}

/// In place and slowly, so that a kill often lands inside a claim; now and then by append().
template <class JournalType>
void write_for_ever(JournalType& journal) {
    for (std::uint32_t turn = 0;; ++turn) {
        if (turn % 4 == 0) {
            journal.append(Record::of(journal.written()));
            continue;
        }
        const std::span<Record> slots = journal.claim(turn % 4);
        for (std::size_t i = 0; i < slots.size(); ++i) {
            const Record record = Record::of(journal.written() + i);
            slots[i].sequence = record.sequence;
            for (std::size_t word = 0; word < record.words.size(); ++word) {
                std::atomic_ref(slots[i].words[word])
                    .store(record.words[word], std::memory_order_relaxed);
                dawdle(1);
            }
        }
        journal.publish(static_cast<std::uint32_t>(slots.size()));
        if (slots.empty()) {
            std::this_thread::yield();
        }
    }
}

/// Both readers have their place before the first record of this life.
template <class JournalType>
int live(const std::string& path, Life& life) {
    JournalType journal(options_of(path));
    auto one_by_one = journal.reader();
    auto bursts = journal.reader();
    life.expect(journal.existing());
    life.expect(journal.written() == life.written);
    life.expect(one_by_one.get_index() == life.slowest);
    life.expect(bursts.get_index() == life.slowest);
    std::thread first([&] { read_one_by_one(life, one_by_one); });
    std::thread second([&] { read_bursts(life, bursts); });
    write_for_ever(journal);
    return 0;
}

/// The journal's file as it stands, for whoever has it mapped.
class LeftBehind {
  public:
    explicit LeftBehind(const std::string& path) : region_(Region::attach_read_only(path)) {}

    std::uint64_t written() const { return header().published.load(); }

    /// Where the slowest reader stood; the end when nobody had a place.
    std::uint64_t slowest() const {
        std::uint64_t position = written();
        for (const JournalGate& gate : header().gates) {
            if (gate.in_use.load() != 0) {
                position = std::min(position, gate.position.load());
            }
        }
        return position;
    }

    bool are_whole(std::uint64_t first, std::uint64_t end) const {
        const auto* records = reinterpret_cast<const Record*>(region_.data() + journal_data_offset);
        bool whole = true;
        for (std::uint64_t sequence = first; sequence < end; ++sequence) {
            const Record& record = records[sequence % ring_records];
            whole &= record.is_whole() && record.sequence == sequence;
        }
        return whole;
    }

  private:
    const JournalHeader& header() const {
        return *reinterpret_cast<const JournalHeader*>(region_.data());
    }

    Region region_;
};

template <FullPolicy policy>
class GatedJournalRecovery : public ::testing::Test {
  protected:
    using JournalType = Journal<Record, policy>;

    GatedJournalRecovery() {
        { const JournalType created(options_of(path_)); }
        file_.emplace(path_);
    }

    /// One life, killed when it wrote enough, or after `time`; then what it left.
    void live_and_die(std::uint64_t wanted, std::chrono::microseconds time) {
        life_->written = file_->written();
        life_->slowest = file_->slowest();
        for (auto& passed : life_->passed) {
            passed = life_->slowest;
        }
        ChildProcess process([&] { return live<JournalType>(path_, *life_); });
        const auto end = std::chrono::steady_clock::now() + time;
        while (file_->written() < wanted && std::chrono::steady_clock::now() < end) {
            std::this_thread::yield();
        }
        process.kill();
        ASSERT_EQ(process.wait(), -SIGKILL);

        ASSERT_EQ(life_->faults, 0u);
        ASSERT_GE(file_->written(), life_->written);
        ASSERT_GE(file_->slowest(), life_->slowest) << "a place goes back only by a new journal";
        ASSERT_LE(file_->slowest(), std::min(life_->passed[0].load(), life_->passed[1].load()))
            << "records that no reader had passed are given up";
        ASSERT_LE(file_->written() - file_->slowest(), ring_records);
        ASSERT_TRUE(file_->are_whole(file_->slowest(), file_->written()));
        lives_with_records_ += file_->written() != life_->written ? 1 : 0;
        lives_with_unread_ += file_->slowest() != file_->written() ? 1 : 0;
    }

    /// The last writer gives every place anew, the first of them where the slowest reader stood.
    void expect_all_places_free() {
        const std::uint64_t slowest = file_->slowest();
        JournalType last(options_of(path_));
        EXPECT_EQ(last.written(), file_->written());
        std::vector<typename JournalType::Reader> readers;
        for (std::size_t i = 0; i < journal_gate_count; ++i) {
            readers.push_back(last.reader());
            EXPECT_EQ(readers.back().get_index(), slowest);
        }
        EXPECT_THROW(last.reader(), StartupError);
    }

    void kill_often() {
        ASSERT_NE(life_, nullptr);
        std::mt19937 random(11);
        for (int kill = 0; kill < kills; ++kill) {
            SCOPED_TRACE(kill);
            const bool may_be_starting = kill % 4 == 0;
            const std::uint64_t wanted = file_->written() + 1 + random() % 200;
            live_and_die(may_be_starting ? ~std::uint64_t{0} : wanted,
                         may_be_starting ? std::chrono::microseconds(random() % 2'000)
                                         : std::chrono::seconds(5));
            if (this->HasFatalFailure()) {
                return;
            }
        }
        EXPECT_GE(lives_with_records_, kills / 4 * 3);
        EXPECT_GE(lives_with_unread_, kills / 4) << "the dead hardly held any place";
        expect_all_places_free();
    }

  private:
    TemporaryDirectory directory_;
    std::string path_ = directory_.file("journal");
    std::unique_ptr<Life, Unmap> life_ = shared_life();
    std::optional<LeftBehind> file_;
    int lives_with_records_ = 0;
    int lives_with_unread_ = 0;
};

using WaitJournalRecovery = GatedJournalRecovery<FullPolicy::wait>;
using DropJournalRecovery = GatedJournalRecovery<FullPolicy::drop_newest>;

TEST_F(WaitJournalRecovery, AThousandKilledProcessesLeaveAPrefixAndThePlaceOfTheSlowest) {
    kill_often();
}

TEST_F(DropJournalRecovery, AThousandKilledProcessesLeaveAPrefixAndThePlaceOfTheSlowest) {
    kill_often();
}

}  // namespace
}  // namespace roda
