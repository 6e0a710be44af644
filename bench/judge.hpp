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
    skipped,   // this machine cannot measure it
    unnamed,   // no such comparison or variant: the table in gates.hpp is wrong
};

std::string_view verdict_name(Verdict verdict) noexcept;

struct Judged {
    const Gate* gate = nullptr;
    Verdict verdict = Verdict::unnamed;
    Spread ratio;                // in the gate's own sense: time ratio or speed-up
    double factor_from_aim = 0;  // 1 or less: the aim is reached
};

/// The gates of `bench`, in the order of the table. `skipped` names comparisons left out.
std::vector<Judged> judge(std::string_view bench,
                          std::span<const Result> results,
                          std::span<const std::string> skipped);

}  // namespace roda::bench
