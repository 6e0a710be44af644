// SPDX-License-Identifier: Apache-2.0
// A point's condition in words, with the figures that it was last judged by.
#pragma once

#include <cstdint>
#include <string>

#include "appliance/alerting/explanation.hpp"

namespace roda::appliance {

/// Six digits: for people.
std::string figure_text(double figure);

/// "value 9.8 is not above 10 (clears at or below 9.5)". `point` is one of the sensor's; `now_ns`
/// by its clock.
std::string condition_text(const PointExplanation& point,
                           const SensorExplanation& sensor,
                           const RuleBook& book,
                           std::uint64_t now_ns);

}  // namespace roda::appliance
