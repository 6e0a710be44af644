// SPDX-License-Identifier: Apache-2.0
// One writer, three readers, ten million records: what every stress test is made of, and how it
// is known that each reader got what it should.
#pragma once

#include <gtest/gtest.h>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include "tests/pipeline/checked_record.hpp"

namespace roda::stress {

/// Two words: enough to be torn, and cheap enough that all stores get their ten millions under
/// ThreadSanitizer within the time of a test run.
using Record = CheckedRecord<1>;

inline constexpr std::uint64_t record_count = 10'000'000;
inline constexpr std::size_t reader_count = 3;

/// The sum over all words of the records [first, end), from their positions alone.
inline std::uint64_t checksum_of(std::uint64_t first, std::uint64_t end) {
    const auto sum_below = [](std::uint64_t n) {
        const std::uint64_t positions = n * (n - (n == 0 ? 0 : 1)) / 2;
        return positions + (positions + n) * Record::of(0).words[0];
    };
    return sum_below(end) - sum_below(first);
}

/// What one reader got of a stream whose records say their position.
class Receipt {
  public:
    void add(std::span<const Record> burst) {
        stream_.add(burst);
        for (const Record& record : burst) {
            checksum_ += record.sequence + record.words[0];
        }
    }

    /// The store says that it overwrote the next `records` before they could be read.
    void miss(std::uint64_t records) {
        missed_ += records;
        checksum_ += checksum_of(stream_.expected, stream_.expected + records);
    }

    std::uint64_t records() const { return stream_.records; }

    /// Every record of [0, written) was got once, whole and in order, or counted as missed.
    void expect_complete(std::uint64_t written) const {
        EXPECT_EQ(stream_.torn, 0u);
        EXPECT_EQ(stream_.backwards, 0u);
        EXPECT_EQ(stream_.gaps, missed_);
        EXPECT_EQ(stream_.records + missed_, written);
        EXPECT_EQ(checksum_, checksum_of(0, written));
        EXPECT_GT(stream_.records, 0u);
    }

    std::uint64_t missed() const { return missed_; }

  private:
    StreamCheck stream_;
    std::uint64_t checksum_ = 0;
    std::uint64_t missed_ = 0;
};

/// Where the writer stopped; until then, that it did not.
class End {
  public:
    static constexpr std::uint64_t open = ~std::uint64_t{0};

    void set(std::uint64_t written) { written_.store(written, std::memory_order_release); }

    std::uint64_t get() const { return written_.load(std::memory_order_acquire); }

    bool is_set() const { return get() != open; }

  private:
    std::atomic<std::uint64_t> written_{open};
};

/// Runs `read(i)` on three threads while `write()` runs here.
template <class Read, class Write>
void run_crew(const Read& read, const Write& write) {
    std::vector<std::thread> readers;
    for (std::size_t i = 0; i < reader_count; ++i) {
        readers.emplace_back([&read, i] { read(i); });
    }
    write();
    for (std::thread& reader : readers) {
        reader.join();
    }
}

}  // namespace roda::stress
