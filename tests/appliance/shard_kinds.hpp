// SPDX-License-Identifier: Apache-2.0
// Rules of every kind and of every way of life, and readings that make each of them fire.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "appliance/alerting/rule_edition.hpp"
#include "proto/records.hpp"

namespace roda::appliance {

inline constexpr std::uint64_t kind_step_ns = 10'000'000;  // from one round to the next
inline constexpr std::uint64_t kind_rounds = 400;
inline constexpr std::uint64_t kind_sensors = 51;

inline Rule kind_rule(RuleKind kind, std::string name) {
    Rule rule;
    rule.name = std::move(name);
    rule.kind = kind;
    return rule;
}

inline void add_limits(std::vector<Rule>& rules) {
    Rule levels = kind_rule(RuleKind::limits, "levels");
    levels.hihi = LevelLimit{95.0};
    levels.hi = LevelLimit{0.0, true};
    levels.lo = LevelLimit{-50.0};
    levels.lolo = LevelLimit{-95.0};
    levels.deadband = 5.0;
    rules.push_back(levels);
    Rule delayed = kind_rule(RuleKind::limits, "delayed");
    delayed.hi = LevelLimit{9.0};
    delayed.life.on_delay_ns = 3 * kind_step_ns;
    delayed.life.off_delay_ns = 2 * kind_step_ns;
    rules.push_back(delayed);
    Rule counted = kind_rule(RuleKind::limits, "counted");
    counted.hi = LevelLimit{50.0};
    counted.life.at_least = 2;
    counted.life.of_last = 12;
    rules.push_back(counted);
    Rule flapping = kind_rule(RuleKind::limits, "flapping");
    flapping.of = Figure::average;
    flapping.hi = LevelLimit{20.0};
    flapping.life.flap_changes = 3;
    flapping.life.flap_within_ns = 40 * kind_step_ns;
    flapping.life.latching = true;
    rules.push_back(flapping);
}

inline void add_moves(std::vector<Rule>& rules) {
    Rule rate = kind_rule(RuleKind::rate, "rate");
    rate.per_second = 1000.0;
    rate.life.min_interval_ns = 25 * kind_step_ns;
    rules.push_back(rate);
    for (const auto& [name, against] : {std::pair{"from_previous", Reference::previous},
                                        std::pair{"from_mean", Reference::mean},
                                        std::pair{"from_average", Reference::average}}) {
        Rule jump = kind_rule(RuleKind::jump, name);
        jump.against = against;
        jump.ratio = 3.0;
        jump.absolute = 5.0;
        rules.push_back(jump);
    }
    Rule deviation = kind_rule(RuleKind::deviation, "deviation");
    deviation.sigmas = 2.0;
    deviation.min_readings = 5;
    rules.push_back(deviation);
    Rule flatline = kind_rule(RuleKind::flatline, "flatline");
    flatline.for_ns = 4 * kind_step_ns;
    rules.push_back(flatline);
}

inline void add_states(std::vector<Rule>& rules) {
    Rule quality = kind_rule(RuleKind::quality, "quality");
    quality.greatest = 1000.0;
    rules.push_back(quality);
    Rule absence = kind_rule(RuleKind::absence, "absence");
    absence.for_ns = 8 * kind_step_ns;
    rules.push_back(absence);
    Rule group = kind_rule(RuleKind::group, "group");
    group.rules = {"levels"};
    group.by = "area";
    group.at_least_sensors = 5;
    rules.push_back(group);
}

inline void add_windows(std::vector<Rule>& rules) {
    Rule mean = kind_rule(RuleKind::limits, "window_mean");
    mean.of = Figure::window_mean;
    mean.window = {4 * kind_step_ns, 4 * kind_step_ns, 0};
    mean.hi = LevelLimit{20.0};
    rules.push_back(mean);
    Rule tail = kind_rule(RuleKind::limits, "window_tail");
    tail.of = Figure::window_p99;
    tail.window = {4 * kind_step_ns, kind_step_ns, kind_step_ns};
    tail.hi = LevelLimit{60.0};
    rules.push_back(tail);
    Rule jump = kind_rule(RuleKind::jump, "window_jump");
    jump.of = Figure::window_mean;
    jump.window = {4 * kind_step_ns, 2 * kind_step_ns, 0};
    jump.ratio = 1.5;
    rules.push_back(jump);
}

/// The rules, and an inventory of sensors 1 to kind_sensors in two areas.
inline std::shared_ptr<RuleEdition> every_kind(SeriesRegistry& series,
                                               const RuleEdition* before = nullptr) {
    std::vector<Rule> rules;
    add_limits(rules);
    add_moves(rules);
    add_states(rules);
    add_windows(rules);
    std::vector<InventoryEntry> entries(kind_sensors);
    for (std::uint64_t sensor = 1; sensor <= kind_sensors; ++sensor) {
        InventoryEntry& entry = entries[sensor - 1];
        entry.sensor_id = sensor;
        entry.name = "sensor " + std::to_string(sensor);
        entry.labels = {{"area", sensor % 2 == 0 ? "north" : "south"}};
        entry.limits.hi = 70.0;
    }
    return std::make_shared<RuleEdition>(
        std::make_shared<const RuleBook>(
            std::move(rules), std::make_shared<const Inventory>(std::move(entries)), series),
        before);
}

inline std::set<std::string> names_of(const RuleEdition& edition) {
    std::set<std::string> names;
    for (const Rule& rule : edition.book->rules()) {
        names.insert(rule.name);
    }
    return names;
}

/// Quiet for the most part; now and then a spike, an infinity, a late reading; every fifth sensor
/// falls silent for a while, and all stand still for a while.
inline std::vector<proto::Reading> kind_readings(std::uint64_t round,
                                                 std::uint64_t first,
                                                 std::uint64_t last) {
    std::vector<proto::Reading> readings;
    for (std::uint64_t sensor = first; sensor <= last; ++sensor) {
        if (sensor % 5 == 0 && round / 40 % 3 == 2) {
            continue;
        }
        const bool still = round % 40 >= 25;
        double value = still ? 10.0 : 8.0 + static_cast<double>((round * 7 + sensor) % 16) / 4.0;
        if (round % 10 == 0 && !still) {
            value = 100.0;
        } else if (round % 97 == 0) {
            value = std::numeric_limits<double>::infinity();
        }
        const std::uint64_t late_ns = round % 41 == 0 ? 2 * kind_step_ns : 0;
        readings.push_back({sensor, value, 1'000'000'000 + round * kind_step_ns - late_ns});
    }
    return readings;
}

}  // namespace roda::appliance
