// SPDX-License-Identifier: Apache-2.0
#include "bench/harness.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "bench/core_distance.hpp"
#include "bench/machine.hpp"
#include "pipeline/base/clock.hpp"

namespace roda::bench {

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

std::string_view Result::distance() const noexcept {
    if (round_trips_ns.empty()) {
        return "";
    }
    const auto [nearest, farthest] = std::ranges::minmax(round_trips_ns);
    return distance_name(nearest) == distance_name(farthest) ? distance_name(nearest) : "mixed";
}

Result Measurement::run() {
    Result result{.name = comparison_.name_,
                  .records = comparison_.records_,
                  .rows = {},
                  .round_trips_ns = {}};
    for (const Comparison::Entry& entry : comparison_.entries_) {
        result.rows.push_back({entry.variant.name, entry.same_work, {}, {}});
    }
    const std::uint32_t wanted = options_.smoke ? 1 : options_.rounds;
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
    for (const Round& round : quiet) {
        for (std::size_t i = 0; i < result.rows.size(); ++i) {
            result.rows[i].ns_per_record.push_back(round.ns_per_record[i]);
        }
        std::ranges::copy(round.round_trips_ns, std::back_inserter(result.round_trips_ns));
    }
    return result;
}

Measurement::Round Measurement::run_round(Result& result) const {
    Round round;
    std::optional<std::uint64_t> first_digest;  // of the variants that do the same work
    for (std::size_t i = 0; i < result.rows.size(); ++i) {
        const Variant& variant = comparison_.entries_[i].variant;
        round.ns_per_record.push_back(run_once(variant, round));
        Result::Row& row = result.rows[i];
        const std::uint64_t digest = variant.result();
        row.digest = row.digest.value_or(digest);
        if (row.same_work) {
            first_digest = first_digest.value_or(digest);
            result.disagreement |= digest != *first_digest;
        }
    }
    const auto is_near = [](double ns) { return ns <= near_max_ns; };
    const auto near = std::ranges::count_if(round.round_trips_ns, is_near);
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
