// SPDX-License-Identifier: Apache-2.0
// The configured rules in the form in which readings are judged.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "appliance/config/rule.hpp"

namespace roda::appliance {

enum class Level : std::uint8_t { none, hihi, hi, lo, lolo };

inline constexpr std::array<std::string_view, 5> level_names = {"none", "hihi", "hi", "lo", "lolo"};

/// The numbers of points, sets and so on: there is none.
inline constexpr std::uint32_t no_index = 0xffff'ffff;

/// One condition that may raise an alert for each of its sensors: a rule, or one level of a limits
/// rule. A sensor and a point together are an alarm, in ISA-18.2's sense.
struct AlarmPoint {
    std::uint32_t rule = 0;    // position in the book's rules
    std::uint32_t series = 0;  // of its rule's name and its severity, for the counters
    RuleKind kind = RuleKind::jump;
    Level level = Level::none;
    Figure of = Figure::value;
    Reference against = Reference::previous;
    Direction direction = Direction::either;
    Severity severity = Severity::warning;
    bool record = false;
    bool of_inventory = false;  // limit is each sensor's own

    double limit = 0.0;      // limits: the level's; rate: per second; deviation: sigmas
    double deadband = 0.0;   // limits
    double margin = 0.0;     // jump: ratio - 1
    double absolute = 0.0;   // jump
    double tolerance = 0.0;  // flatline
    double least = 0.0;      // quality; -infinity: none
    double greatest = 0.0;   // quality; infinity: none
    double intervals = 0.0;  // absence; 0: for_ns says it
    std::uint64_t for_ns = 0;
    std::uint32_t min_readings = 0;
    std::uint32_t window = no_index;     // the book's window
    std::uint32_t at_least_sensors = 0;  // group
    AlertLife life;

    friend bool operator==(const AlarmPoint&, const AlarmPoint&) = default;
};

}  // namespace roda::appliance
