// SPDX-License-Identifier: Apache-2.0
// What the tests of writers that die write and read: records that show a tear, one at a time.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <thread>

#include "pipeline/store/broadcast_journal.hpp"
#include "tests/pipeline/checked_record.hpp"

namespace roda::recovery {

// Large records and a small ring, so that a kill often lands inside a copy.
using Record = CheckedRecord<127>;
using Reader = BroadcastReader<Record>;

inline const JournalOptions options{.capacity_records = 16, .schema = 5};

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

}  // namespace roda::recovery
