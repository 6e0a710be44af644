// SPDX-License-Identifier: Apache-2.0
// Results as tables for people and as JSON for programs.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "bench/harness.hpp"
#include "bench/judge.hpp"
#include "bench/machine.hpp"

namespace roda::bench {

std::string facts_text(std::string_view bench, const Facts& facts);

/// Variants with ns per record, rate, ratio to the base (median of the rounds' ratios) and digest;
/// quantiles of latency; remarks. Rounds on near and on far cores in tables of their own.
std::string table_text(const Result& result);

/// One line a gate: figure, gate, aim and how far it is. Each beginning with `gate`, so that run.sh
/// can gather them.
std::string gates_text(std::span<const Judged> judged);

std::string json_text(std::string_view bench,
                      const Facts& facts,
                      std::span<const Result> results,
                      std::span<const Judged> judged);

}  // namespace roda::bench
