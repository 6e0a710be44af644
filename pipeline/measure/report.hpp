// SPDX-License-Identifier: Apache-2.0
// Measurements as lines on stderr, for programs that have nothing better: benches, examples,
// replays. They write, so they cost a system call: not for each burst.
#pragma once

#include <array>
#include <cstddef>
#include <cstdio>
#include <utility>

#include "pipeline/measure/histogram.hpp"
#include "pipeline/measure/rate.hpp"

namespace roda {

/// A short text in place: no allocation.
struct HumanText {
    std::array<char, 32> text;

    const char* c_str() const noexcept { return text.data(); }
};

/// Three digits and a decimal prefix: `12.3 k`, `4.56 M`, `100 G`.
inline HumanText format_human(double value) noexcept {
    constexpr std::array<const char*, 5> prefixes{"", " k", " M", " G", " T"};
    std::size_t prefix = 0;
    while (value >= 999.5 && prefix + 1 < prefixes.size()) {  // 999.5 would be printed as 1e+03
        value /= 1'000;
        ++prefix;
    }
    HumanText out{};
    std::snprintf(out.text.data(), out.text.size(), "%.3g%s", value, prefixes[prefix]);
    return out;
}

/// What print_progress() gives: a report for progress().
struct ProgressPrinter {
    const char* name;

    void operator()(const Progress& progress) const noexcept {
        std::fprintf(stderr,
                     "%s: %s records, %s/s, %s/s on average, %.1f s\n",
                     name,
                     format_human(static_cast<double>(progress.records)).c_str(),
                     format_human(progress.interval_per_s).c_str(),
                     format_human(progress.average_per_s).c_str(),
                     static_cast<double>(progress.elapsed_ns) / 1e9);
    }
};

/// `progress({.every_records = 10'000'000}, print_progress("readings"))`. Keeps the pointer.
inline ProgressPrinter print_progress(const char* name) noexcept {
    return {name};
}

/// One line: count, quantiles, extremes.
inline void print_latency(const char* name, const LatencyHistogram& histogram) noexcept {
    const LatencyStats stats = histogram.stats();
    const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
    std::fprintf(stderr,
                 "%s: %llu samples, ns: min %llu, mean %.0f, p50 %llu, p90 %llu, p99 %llu, "
                 "p99.9 %llu, p99.99 %llu, max %llu\n",
                 name,
                 number(stats.count),
                 number(stats.min_ns),
                 stats.mean_ns,
                 number(stats.p50_ns),
                 number(stats.p90_ns),
                 number(stats.p99_ns),
                 number(stats.p999_ns),
                 number(stats.p9999_ns),
                 number(stats.max_ns));
}

}  // namespace roda
