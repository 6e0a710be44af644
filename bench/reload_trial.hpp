// SPDX-License-Identifier: Apache-2.0
// New rules while readings come: how long until all sensors are judged by them, and how long the
// worker is away from its queue at most meanwhile.
#pragma once

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "appliance/rules/load_rules.hpp"
#include "bench/appliance_runs.hpp"

namespace roda::bench {

/// Processor time of this thread: whoever else wants the core is not the rules' fault.
inline std::uint64_t thread_ns() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec);
}

/// A shard under full load, whose rules are loaded anew in each round.
class ReloadTrial {
  public:
    struct Round {
        std::uint64_t compile_ns = 0;  // of the rules, by another thread than the worker's
        std::uint64_t usual_ns = 0;    // the longest step in which nothing was loaded
        std::uint64_t install_ns = 0;  // part of the first step
        std::uint64_t longest_ns = 0;  // step until every sensor was looked at and heard of again
        std::uint64_t settled_ns = 0;  // from the loading to the last sensor of the rules before
    };

    ReloadTrial(Frames& frames, const appliance::Config& config)
        : frames_(frames),
          config_(config),
          source_(frames, proto::ChecksumVerdict::good),
          followed_(config),
          shard_(config,
                 source_,
                 followed_.lane(),
                 appliance::EmitClock::wall,
                 std::make_shared<appliance::Exchange>(
                     config.pipeline, appliance::burst_shape(config), 1),
                 0) {
        edition_ = edition_of(config.rules);
        shard_.detector().install(edition_);
        feed(frames_.size());
    }

    Round run(const std::vector<appliance::Rule>& rules) {
        Round round;
        const std::uint64_t began_ns = thread_ns();
        auto edition = edition_of(rules);
        round.compile_ns = thread_ns() - began_ns;
        round.usual_ns = feed(frames_.size()).longest_ns;

        const std::uint64_t install_ns = thread_ns();
        shard_.detector().install(edition);
        round.install_ns = thread_ns() - install_ns;
        round.longest_ns = round.settled_ns = round.install_ns;
        while (!shard_.detector().is_settled()) {
            const Steps steps = feed(1);
            round.longest_ns = std::max(round.longest_ns, steps.longest_ns);
            round.settled_ns += steps.all_ns;
        }
        // A sensor finds its rules when it speaks again.
        round.longest_ns = std::max(round.longest_ns, feed(2 * frames_.size()).longest_ns);
        while (shard_.detect_step() != 0) {
        }
        edition_ = std::move(edition);
        return round;
    }

    /// No frame, no reading was lost, refused or left behind, and each was judged.
    bool has_taken_all() const {
        const appliance::IngestLedger ledger = shard_.ingest_ledger();
        const appliance::DetectLedger judged = shard_.detector().ledger();
        return ledger.frames_received == fed_frames_ && ledger.datagrams_accepted == fed_frames_ &&
               ledger.datagrams_lost == 0 &&
               judged.readings_accepted == fed_frames_ * frames_.readings_per_frame() &&
               judged.readings_late + judged.alarms_refused == 0;
    }

    /// Of alerts since the beginning.
    std::uint64_t alerts() const { return followed_.alerts(); }

  private:
    struct Steps {
        std::uint64_t longest_ns = 0;
        std::uint64_t all_ns = 0;
    };

    std::shared_ptr<appliance::RuleEdition> edition_of(std::vector<appliance::Rule> rules) {
        config_.rules = std::move(rules);
        return std::make_shared<appliance::RuleEdition>(load_rules(config_, series_),
                                                        edition_.get());
    }

    /// At least so many frames, and whatever the step brings.
    Steps feed(std::uint64_t frames) {
        Steps steps;
        const std::uint64_t until = fed_frames_ + frames;
        while (fed_frames_ < until) {
            if (source_.left() == 0) {
                frames_.go_on();
                source_.rewind();
            }
            const std::size_t left = source_.left();
            const std::uint64_t began_ns = thread_ns();
            shard_.step();
            const std::uint64_t took_ns = thread_ns() - began_ns;
            followed_.read_all();
            fed_frames_ += left - source_.left();
            steps.longest_ns = std::max(steps.longest_ns, took_ns);
            steps.all_ns += took_ns;
        }
        return steps;
    }

    Frames& frames_;
    appliance::Config config_;
    MemorySource source_;
    FollowedLane followed_;
    appliance::SeriesRegistry series_;
    appliance::Shard<MemorySource> shard_;
    std::shared_ptr<appliance::RuleEdition> edition_;
    std::uint64_t fed_frames_ = 0;
};

}  // namespace roda::bench
