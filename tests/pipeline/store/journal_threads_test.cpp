// SPDX-License-Identifier: Apache-2.0
// One writer and three readers on threads. Runs by record count, ended earlier by a clock, so that
// the same tests are useful under sanitizers and on slow machines.
#include <gtest/gtest.h>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "pipeline/store/journal.hpp"
#include "tests/pipeline/checked_record.hpp"

namespace roda {
namespace {

constexpr std::uint64_t least_records = 1'000;
constexpr std::uint64_t most_records = 1'000'000;
constexpr auto most_time = std::chrono::milliseconds(400);
constexpr int reader_count = 3;
constexpr std::uint64_t not_ended = ~std::uint64_t{0};

using Record = CheckedRecord<7>;

/// Until when the writer goes on; looked at rarely, because a clock costs more than a record.
class WriterBudget {
  public:
    bool is_spent(std::uint64_t written) {
        return written >= most_records || (written > least_records && ++calls_ % 256 == 0 &&
                                           std::chrono::steady_clock::now() > end_);
    }

  private:
    std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::now() + most_time;
    std::uint64_t calls_ = 0;
};

template <class JournalType>
StreamCheck follow_in_place(typename JournalType::Reader reader,
                            const std::atomic<std::uint64_t>& end) {
    StreamCheck seen;
    while (reader.get_index() != end.load(std::memory_order_acquire)) {
        const auto burst = reader.peek(100);
        if (burst.empty()) {
            std::this_thread::yield();
            continue;
        }
        seen.add(burst);
        reader.advance(burst.size());
    }
    return seen;
}

template <class JournalType, class Write>
std::vector<StreamCheck> run_in_place(JournalType& journal, const Write& write) {
    std::atomic<std::uint64_t> end{not_ended};
    std::vector<StreamCheck> seen(reader_count);
    std::vector<std::thread> threads;
    for (StreamCheck& each : seen) {
        threads.emplace_back([&each, &end, reader = journal.reader()]() mutable {
            each = follow_in_place<JournalType>(std::move(reader), end);
        });
    }
    for (WriterBudget budget; !budget.is_spent(journal.written());) {
        write();
    }
    end.store(journal.written(), std::memory_order_release);
    for (std::thread& thread : threads) {
        thread.join();
    }
    return seen;
}

void expect_all(const std::vector<StreamCheck>& seen, std::uint64_t written) {
    EXPECT_GT(written, least_records);
    for (const StreamCheck& each : seen) {
        EXPECT_EQ(each.records, written);
        EXPECT_EQ(each.gaps + each.torn + each.backwards, 0u);
    }
}

TEST(JournalThreads, WaitingAppendsReachEveryReaderInOrder) {
    Journal<Record, FullPolicy::wait> journal({.capacity_records = 1024});
    const auto seen = run_in_place(journal, [&] { journal.append(Record::of(journal.written())); });
    expect_all(seen, journal.written());
}

TEST(JournalThreads, WaitingClaimsReachEveryReaderInOrder) {
    Journal<Record, FullPolicy::wait> journal({.capacity_records = 256, .max_claim_records = 50});
    const auto seen = run_in_place(journal, [&] {
        const std::span<Record> slots = journal.claim(50);
        if (slots.empty()) {
            std::this_thread::yield();
            return;
        }
        for (std::size_t i = 0; i < slots.size(); ++i) {
            slots[i] = Record::of(journal.written() + i);
        }
        journal.publish(50);
    });
    expect_all(seen, journal.written());
}

TEST(JournalThreads, DroppingJournalDeliversWhatItAcceptedAndCountsTheRest) {
    Journal<Record, FullPolicy::drop_newest> journal({.capacity_records = 64});
    std::uint64_t offered = 0;
    const auto seen = run_in_place(journal, [&] {
        ++offered;
        if (!journal.append(Record::of(journal.written()))) {
            std::this_thread::yield();
        }
    });
    expect_all(seen, journal.written());
    EXPECT_EQ(journal.written() + journal.dropped(), offered);
}

TEST(JournalThreads, StoppedJournalReachesEveryReader) {
    Journal<Record, FullPolicy::stop> journal({.capacity_records = 50'000});
    std::atomic<std::uint64_t> end{50'000};
    std::vector<StreamCheck> seen(reader_count);
    std::vector<std::thread> threads;
    for (StreamCheck& each : seen) {
        threads.emplace_back([&each, &end, reader = journal.reader()]() mutable {
            each = follow_in_place<Journal<Record, FullPolicy::stop>>(std::move(reader), end);
        });
    }
    while (journal.append(Record::of(journal.written()))) {
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    expect_all(seen, 50'000);
}

TEST(JournalThreads, LappingJournalNeverDeliversATornRecordAndCountsExactly) {
    Journal<Record, FullPolicy::lap> journal({.capacity_records = 64});
    std::atomic<std::uint64_t> end{not_ended};

    struct Result {
        StreamCheck seen;
        std::uint64_t missed = 0;
    };

    std::vector<Result> results(reader_count);
    std::vector<std::thread> threads;
    for (Result& result : results) {
        threads.emplace_back([&result, &end, reader = journal.reader()]() mutable {
            std::vector<Record> out(33);
            while (reader.get_index() != end.load(std::memory_order_acquire)) {
                const auto polled = reader.poll(out);
                result.seen.add(std::span<const Record>(out.data(), polled.records));
                result.missed += polled.missed;
                if (polled.records == 0) {
                    std::this_thread::yield();
                }
            }
        });
    }
    for (WriterBudget budget; !budget.is_spent(journal.written());) {
        journal.append(Record::of(journal.written()));
    }
    end.store(journal.written(), std::memory_order_release);
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (const Result& result : results) {
        EXPECT_EQ(result.seen.torn + result.seen.backwards, 0u);
        EXPECT_EQ(result.seen.gaps, result.missed);
        EXPECT_EQ(result.seen.records + result.missed, journal.written());
    }
}

TEST(JournalThreads, GateHoldsTheWriterUntilItsReaderMovesOn) {
    Journal<std::uint64_t, FullPolicy::wait> journal({.capacity_records = 4});
    auto reader = journal.reader();
    std::atomic<std::uint64_t> appended{0};
    std::thread writer([&] {
        for (std::uint64_t value = 0; value < 6; ++value) {
            journal.append(value);
            appended.store(value + 1, std::memory_order_release);
        }
    });
    const auto wait_for = [&](std::uint64_t count) {
        while (appended.load(std::memory_order_acquire) < count) {
            std::this_thread::yield();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        EXPECT_EQ(appended.load(std::memory_order_acquire), count);
    };
    wait_for(4);
    ASSERT_EQ(reader.peek(1).size(), 1u);
    reader.advance(1);
    wait_for(5);
    { const auto leaving = std::move(reader); }  // a reader that goes holds nobody
    writer.join();
    EXPECT_EQ(journal.written(), 6u);
}

}  // namespace
}  // namespace roda
