// SPDX-License-Identifier: Apache-2.0
// The no-drop rate of a receiver: the highest offered rate at which nothing is lost, found by
// search (RFC 2544, 26.1, with a bisection in place of its descent).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace roda::bench {

/// What one offered load came to, drained.
struct Trial {
    double offered_per_second = 0;  // datagrams, as they really left
    std::uint64_t sent = 0;
    std::uint64_t arrived = 0;
    std::uint64_t gaps = 0;      // missing by the sequence numbers; a loss at the very end is none
    double cpu_ns = 0;           // of the receiving thread, for each reading
    bool sender_kept_up = true;  // with the rate that was asked for

    std::uint64_t lost() const noexcept { return sent - arrived; }

    bool holds() const noexcept { return lost() == 0 && sender_kept_up; }
};

struct Knee {
    double datagrams_per_second = 0;  // 0: nothing held
    bool is_senders = false;          // the sender's limit, not the receiver's
};

struct KneeSearch {
    double from_per_second = 50'000;  // where to begin
    double tolerance = 0.04;          // how near to each other a rate that holds and one that fails
    std::uint32_t tries = 3;          // of a rate, before it fails: a core may be taken away
    double least_per_second = 1'000;  // below it nothing is looked for
};

/// `run(rate)` gives a Trial. Rises until a rate fails or the sender cannot follow, then halves the
/// distance.
template <class Run>
Knee find_knee(const KneeSearch& search, const Run& run) {
    constexpr double step = 1.6;
    Knee knee;
    double fails = std::numeric_limits<double>::infinity();
    double rate = search.from_per_second;
    while (fails > knee.datagrams_per_second * (1 + search.tolerance) &&
           rate >= search.least_per_second) {
        Trial trial = run(rate);
        for (std::uint32_t i = 1; i < search.tries && !trial.holds(); ++i) {
            trial = run(rate);
        }
        if (trial.holds()) {
            knee = {rate, false};
        } else if (trial.lost() != 0) {
            fails = rate;
        } else {
            return {std::max(trial.offered_per_second, knee.datagrams_per_second), true};
        }
        const double above = std::isinf(fails) ? knee.datagrams_per_second * step * step : fails;
        const double below =
            knee.datagrams_per_second == 0 ? fails / (step * step) : knee.datagrams_per_second;
        rate = std::sqrt(above * below);
    }
    return knee;
}

}  // namespace roda::bench
