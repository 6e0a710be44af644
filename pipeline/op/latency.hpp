// SPDX-License-Identifier: Apache-2.0
// latency, latency_since: how long a part of a pipe takes, and how old an item is that gets here.
#pragma once

#include "pipeline/measure/sampler.hpp"
#include "pipeline/op/pipe.hpp"

namespace roda {

struct LatencyOptions {
    std::uint64_t sample_every = 1;
};

template <class Spec, class Clock, class In>
class Latency {
    static_assert(
        OperatorSpec<Spec, In>,
        "latency(): the timed operator does not accept the record type produced before it");
    using Timed = Pipe<In, Spec>;

  public:
    using Output = typename Timed::Output;

    static constexpr bool sweeps = Timed::sweeps;

    Latency(const LatencySampler<Clock>& sampler, const Spec& spec)
        : sampler_(sampler), timed_(spec) {}

    template <class Next>
    [[gnu::always_inline]] void push(const In& item, Cause cause, Next&& next) {
        const auto guard = sampler_.sample();
        timed_.push(item, cause, next);
    }

    template <class Next>
    void flush(Next&& next) {
        timed_.flush(next);
    }

    template <class Next>
    void advance_time(std::uint64_t now_ns, Cause cause, Next&& next) {
        timed_.advance_time(now_ns, cause, next);
    }

    OperatorCounts counts() const noexcept { return counts_of(timed_); }

  private:
    LatencySampler<Clock> sampler_;
    Timed timed_;
};

template <class Spec, class Clock>
struct LatencySpec {
    LatencySampler<Clock> sampler;
    Spec spec;

    template <class In>
    Latency<Spec, Clock, In> bind() const {
        return Latency<Spec, Clock, In>(sampler, spec);
    }
};

/// Runs `spec` and records how long a push into it takes, for each `sample_every`-th item:
/// `latency(histogram, {.sample_every = 1'000}, pipe(...))`. The histogram outlives the pipe.
///
/// What is timed: `spec` and everything that runs inside the same call, so the operators behind it
/// and the sink as well. Where a keyed_by() of more than a handful of keys is among
/// them, a push looks the item up and updates the
/// one that came 32 items earlier: a sample is then the cost of one item's step, not the time from
/// its entry to its output. The updates that wait for the end of a burst, and advance_time(), are
/// not timed: a burst of up to 32 items records only their entries.
///
/// Thread: the histogram belongs to the pipe's. Errors: sample_every = 0 is the programmer's.
template <class Spec, class Clock = MonotonicClock>
LatencySpec<Spec, Clock> latency(LatencyHistogram& histogram,
                                 const LatencyOptions& options,
                                 Spec spec,
                                 Clock clock = {}) {
    return {LatencySampler<Clock>(histogram, options.sample_every, std::move(clock)),
            std::move(spec)};
}

template <class Stamp, class Clock, class In>
class LatencySince {
    static_assert(std::is_same_v<ResultOf<Stamp, const In&>, std::uint64_t>,
                  "latency_since(): the stamp of an item is nanoseconds in a std::uint64_t");

  public:
    using Output = In;

    LatencySince(Stamp stamp, const LatencySampler<Clock>& sampler)
        : stamp_(std::move(stamp)), sampler_(sampler) {}

    [[gnu::always_inline]] bool admit(const In& item) const {
        if (sampler_.take_turn()) {
            const std::uint64_t now_ns = sampler_.now_ns();
            const std::uint64_t stamp_ns = std::invoke(stamp_, item);
            sampler_.record(now_ns > stamp_ns ? now_ns - stamp_ns : 0);
        }
        return true;
    }

    template <class Next>
    [[gnu::always_inline]] void push(const In& item, Cause cause, Next&& next) {
        admit(item);
        next(item, cause);
    }

    template <class Next>
    void flush(Next&&) {}

  private:
    [[no_unique_address]] Stamp stamp_;
    mutable LatencySampler<Clock> sampler_;  // what counts does not change what passes
};

template <class Stamp, class Clock>
struct LatencySinceSpec {
    Stamp stamp;
    LatencySampler<Clock> sampler;

    template <class In>
        requires std::is_invocable_v<const Stamp&, const In&>
    LatencySince<Stamp, Clock, In> bind() const {
        return LatencySince<Stamp, Clock, In>(stamp, sampler);
    }
};

/// Passes items on and records their age: the clock's time less `stamp(item)`, 0 for a stamp that
/// is ahead of the clock. `latency_since(&Alert::receive_time_ns, histogram)` at the end of a pipe
/// is the whole way since reception, waiting included.
///
/// Units: Unix time, as in the records; give a MonotonicClock{} for stamps of that clock.
/// Thread: the histogram belongs to the pipe's. Cost: one clock read (about 25 ns) for each sample.
template <class Stamp, class Clock = UnixClock>
LatencySinceSpec<Stamp, Clock> latency_since(Stamp stamp,
                                             LatencyHistogram& histogram,
                                             const LatencyOptions& options = {},
                                             Clock clock = {}) {
    return {std::move(stamp),
            LatencySampler<Clock>(histogram, options.sample_every, std::move(clock))};
}

}  // namespace roda
