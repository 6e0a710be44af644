// SPDX-License-Identifier: Apache-2.0
// Rules for SensorLoad's readings: such as all its sensors match, and such as none does. A spike,
// one reading in two thousand, breaches most of those that look at values.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "appliance/config/config.hpp"
#include "bench/sensor_load.hpp"

namespace roda::bench {

using appliance::Figure;
using appliance::Rule;
using appliance::RuleKind;

inline Rule rule_of(RuleKind kind, Figure of = Figure::value) {
    Rule rule;
    rule.kind = kind;
    rule.of = of;
    return rule;
}

/// Of values that keep to 95 to 105 but for spikes.
inline Rule limit_above(double hi, Figure of = Figure::value) {
    Rule rule = rule_of(RuleKind::limits, of);
    rule.hi = appliance::LevelLimit{.value = hi};
    return rule;
}

inline Rule all_limits(double deadband) {
    Rule rule = limit_above(200.0);
    rule.hihi = appliance::LevelLimit{.value = 400.0};
    rule.lo = appliance::LevelLimit{.value = 50.0};
    rule.lolo = appliance::LevelLimit{.value = 25.0};
    rule.deadband = deadband;
    return rule;
}

inline Rule jump(double ratio, Figure of = Figure::value) {
    Rule rule = rule_of(RuleKind::jump, of);
    rule.ratio = ratio;
    return rule;
}

/// Sensors speak at random moments: from one reading of a sensor to the next goes this on average.
inline std::uint64_t gap_ns(std::uint32_t sensors) {
    return sensors * SensorLoad::step_ns;
}

/// Breached by about one reading in two thousand, most of them very close to the one before.
inline Rule rate(std::uint32_t sensors) {
    Rule rule = rule_of(RuleKind::rate);
    rule.per_second = 1e4 / (static_cast<double>(gap_ns(sensors)) * 1e-9);
    return rule;
}

inline Rule deviation(double sigmas) {
    Rule rule = rule_of(RuleKind::deviation);
    rule.sigmas = sigmas;
    return rule;
}

inline Rule three_of_five() {
    Rule rule = limit_above(300.0);
    rule.life.at_least = 3;
    rule.life.of_last = 5;
    return rule;
}

inline Rule quality() {
    Rule rule = rule_of(RuleKind::quality);
    rule.least = 0.0;
    rule.greatest = 10'000.0;
    return rule;
}

inline Rule flatline(std::uint32_t sensors) {
    Rule rule = rule_of(RuleKind::flatline);
    rule.for_ns = 100 * gap_ns(sensors);
    rule.tolerance = 1e-3;
    return rule;
}

/// By the wall clock, of sensors that rest while other variants have their turn.
inline Rule absence() {
    Rule rule = rule_of(RuleKind::absence);
    constexpr std::uint64_t one_hour_ns = 3'600'000'000'000;
    rule.for_ns = one_hour_ns;
    return rule;
}

/// Of ten readings on average, in as many panes.
inline Rule window_above(Figure of, double hi, std::uint32_t sensors, std::uint64_t panes = 1) {
    Rule rule = limit_above(hi, of);
    rule.window.width_ns = 10 * gap_ns(sensors);
    rule.window.slide_ns = rule.window.width_ns / panes;
    return rule;
}

/// Each rule needs a name of its own.
inline std::vector<Rule> named(std::vector<Rule> rules, const std::string& prefix) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
        rules[i].name = prefix + std::to_string(i);
    }
    return rules;
}

/// The first of a mix of rules that all sensors match.
inline std::vector<Rule> matching_rules(std::size_t count, std::uint32_t sensors) {
    std::vector<Rule> rules = {
        limit_above(300.0),
        jump(3.0),
        jump(1.5, Figure::mean),
        rate(sensors),
        deviation(6.0),
        jump(1.5, Figure::average),
        three_of_five(),
        quality(),
        all_limits(5.0),
        jump(5.0),
        limit_above(150.0, Figure::mean),
        limit_above(150.0, Figure::average),
        deviation(8.0),
        jump(2.0, Figure::mean),
        limit_above(500.0),
        quality(),
    };
    rules[9].direction = appliance::Direction::falling;
    rules.resize(count);
    return named(std::move(rules), "matching_");
}

/// Eight that all sensors match, of kinds that a quiet interval speaks for. A spike breaches the
/// first two, as it does of the mix above: so eight are held against two that tell as much.
inline std::vector<Rule> interval_rules() {
    return named({limit_above(300.0),
                  jump(3.0),
                  limit_above(2'000.0),
                  quality(),
                  absence(),
                  jump(20.0, Figure::mean),
                  jump(20.0, Figure::average),
                  limit_above(2'000.0, Figure::average)},
                 "interval_");
}

/// Of ids between those of the load's sensors (Ids::scattered), which speak for none of them.
inline std::vector<Rule> other_rules(std::size_t count, std::uint32_t sensors) {
    const SensorLoad load(sensors, Ids::scattered);
    std::vector<Rule> rules(count, limit_above(300.0));
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t id = load.stranger(i);
        rules[i].match.sensors = {{id, id}};
    }
    return named(std::move(rules), "other_");
}

/// The same of devices that send nothing: which rules a sensor has is not known before it speaks.
inline std::vector<Rule> device_rules(std::size_t count, double limit) {
    std::vector<Rule> rules(count, limit_above(limit));
    for (std::size_t i = 0; i < count; ++i) {
        rules[i].match.devices = {1'000 + i};
    }
    return named(std::move(rules), "device_");
}

inline std::vector<Rule> operator+(std::vector<Rule> rules, std::vector<Rule> more) {
    std::ranges::move(more, std::back_inserter(rules));
    return rules;
}

}  // namespace roda::bench
