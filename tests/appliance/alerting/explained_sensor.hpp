// SPDX-License-Identifier: Apache-2.0
// A sensor, its inventory and its rules for tests of what is said of them.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "appliance/alerting/explanation.hpp"
#include "tests/appliance/rules/rule_forms.hpp"

namespace roda::explained {

using namespace appliance;

inline constexpr std::uint64_t second = 1'000'000'000;
inline constexpr std::uint64_t minute = 60 * second;
inline constexpr std::uint64_t now = 1'772'366'400 * second;  // 2026-03-01 12:00:00 UTC
inline constexpr double none = std::numeric_limits<double>::quiet_NaN();
inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr Verdict unjudged{false, none, none, none};

/// An inventory with the sensor 417, which has a name and so on, and 418, which has only its id.
inline std::shared_ptr<const Inventory> explained_inventory() {
    InventoryEntry boiler;
    boiler.sensor_id = 417;
    boiler.name = "boiler_pressure";
    boiler.unit = "bar";
    boiler.labels = {{"area", "north"}, {"group", "boilers"}};
    boiler.expected_interval_ns = 10 * second;
    boiler.limits.hi = 10.0;
    InventoryEntry bare;
    bare.sensor_id = 418;
    return std::make_shared<const Inventory>(std::vector<InventoryEntry>{boiler, bare});
}

/// 120 readings, the last one of 9.8 and 4 s ago.
inline SensorState some_state() {
    SensorState state{};
    state.begin(9.0, now - minute);
    state.count_and_flags += 119 * SensorState::one_reading;
    state.last = 9.8;
    state.mean = 9.1;
    state.average = 9.4;
    state.variance = 0.0625F;
    state.newest_ns = now - 4 * second;
    state.quiet_low = 9.5F;
    state.quiet_high = 10.0F;
    return state;
}

/// A sensor with these rules, one of which is added by each add().
struct ExplainedSensor {
    explicit ExplainedSensor(std::vector<Rule> rules)
        : book(std::move(rules), explained_inventory(), series) {
        sensor.shard = 2;
        sensor.sensor_id = 417;
        sensor.known = true;
        sensor.state = some_state();
    }

    ExplainedSensor& add(const Verdict& verdict, const AlarmCell& cell = {}) {
        sensor.points.push_back({static_cast<std::uint32_t>(sensor.points.size()), verdict, cell});
        return *this;
    }

    SeriesRegistry series;
    RuleBook book;
    SensorExplanation sensor;
};

inline Rule hi_rule(double hi, double deadband) {
    Rule rule = rule_of(RuleKind::limits);
    rule.hi = LevelLimit{.value = hi};
    rule.deadband = deadband;
    return rule;
}

inline AlarmCell cell_of(AlarmState state, bool condition) {
    AlarmCell cell;
    cell.state = state;
    cell.condition = condition;
    cell.history = condition ? 1 : 0;
    return cell;
}

/// The line of the plant's last point, without what comes before the condition.
inline std::string line_of(const ExplainedSensor& plant) {
    const std::string text = to_text(plant.sensor, plant.book, now);
    const std::size_t start = text.rfind("\n  ", text.size() - 2);
    const std::size_t colon = text.find(": ", start);
    return text.substr(colon + 2, text.size() - colon - 3);
}

}  // namespace roda::explained
