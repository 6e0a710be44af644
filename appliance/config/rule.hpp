// SPDX-License-Identifier: Apache-2.0
// A rule as the operator writes it: which sensors, what must not be, and how its alerts live.
// deploy/rules.md is the reference.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roda::appliance {

enum class Severity : std::uint8_t { info, warning, critical };

inline constexpr std::size_t severity_count = 3;
inline constexpr std::array<std::string_view, severity_count> severity_names = {
    "info", "warning", "critical"};

enum class RuleKind : std::uint8_t {
    limits,     // above hi or hihi, below lo or lolo
    rate,       // moves faster than so much a second
    jump,       // moves by more than a ratio and an amount from one figure to the next
    deviation,  // further from its average than so many standard deviations
    flatline,   // does not move although it should
    quality,    // no number, or one that the sensor cannot measure
    absence,    // says nothing
    group,      // so many sensors of a group have alerts of other rules
};

inline constexpr std::array<std::string_view, 8> rule_kind_names = {
    "limits", "rate", "jump", "deviation", "flatline", "quality", "absence", "group"};

/// What a rule looks at: the reading's value, what is known of its sensor after it, or a closed
/// window's figure.
enum class Figure : std::uint8_t {
    value,
    mean,     // of all readings
    average,  // exponentially weighted
    window_count,
    window_mean,
    window_minimum,
    window_maximum,
    window_deviation,  // standard deviation
    window_rate,       // per second, from the window's first reading to its last
    window_p50,
    window_p90,
    window_p95,
    window_p99,
};

constexpr bool is_of_window(Figure figure) noexcept {
    return figure >= Figure::window_count;
}

inline constexpr std::array<std::string_view, 13> figure_names = {"value",
                                                                  "mean",
                                                                  "average",
                                                                  "window_count",
                                                                  "window_mean",
                                                                  "window_minimum",
                                                                  "window_maximum",
                                                                  "window_deviation",
                                                                  "window_rate",
                                                                  "window_p50",
                                                                  "window_p90",
                                                                  "window_p95",
                                                                  "window_p99"};

/// What a jump is measured from.
enum class Reference : std::uint8_t {
    previous,  // the same figure before this reading; of a window's figure: the window before
    mean,      // of all readings before this one
    average,   // exponentially weighted, before this one
};

enum class Direction : std::uint8_t { either, rising, falling };

/// A limit of a level: the rule's own number for all sensors, or each sensor's in the inventory.
struct LevelLimit {
    double value = 0.0;
    bool of_inventory = false;

    friend bool operator==(const LevelLimit&, const LevelLimit&) = default;
};

/// Windows of event time. Units: nanoseconds.
struct WindowShape {
    std::uint64_t width_ns = 0;
    std::uint64_t slide_ns = 0;     // divides the width; equal to it: tumbling
    std::uint64_t lateness_ns = 0;  // how far behind its sensor's newest reading one may come

    friend bool operator==(const WindowShape&, const WindowShape&) = default;
};

struct IdRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;  // included

    friend bool operator==(const IdRange&, const IdRange&) = default;
};

using Labels = std::vector<std::pair<std::string, std::string>>;  // in the order of their names

/// Which sensors: those that fulfil each condition given; without any, all.
struct Selection {
    std::vector<IdRange> sensors;        // one of them
    std::vector<std::uint64_t> devices;  // one of them sent the sensor's first reading
    Labels labels;                       // the inventory gives the sensor each of them

    friend bool operator==(const Selection&, const Selection&) = default;
};

/// How an alert comes and goes once its condition does. Units: nanoseconds of event time.
struct AlertLife {
    std::uint64_t on_delay_ns = 0;      // the condition holds so long before it fires
    std::uint64_t off_delay_ns = 0;     // and is gone so long before it resolves
    std::uint64_t min_interval_ns = 0;  // from one firing to the next
    bool latching = false;              // fires until its condition is gone and it is acknowledged
    std::uint32_t flap_changes = 0;     // that make it flap, within flap_within_ns; 0: never
    std::uint64_t flap_within_ns = 0;
    std::uint32_t at_least = 1;  // of the last of_last readings must fulfil the condition
    std::uint32_t of_last = 1;   // at most 64

    friend bool operator==(const AlertLife&, const AlertLife&) = default;
};

/// Only the fields of its kind count.
struct Rule {
    std::string name;  // [a-z][a-z0-9_]{0,30}: a Prometheus label and a field of the alert record
    RuleKind kind = RuleKind::jump;
    Selection match;
    Figure of = Figure::value;
    WindowShape window;  // of a window's figure

    // limits: x > hi; gone at x <= hi - deadband. hihi and lolo have outer_severity.
    std::optional<LevelLimit> hihi;
    std::optional<LevelLimit> hi;
    std::optional<LevelLimit> lo;
    std::optional<LevelLimit> lolo;
    double deadband = 0.0;
    Severity outer_severity = Severity::critical;

    // rate: |x - previous| > per_second * seconds between them
    double per_second = 0.0;
    // jump: |x - reference| > (ratio - 1) * |reference|, and > absolute
    Reference against = Reference::previous;
    double ratio = 2.0;  // >= 1
    double absolute = 0.0;
    Direction direction = Direction::either;  // of a rate or a jump

    // deviation: |x - average| > sigmas * the standard deviation about it
    double sigmas = 4.0;
    std::uint32_t min_readings = 30;  // before it judges

    // flatline: |x - where it began| <= tolerance for_ns long. absence: no reading for_ns long, or
    // `intervals` of the inventory's expected intervals.
    std::uint64_t for_ns = 0;
    double tolerance = 0.0;
    double intervals = 0.0;

    // quality: not finite, or outside of [least, greatest]
    std::optional<double> least;
    std::optional<double> greatest;

    // group: at_least sensors with the same value of label `by` have an alert of one of `rules`
    std::vector<std::string> rules;
    std::string by;
    std::uint32_t at_least_sensors = 1;

    AlertLife life;
    Severity severity = Severity::warning;
    Labels labels;        // of its alerts, beside the sensor's own
    std::string message;  // {rule} {sensor} {name} {unit} {value} {limit}... (alert_message.hpp)
    bool record = false;  // the flight recorder writes its frames down when the rule fires

    friend bool operator==(const Rule&, const Rule&) = default;
};

inline constexpr std::size_t max_rules = 16'384;

}  // namespace roda::appliance
