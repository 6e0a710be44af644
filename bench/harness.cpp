// SPDX-License-Identifier: Apache-2.0
#include "bench/harness.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "bench/core_distance.hpp"
#include "bench/machine.hpp"
#include "pipeline/base/clock.hpp"

namespace roda::bench {
namespace {

bool is_near(const Spread& round_trip_ns) noexcept {
    return round_trip_ns.max <= near_max_ns;
}

/// The values whose round was near, or those whose round was not.
template <class T>
std::vector<T> of_rounds(const std::vector<T>& values,
                         const std::vector<Spread>& round_trips_ns,
                         bool near) {
    std::vector<T> chosen;
    for (std::size_t round = 0; round < std::min(values.size(), round_trips_ns.size()); ++round) {
        if (is_near(round_trips_ns[round]) == near) {
            chosen.push_back(values[round]);
        }
    }
    return chosen;
}

/// Sorts the samples.
Result::Latency latency_of(std::span<std::uint32_t> samples_ns) {
    Result::Latency latency{};
    if (!samples_ns.empty()) {
        std::ranges::sort(samples_ns);
        for (std::size_t i = 0; i < quantiles.size(); ++i) {
            const auto last = static_cast<double>(samples_ns.size() - 1);
            latency[i] = samples_ns[static_cast<std::size_t>(quantiles[i] * last)];
        }
    }
    return latency;
}

}  // namespace

Comparison& Comparison::same_work(Variant variant) {
    entries_.push_back({std::move(variant), true});
    return *this;
}

Comparison& Comparison::yardstick(Variant variant) {
    entries_.push_back({std::move(variant), false});
    return *this;
}

Comparison& Comparison::between_cores() {
    between_cores_ = true;
    return *this;
}

Comparison& Comparison::remark(Remark remark) {
    remarks_.push_back(std::move(remark));
    return *this;
}

Comparison& Comparison::remark(std::string text) {
    return remark([text = std::move(text)](const Result&) { return text; });
}

Comparison& Comparison::at_most_rounds(std::uint32_t rounds) {
    most_rounds_ = rounds;
    return *this;
}

Spread Spread::of(std::vector<double> values) {
    if (values.empty()) {
        return {};
    }
    std::ranges::sort(values);
    const std::size_t upper = values.size() / 2;
    const std::size_t lower = (values.size() - 1) / 2;
    return {(values[lower] + values[upper]) / 2, values.front(), values.back()};
}

const Result::Row* Result::row(std::string_view variant) const noexcept {
    const auto found = std::ranges::find(rows, variant, &Row::name);
    return found == rows.end() ? nullptr : &*found;
}

const Result::Row& Result::base() const noexcept {
    const auto found = std::ranges::find(rows, false, &Row::same_work);
    return found == rows.end() ? rows.front() : *found;
}

Spread Result::ratio(const Row& a, const Row& b) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < std::min(a.ns_per_record.size(), b.ns_per_record.size()); ++i) {
        ratios.push_back(a.ns_per_record[i] / b.ns_per_record[i]);
    }
    return Spread::of(std::move(ratios));
}

std::optional<Spread> Result::Row::latency(std::string_view quantile) const {
    const auto* const found = std::ranges::find(quantile_names, quantile);
    if (found == quantile_names.end() || latency_ns.empty()) {
        return std::nullopt;
    }
    std::vector<double> values;
    for (const Latency& round : latency_ns) {
        values.push_back(round[static_cast<std::size_t>(found - quantile_names.begin())]);
    }
    return Spread::of(std::move(values));
}

Spread Result::over_rounds(std::span<const Spread> rounds) {
    if (rounds.empty()) {
        return {};
    }
    std::vector<double> medians;
    for (const Spread& round : rounds) {
        medians.push_back(round.median);
    }
    return {Spread::of(std::move(medians)).median,
            std::ranges::min(rounds, {}, &Spread::min).min,
            std::ranges::max(rounds, {}, &Spread::max).max};
}

std::string_view Result::distance() const noexcept {
    if (round_trips_ns.empty()) {
        return "";
    }
    const auto near = std::ranges::count_if(round_trips_ns, is_near);
    return near == 0 ? "far" : near == std::ssize(round_trips_ns) ? "near" : "mixed";
}

