// SPDX-License-Identifier: Apache-2.0
// Results against gates.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "bench/gates.hpp"
#include "bench/harness.hpp"

namespace roda::bench {

enum class Verdict {
    met,
    short_of,  // and fails a gated run
    awaited,   // short, and the work that will mend it has not landed
    missed,    // short of an absolute figure, which fails nothing
    skipped,   // left out, or this machine cannot measure it (cores far apart)
    unnamed,   // no such comparison or variant: the table in gates.hpp is wrong
};

std::string_view verdict_name(Verdict verdict) noexcept;

struct Judged {
    const Gate* gate = nullptr;
    Verdict verdict = Verdict::unnamed;
    Spread measured{};            // in the gate's own sense: a ratio, M records/s, ns
    double missed_aim_by = 0;     // as a share of the aim; 0 or less: reached
    std::string_view distance{};  // of the cores in the rounds judged; empty: one core
    bool disturbed = false;       // hardly a quiet round
};

/// The gates of `bench`, in the order of the table. `skipped` names comparisons left out. Between
/// cores the near rounds are judged when there are any; absolute figures on those only.
std::vector<Judged> judge(std::string_view bench,
                          std::span<const Result> results,
                          std::span<const std::string> skipped);

}  // namespace roda::bench
