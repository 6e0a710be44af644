// SPDX-License-Identifier: Apache-2.0
// Measures variants of one piece of work side by side, round by round. Only ratios within one run
// mean anything: absolute figures move with the machine's mood, both sides of a ratio alike.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
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
};

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
    bool between_cores_ = false;
};

struct Spread {
    double median = 0;
    double min = 0;
    double max = 0;

    static Spread of(std::vector<double> values);
};

/// What measuring a comparison gave.
struct Result {
    struct Row {
        std::string name;
        bool same_work;
        std::vector<double> ns_per_record;    // one for each round kept
        std::optional<std::uint64_t> digest;  // of the first round: the same in every run
    };

    std::string name;
    std::uint64_t records;  // of one run
    std::vector<Row> rows;
    std::uint32_t dropped_rounds = 0;    // another task took the core, or the cores moved
    bool kept_disturbed = false;         // too few quiet rounds: all were kept
    bool disagreement = false;           // same work, different digests
    std::vector<double> round_trips_ns;  // core to core, around each run that was kept

    const Row* row(std::string_view variant) const noexcept;

    /// The base of the printed ratios.
    const Row& base() const noexcept;

    /// Time of `a` : time of `b`, taken within each round, then the median (and extremes) over
    /// the rounds: what slowed the whole round down cancels out.
    static Spread ratio(const Row& a, const Row& b);

    /// "near", "far", "mixed"; empty for work on one core.
    std::string_view distance() const noexcept;
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
        std::vector<double> round_trips_ns;
        bool disturbed = false;
    };

    Round run_round(Result& result) const;
    double run_once(const Variant& variant, Round& round) const;
    void calibrate(Round& round) const;

    const Options& options_;
    const Comparison& comparison_;
};

/// More preemptions than this in one run, and its round does not count (performance.md 8).
inline constexpr std::uint64_t max_preemptions = 30;

}  // namespace roda::bench