Result Result::rounds(bool near) const {
    Result chosen = *this;
    for (Row& row : chosen.rows) {
        row.ns_per_record = of_rounds(row.ns_per_record, round_trips_ns, near);
        row.latency_ns = of_rounds(row.latency_ns, round_trips_ns, near);
    }
    chosen.round_trips_ns = of_rounds(round_trips_ns, round_trips_ns, near);
    return chosen;
}

Result Measurement::run() {
    Result result{.name = comparison_.name_, .records = comparison_.records_, .rows = {}};
    for (const Comparison::Entry& entry : comparison_.entries_) {
        result.rows.push_back({entry.variant.name, entry.same_work, {}});
    }
    const std::uint32_t wanted =
        options_.smoke ? 1 : std::min(options_.rounds, comparison_.most_rounds_);
    if (!options_.smoke) {
        run_round(result);
    }
    std::vector<Round> quiet;
    std::vector<Round> disturbed;
    while (quiet.size() < wanted && disturbed.size() <= wanted) {
        Round round = run_round(result);
        (round.disturbed && !options_.smoke ? disturbed : quiet).push_back(std::move(round));
    }
    result.dropped_rounds = static_cast<std::uint32_t>(disturbed.size());
    if (quiet.size() < std::min(wanted, 3u)) {
        result.kept_disturbed = true;
        std::ranges::move(disturbed, std::back_inserter(quiet));
    }
    for (Round& round : quiet) {
        keep(std::move(round), result);
    }
    for (const Remark& remark : comparison_.remarks_) {
        result.remarks.push_back(remark(result));
    }
    return result;
}

void Measurement::keep(Round round, Result& result) const {
    for (std::size_t i = 0; i < result.rows.size(); ++i) {
        result.rows[i].ns_per_record.push_back(round.ns_per_record[i]);
        if (comparison_.entries_[i].variant.samples_ns) {
            result.rows[i].latency_ns.push_back(round.latency_ns[i]);
        }
    }
    if (!round.round_trips_ns.empty()) {
        result.round_trips_ns.push_back(Spread::of(std::move(round.round_trips_ns)));
    }
}

Measurement::Round Measurement::run_round(Result& result) const {
    Round round;
    std::optional<std::uint64_t> first_digest;  // of the variants that do the same work
    for (std::size_t i = 0; i < result.rows.size(); ++i) {
        const Variant& variant = comparison_.entries_[i].variant;
        round.ns_per_record.push_back(run_once(variant, round));
        round.latency_ns.push_back(variant.samples_ns ? latency_of(variant.samples_ns())
                                                      : Result::Latency{});
        Result::Row& row = result.rows[i];
        const std::uint64_t digest = variant.result();
        row.digest = row.digest.value_or(digest);
        if (row.same_work) {
            first_digest = first_digest.value_or(digest);
            result.disagreement |= digest != *first_digest;
        }
    }
    const auto near = std::ranges::count_if(round.round_trips_ns,
                                            [](double trip_ns) { return trip_ns <= near_max_ns; });
    round.disturbed |= near != 0 && near != std::ssize(round.round_trips_ns);
    return round;
}

double Measurement::run_once(const Variant& variant, Round& round) const {
    if (variant.prepare) {
        variant.prepare();
    }
    calibrate(round);
    const std::uint64_t preemptions_before = preemptions();
    const std::uint64_t began_ns = monotonic_now_ns();
    variant.run();
    const std::uint64_t took_ns = monotonic_now_ns() - began_ns;
    round.disturbed |= preemptions() - preemptions_before > max_preemptions;
    calibrate(round);
    return static_cast<double>(took_ns) / static_cast<double>(comparison_.records_);
}

void Measurement::calibrate(Round& round) const {
    if (comparison_.between_cores_) {
        const std::uint32_t trips = options_.size(calibration_trips, 80u);
        round.round_trips_ns.push_back(line_round_trip_ns(options_.cores, trips));
    }
}

}  // namespace roda::bench
