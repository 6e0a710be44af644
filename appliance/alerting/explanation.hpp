// SPDX-License-Identifier: Apache-2.0
// Why a sensor's alerts stand or do not: a copy of all that is known of it, for a person.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "appliance/alarms/alarm_cell.hpp"
#include "appliance/alerting/quiet.hpp"
#include "appliance/alerting/sensor_state.hpp"
#include "appliance/rules/rule_book.hpp"

namespace roda::appliance {

/// One of the sensor's rules.
struct PointExplanation {
    std::uint32_t point = 0;
    Verdict verdict;  // of the last figure judged; NaN where there was none yet
    AlarmCell cell;   // at rest where nothing is remembered
};

/// Of one shard.
struct SensorExplanation {
    std::uint16_t shard = 0;
    std::uint64_t sensor_id = 0;
    bool known = false;  // the shard has heard of it
    SensorState state{};
    std::vector<PointExplanation> points;  // of an unresolved sensor: those known without a reading
};

/// For people: the state, then each rule with its condition in words, the figures, the state of its
/// alarm and what it waits for. `now_ns`: to say how long ago.
std::string to_text(const SensorExplanation& sensor, const RuleBook& book, std::uint64_t now_ns);

/// The same as one JSON object.
std::string to_json(const SensorExplanation& sensor, const RuleBook& book);

}  // namespace roda::appliance
