// SPDX-License-Identifier: Apache-2.0
// Measures variants of one piece of work side by side, round by round. Only ratios within one run
// mean anything: absolute figures move with the machine's mood, both sides of a ratio alike.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/options.hpp"

namespace roda::bench {

/// One way to do the work.
struct Variant {
    std::string name;
    std::function<void()> run;              // timed
    std::function<std::uint64_t()> result;  // digest of what run() left behind; not timed
    std::function<void()> prepare = {};     // before each run; not timed
    // What single records took, in ns, for work whose latency counts; sorted by the harness.
    std::function<std::span<std::uint32_t>()> samples_ns = {};
};

struct Result;

/// A sentence about what was measured, made from it: which part is the limit, say.
using Remark = std::function<std::string(const Result&)>;

/// Several variants over the same number of records.
class Comparison {
  public:
    Comparison(std::string name, std::uint64_t records)
        : name_(std::move(name)), records_(records) {}

    /// Variants that do the same work: their digests must be equal in every round.
    Comparison& same_work(Variant variant);

    /// Less or other work, to compare with: memcpy, a floor. The first yardstick, or else the
    /// first variant, is the base of the printed ratios.
    Comparison& yardstick(Variant variant);

    /// The variants run between the two cores: the distance is measured around every run.
    Comparison& between_cores();

    /// Lines below the table: what to hold its absolute figures against, what follows from them.
    Comparison& remark(Remark remark);
    Comparison& remark(std::string text);

    /// For long runs: no more rounds than these, however many were asked for.
    Comparison& at_most_rounds(std::uint32_t rounds);

    const std::string& name() const noexcept { return name_; }

  private:
    friend class Measurement;

    struct Entry {
        Variant variant;
        bool same_work;
    };

    std::string name_;
    std::uint64_t records_;
    std::vector<Entry> entries_;
    std::vector<Remark> remarks_;
    bool between_cores_ = false;
    std::uint32_t most_rounds_ = std::numeric_limits<std::uint32_t>::max();
};

struct Spread {
    double median = 0;
    double min = 0;
    double max = 0;

    static Spread of(std::vector<double> values);
};

/// The quantiles of latency that are reported.
inline constexpr std::array quantiles = {0.5, 0.9, 0.99, 0.999};
inline constexpr std::array<std::string_view, quantiles.size()> quantile_names = {
    "p50", "p90", "p99", "p99.9"};

/// What measuring a comparison gave.
struct Result {
    using Latency = std::array<double, quantiles.size()>;

    struct Row {
        std::string name;
        bool same_work;
        std::vector<double> ns_per_record;      // one for each round kept
        std::optional<std::uint64_t> digest{};  // of the first round: the same in every run
        std::vector<Latency> latency_ns{};      // one for each round kept; empty: not sampled

        /// The quantile with this name, over the rounds; nothing where none was sampled.
        std::optional<Spread> latency(std::string_view quantile) const;
    };

    std::string name;
    std::uint64_t records;  // of one run
    std::vector<Row> rows;
    std::uint32_t dropped_rounds = 0;      // another task took the core, or the cores moved
    bool kept_disturbed = false;           // too few quiet rounds: all were kept
    bool disagreement = false;             // same work, different digests
    std::vector<Spread> round_trips_ns{};  // core to core, one for each round kept
    std::vector<std::string> remarks{};

    const Row* row(std::string_view variant) const noexcept;

    /// The base of the printed ratios.
    const Row& base() const noexcept;

    /// Time of `a` : time of `b`, taken within each round, then the median (and extremes) over
    /// the rounds: what slowed the whole round down cancels out.
    static Spread ratio(const Row& a, const Row& b);

    /// The median of the rounds' medians, the least and greatest of all.
    static Spread over_rounds(std::span<const Spread> rounds);

    /// "near", "far", "mixed"; empty for work on one core. A round is near when every round trip
    /// measured in it was.
    std::string_view distance() const noexcept;

    /// The rounds whose cores were near each other, or those whose cores were not.
    Result rounds(bool near) const;
};

/// Runs the rounds of one comparison.
class Measurement {
  public:
    Measurement(const Options& options, const Comparison& comparison)
        : options_(options), comparison_(comparison) {}

    /// One round to warm up (none in a smoke run), then the rounds that count. A disturbed round
    /// is dropped and repeated, up to as many more rounds as were asked for.
    Result run();

  private:
    struct Round {
        std::vector<double> ns_per_record;
        std::vector<Result::Latency> latency_ns;  // one for each variant; zeros: not sampled
        std::vector<double> round_trips_ns;
        bool disturbed = false;
    };

    Round run_round(Result& result) const;
    double run_once(const Variant& variant, Round& round) const;
    void keep(Round round, Result& result) const;
    void calibrate(Round& round) const;

    const Options& options_;
    const Comparison& comparison_;
};

/// More preemptions than this in one run, and its round does not count (performance.md 8).
inline constexpr std::uint64_t max_preemptions = 30;

}  // namespace roda::bench
