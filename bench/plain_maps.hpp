// SPDX-License-Identifier: Apache-2.0
// The state of sensors as a plain program keeps it, in std::unordered_map, and rules of kind jump
// judged after every reading. It keeps the figures that the appliance keeps, by the same
// arithmetic, so that decisions must be equal to the bit and only the machinery differs.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "appliance/alarms/alert_record.hpp"
#include "appliance/config/config.hpp"
#include "pipeline/base/check.hpp"
#include "proto/records.hpp"

namespace roda::bench {

/// What is known of a sensor.
struct PlainSummary {
    std::uint64_t count;
    double mean;
    double average;
    double variance;
    double last;
    std::uint64_t newest_ns;

    static PlainSummary first(const proto::Reading& reading) noexcept {
        return {1, reading.value, reading.value, 0.0, reading.value, reading.timestamp_ns};
    }

    void add(const proto::Reading& reading, double weight) noexcept {
        ++count;
        const auto readings = static_cast<double>(static_cast<std::int64_t>(count));
        mean += (0.5 * reading.value - 0.5 * mean) / readings * 2.0;
        const double off = reading.value - average;
        variance = (1.0 - weight) * (variance + weight * off * off);
        average = (1.0 - weight) * average + weight * reading.value;
        last = reading.value;
        newest_ns = reading.timestamp_ns;
    }
};

/// The figures that the rules compare with what they were one reading before.
struct PlainFigures {
    double value;
    double mean;

    static PlainFigures of(const PlainSummary& summary) noexcept {
        return {summary.last, summary.mean};
    }

    double of(appliance::Figure figure) const noexcept {
        return figure == appliance::Figure::value ? value : mean;
    }
};

/// One bit for each rule.
using FiringMask = std::uint16_t;

/// Which rules hold for a sensor now, held before, and the figures that say so.
struct PlainChange {
    std::uint64_t sensor_id;
    FiringMask firing;
    FiringMask was;
    PlainFigures before;
    PlainFigures now;
};

class PlainRules {
  public:
    explicit PlainRules(const appliance::Config& config) {
        check(config.rules.size() <= std::numeric_limits<FiringMask>::digits, "a bit for each");
        for (const appliance::Rule& rule : config.rules) {
            const bool of_value = rule.of == appliance::Figure::value;
            check(rule.kind == appliance::RuleKind::jump &&
                      rule.against == appliance::Reference::previous &&
                      (of_value || rule.of == appliance::Figure::mean),
                  "the plain programs judge jumps of value and mean");
            rules_.push_back({rule.ratio - 1.0, rule.of});
            double& least = of_value ? least_value_margin_ : least_mean_margin_;
            least = std::min(least, rule.ratio - 1.0);
        }
    }

    /// Cost: two multiplications, however many rules there are, while none holds.
    FiringMask judge(const PlainFigures& before, const PlainFigures& now) const noexcept {
        if (!is_jump(before.value, now.value, least_value_margin_) &&
            !is_jump(before.mean, now.mean, least_mean_margin_)) [[likely]] {
            return 0;
        }
        FiringMask firing = 0;
        for (std::size_t i = 0; i < rules_.size(); ++i) {
            const Rule& rule = rules_[i];
            const bool holds = is_jump(before.of(rule.of), now.of(rule.of), rule.margin);
            firing = static_cast<FiringMask>(firing | FiringMask{holds} << i);
        }
        return firing;
    }

    /// Shows each(rule, transition, value, reference) what began or ceased to hold.
    template <class Each>
    void for_each_alert(const PlainChange& change, const Each& each) const {
        for (unsigned bits = change.firing ^ change.was; bits != 0; bits &= bits - 1) {
            const auto rule = static_cast<std::uint32_t>(std::countr_zero(bits));
            const bool firing = (change.firing >> rule & 1u) != 0;
            each(rule,
                 firing ? appliance::Transition::firing : appliance::Transition::resolved,
                 change.now.of(rules_[rule].of),
                 change.before.of(rules_[rule].of));
        }
    }

  private:
    struct Rule {
        double margin;  // ratio - 1
        appliance::Figure of;
    };

    static bool is_jump(double before, double now, double margin) noexcept {
        return std::abs(now - before) > margin * std::abs(before);
    }

    std::vector<Rule> rules_;
    // The most sensitive rule of each figure; none: no change is a jump.
    double least_value_margin_ = std::numeric_limits<double>::infinity();
    double least_mean_margin_ = std::numeric_limits<double>::infinity();
};

/// All that is known of a sensor in one map: what a careful user writes.
class OneMap {
  public:
    explicit OneMap(const appliance::Config& config)
        : rules_(config), weight_(config.pipeline.ewma_weight) {
        sensors_.reserve(config.pipeline.max_sensors);
    }

    PlainChange take(const proto::Reading& reading) {
        const auto [at, born] =
            sensors_.try_emplace(reading.sensor_id, PlainSummary::first(reading));
        Sensor& sensor = at->second;
        const PlainFigures before = PlainFigures::of(sensor.summary);
        if (born) {
            return {reading.sensor_id, 0, 0, before, before};
        }
        sensor.summary.add(reading, weight_);
        const PlainFigures now = PlainFigures::of(sensor.summary);
        const FiringMask firing = rules_.judge(before, now);
        return {reading.sensor_id, firing, std::exchange(sensor.firing, firing), before, now};
    }

    const PlainRules& rules() const noexcept { return rules_; }

  private:
    struct Sensor {
        explicit Sensor(const PlainSummary& first) noexcept : summary(first) {}

        PlainSummary summary;
        FiringMask firing = 0;
    };

    PlainRules rules_;
    double weight_;
    std::unordered_map<std::uint64_t, Sensor> sensors_;
};

/// A map for each operator, as in the seed system: state kept, previous item kept, last judgement
/// kept.
class MapForEachOperator {
  public:
    explicit MapForEachOperator(const appliance::Config& config)
        : rules_(config), weight_(config.pipeline.ewma_weight) {
        summaries_.reserve(config.pipeline.max_sensors);
        previous_.reserve(config.pipeline.max_sensors);
        judgements_.reserve(config.pipeline.max_sensors);
    }

    PlainChange take(const proto::Reading& reading) {
        const auto [summary, born] =
            summaries_.try_emplace(reading.sensor_id, PlainSummary::first(reading));
        if (!born) {
            summary->second.add(reading, weight_);
        }
        const auto [previous, first] = previous_.try_emplace(reading.sensor_id, summary->second);
        const PlainFigures before = PlainFigures::of(previous->second);
        const PlainFigures now = PlainFigures::of(summary->second);
        const FiringMask firing = first ? FiringMask{0} : rules_.judge(before, now);
        previous->second = summary->second;
        const PlainChange change{reading.sensor_id, firing, 0, before, now};
        const auto [last, fresh] = judgements_.try_emplace(reading.sensor_id, change);
        const FiringMask was = fresh ? FiringMask{0} : last->second.firing;
        last->second = change;
        return {reading.sensor_id, firing, was, before, now};
    }

    const PlainRules& rules() const noexcept { return rules_; }

  private:
    PlainRules rules_;
    double weight_;
    std::unordered_map<std::uint64_t, PlainSummary> summaries_;
    std::unordered_map<std::uint64_t, PlainSummary> previous_;
    std::unordered_map<std::uint64_t, PlainChange> judgements_;
};

}  // namespace roda::bench
