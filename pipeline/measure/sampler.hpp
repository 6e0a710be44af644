// SPDX-License-Identifier: Apache-2.0
// Times each n-th run of a piece of code into a histogram; reads no clock for the others.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "pipeline/base/check.hpp"
#include "pipeline/measure/clocks.hpp"
#include "pipeline/measure/histogram.hpp"

namespace roda {

/// Thread: one, the histogram's. Cost: a decrement and a branch for what is not sampled.
template <class Clock = MonotonicClock>
class LatencySampler {
  public:
    /// Records the time until its end when its turn was sampled.
    class [[nodiscard]] Guard {
      public:
        [[gnu::always_inline]] explicit Guard(LatencySampler& sampler) noexcept
            : sampler_(sampler.take_turn() ? &sampler : nullptr),
              start_ns_(sampler_ != nullptr ? sampler.now_ns() : 0) {}

        [[gnu::always_inline]] ~Guard() {
            if (sampler_ != nullptr) [[unlikely]] {
                const std::uint64_t end_ns = sampler_->now_ns();
                sampler_->record(end_ns - std::min(start_ns_, end_ns));
            }
        }

        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;

      private:
        LatencySampler* sampler_;
        std::uint64_t start_ns_;
    };

    /// Samples the turns `sample_every`, 2 x `sample_every`, ... `histogram` must outlive it.
    explicit LatencySampler(LatencyHistogram& histogram,
                            std::uint64_t sample_every = 1,
                            Clock clock = {})
        : histogram_(&histogram),
          sample_every_(sample_every),
          turns_left_(sample_every),
          clock_(std::move(clock)) {
        check(sample_every > 0, "a latency sampler samples each n-th turn: n is at least 1");
    }

    /// Takes a turn that lasts until the guard's end:
    /// `const auto guard = sampler.sample();`
    [[gnu::always_inline]] Guard sample() noexcept { return Guard(*this); }

    /// Takes a turn that lasted `duration_ns`.
    [[gnu::always_inline]] void sample(std::uint64_t duration_ns) noexcept {
        if (take_turn()) {
            record(duration_ns);
        }
    }

    /// Counts one turn. True when it is to be sampled: for whoever times by himself.
    [[gnu::always_inline]] bool take_turn() noexcept {
        if (--turns_left_ != 0) [[likely]] {
            return false;
        }
        turns_left_ = sample_every_;
        return true;
    }

    /// Records a sample whose turn was taken.
    [[gnu::always_inline]] void record(std::uint64_t duration_ns) noexcept {
        histogram_->record(duration_ns);
    }

    std::uint64_t now_ns() const noexcept { return clock_(); }

    /// True when `duration_ns` is above the 99.9th percentile; never before 100 samples.
    ///
    /// Cost: O(1). The percentile is kept, and read again when the samples have grown by an eighth.
    bool is_outlier(std::uint64_t duration_ns) noexcept {
        const std::uint64_t count = histogram_->count();
        if (count < least_samples) {
            return false;
        }
        if (count >= refresh_at_ || count < refreshed_at_) [[unlikely]] {
            limit_ns_ = histogram_->quantile(0.999);
            refreshed_at_ = count;
            refresh_at_ = count + std::max(count / 8, least_growth);
        }
        return duration_ns > limit_ns_;
    }

    /// Forgets the histogram's contents and where in the n turns it was.
    void reset() noexcept {
        histogram_->reset();
        turns_left_ = sample_every_;
        refreshed_at_ = 0;
        refresh_at_ = least_samples;
    }

    const LatencyHistogram& histogram() const noexcept { return *histogram_; }

  private:
    static constexpr std::uint64_t least_samples = 100;
    static constexpr std::uint64_t least_growth = 128;

    LatencyHistogram* histogram_;
    std::uint64_t sample_every_;
    std::uint64_t turns_left_;
    std::uint64_t limit_ns_ = 0;
    std::uint64_t refreshed_at_ = 0;
    std::uint64_t refresh_at_ = least_samples;
    [[no_unique_address]] Clock clock_;
};

}  // namespace roda
