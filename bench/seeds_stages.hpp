// SPDX-License-Identifier: Apache-2.0
// The two stages of a seed's workload and the journals around them, to be put on one core or two.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

#include "bench/seeds_work.hpp"
#include "pipeline/base/cache_line.hpp"
#include "pipeline/engine/stage.hpp"

namespace roda::bench {

inline constexpr std::uint64_t input_records = 4'096;  // 96 KB: a ring of its core's own cache
inline constexpr std::uint64_t summary_records =
    65'536;  // 4 MB: falls into the cache both cores share
inline constexpr std::uint64_t alert_records = 65'536;  // 2 MB

/// The events' journal, filled as fast as they can be made, by the thread that reads it.
template <class Work>
class Input {
  public:
    explicit Input(std::uint64_t events) : events_(events) {}

    bool is_over() const noexcept { return sent_ == events_; }

    std::size_t append_burst() noexcept {
        const std::uint64_t count = std::min<std::uint64_t>(burst_records, events_ - sent_);
        const std::span<Reading> room = journal_.claim(static_cast<std::uint32_t>(count));
        for (std::uint64_t i = 0; i < room.size(); ++i) {
            room[i] = Work::event(sent_ + i);
        }
        journal_.publish(static_cast<std::uint32_t>(room.size()));
        sent_ += room.size();
        return room.size();
    }

    StageJournal<Reading>& journal() noexcept { return journal_; }

  private:
    std::uint64_t events_;
    std::uint64_t sent_ = 0;
    StageJournal<Reading> journal_{
        {.capacity_records = input_records, .max_claim_records = burst_records}};
};

/// Who follows the alerts.
class Alerts {
  public:
    explicit Alerts(StageJournal<SeedAlert>& journal) : reader_(journal.reader()) {}

    void read_all() noexcept {
        for (auto burst = reader_.peek(alert_records); !burst.empty();
             burst = reader_.peek(alert_records)) {
            for (const SeedAlert& alert : burst) {
                sum_ += alert.window_ns ^ alert.sensor_id << 56;
            }
            count_ += burst.size();
            reader_.advance(burst.size());
        }
    }

    /// Which alerts. Errors: throws when their number is not the workload's.
    std::uint64_t checked(std::uint64_t oracle) const {
        if (count_ != oracle) {
            throw std::runtime_error(std::to_string(count_) + " alerts; the workload has " +
                                     std::to_string(oracle));
        }
        return sum_ ^ count_ << 32;
    }

  private:
    StageJournal<SeedAlert>::Reader reader_;
    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;
};

/// Events into summaries: what the first thread does.
template <class Work>
class alignas(contention_block_bytes) FirstStage {
    using PipeType = decltype(Work::stage_one(1).template bind<Reading>());

  public:
    explicit FirstStage(std::uint64_t n)
        : input_(Work::events(n)),
          stage_(input_.journal(), Work::stage_one(n).template bind<Reading>(), summary_records) {}

    bool is_over() const noexcept { return input_.is_over() && behind_ == 0; }

    /// Waits for room by coming again.
    void step() {
        if (behind_ == 0) {
            behind_ = input_.append_burst();
        }
        behind_ -= stage_.step();
    }

    StageJournal<SeedSummary>& summaries() noexcept { return stage_.output(); }

  private:
    Input<Work> input_;
    Stage<Reading, PipeType> stage_;
    std::size_t behind_ = 0;
};

/// Summaries into alerts: what the second thread does.
template <class Work>
class alignas(contention_block_bytes) SecondStage {
    using PipeType = decltype(Work::stage_two().template bind<SeedSummary>());

  public:
    explicit SecondStage(StageJournal<SeedSummary>& summaries)
        : stage_(summaries, Work::stage_two().template bind<SeedSummary>(), alert_records),
          alerts_(stage_.output()) {}

    std::size_t step() {
        const std::size_t taken = stage_.step();
        alerts_.read_all();
        return taken;
    }

    const Alerts& alerts() const noexcept { return alerts_; }

  private:
    Stage<SeedSummary, PipeType> stage_;
    Alerts alerts_;
};

}  // namespace roda::bench
