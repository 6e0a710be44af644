// SPDX-License-Identifier: Apache-2.0
// What is remembered of one alarm (a sensor and a point) while it is not at rest: four cache lines.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "appliance/rules/alarm_point.hpp"

namespace roda::appliance {

struct SensorState;  // the judge's

enum class AlarmState : std::uint8_t {
    normal,    // its condition does not hold; remembered for its history, interval or shelf
    pending,   // holds, not yet long enough
    firing,    // stands
    clearing,  // stands; its condition is gone, not yet long enough or not steadily
    latched,   // stands; its condition is gone, nobody has acknowledged it
};

inline constexpr std::array<std::string_view, 5> alarm_state_names = {
    "normal", "pending", "firing", "clearing", "latched"};

/// With a shape's number in place of a point: no alarm, but the sensor's windows of that shape.
inline constexpr std::uint32_t window_mark = 0x8000'0000;

/// How far an occurrence's records have come: behind its state while it is shelved.
enum class Told : std::uint8_t { nothing, pending, firing, flapping };

/// What the reading that began it left for its records.
struct AlarmCause {
    std::uint64_t sequence = 0;
    std::uint64_t receive_ns = 0;
    std::uint64_t device_id = 0;
    double value = 0.0;
    double reference = 0.0;
    double limit = 0.0;
    std::uint32_t queue = 0;
    std::uint32_t padding = 0;
};

/// A time that does not come: as good as the end of all times, which is one.
inline constexpr std::uint64_t never_ns = ~std::uint64_t{0};

constexpr std::uint64_t time_after(std::uint64_t time_ns, std::uint64_t span_ns) noexcept {
    return time_ns > never_ns - span_ns ? never_ns : time_ns + span_ns;
}

/// Shape: a Pod, value-initialised at rest. Times are event time, 0: none.
struct alignas(64) AlarmCell {
    // One line for a reading that changes nothing: whose it is (alarm_cells.hpp), the judge's notes
    // of its kind, and how its life stands.
    std::uint64_t sensor_id = 0;
    SensorState* sensor = nullptr;  // stays where it is; nullptr: a group's alarm
    std::uint32_t point = 0;
    std::uint32_t next = 0;           // 1 + the sensor's next cell; 0: none
    std::uint32_t place = 0;          // the sensor's windows, or the group
    std::uint32_t silent_checks = 0;  // how often a silence was looked at
    double flat_at = 0.0;
    std::uint64_t flat_from_ns = 0;  // where a flat line or a silence began
    std::uint64_t history = 0;  // of the last of_last readings, the newest in bit 0: fulfilled it
    AlarmState state = AlarmState::normal;
    bool condition = false;  // holds, as of the last reading
    bool acknowledged = false;
    bool flapping = false;
    Told told = Told::nothing;       // of told_id
    bool told_acknowledged = false;  // of told_id
    bool told_shelved = false;       // of told_id; not yet `unshelved`

    // Of the life (alarm_life.hpp).
    std::uint64_t last_ns = 0;   // how far time has passed for it
    std::uint64_t id = 0;        // NetId64 of the occurrence; 0: none is under way
    std::uint64_t since_ns = 0;  // the condition's last change
    std::uint64_t fired_ns = 0;  // the last firing
    std::uint64_t flap_from_ns = 0;
    std::uint64_t shelved_until_ns = 0;
    std::uint64_t told_id = 0;  // the occurrence whose records have begun and not ended; 0: none
    std::uint32_t flap_changes = 0;

    // Of the timer wheel (timer_wheel.hpp), and what the judge needs when it is due.
    std::uint32_t wheel_next = 0;  // 1 + the next in its bucket; 0: none
    std::uint32_t wheel_previous = 0;
    bool clock_known = false;          // a reading has set it; before, it is assumed to be right
    std::uint8_t behind_in_a_row = 0;  // readings before unproved_ns
    std::uint64_t wheel_due_ns = 0;    // receive clock; 0: not in the wheel
    std::int64_t behind_ns = 0;        // the sensor's clock behind the receive clock, modulo 2^64
    std::uint64_t behind_set_ns = 0;   // receive clock: when that was so
    std::uint64_t check_ns = 0;        // receive clock: when a silence is looked at next
    std::uint64_t unproved_ns = 0;     // brought by what is no number alone; 0: none

    AlarmCause cause;  // of the condition's last beginning
};

static_assert(offsetof(AlarmCell, last_ns) == 64, "a quiet reading looks at one line of a cell");
static_assert(sizeof(AlarmCell) == 256 && std::is_trivially_copyable_v<AlarmCell>);

}  // namespace roda::appliance
