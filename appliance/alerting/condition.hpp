// SPDX-License-Identifier: Apache-2.0
// The conditions of the kinds that a single reading decides: does this point's hold now?
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "appliance/alerting/sensor_state.hpp"
#include "appliance/rules/alarm_point.hpp"
#include "appliance/rules/inventory.hpp"
#include "appliance/rules/rule_book.hpp"

namespace roda::appliance {

/// A judgement of one point: what goes into its record.
struct Verdict {
    bool fulfilled = false;
    double value = 0.0;      // the figure; of a rate: per second, negative when falling
    double reference = 0.0;  // what it was compared with; NaN: there was nothing yet
    double limit = 0.0;      // of the point, the sensor's own where it has one; of a jump its ratio
};

/// Whether the point's condition holds with this reading. limits (of value, mean, average), rate,
/// jump, deviation; flatline, absence, quality, group and figures of windows are judged elsewhere,
/// and never hold here.
///
/// `before` is the sensor's state before the reading, `after` with it; before.count() == 0: it is
/// the first, which only limits judge. `held`: the alarm's condition held before, of which the
/// point's is one of the last N (a limit's deadband).
/// Shape: equal to a limit is within it. A rate does not hold where no time has passed. Right for
/// zero, negative and huge figures: from 0 any change is a jump. What is off an average by no more
/// than rounding is no deviation, and nothing is one from a variance that no float can hold.
Verdict judge_reading(const AlarmPoint& point,
                      const InventoryEntry* entry,
                      const SensorState& before,
                      const SensorState& after,
                      bool held) noexcept;

/// Whether a reading that follows one of `before_ns` says anything of the point: no rate is known
/// where no time has passed, so its alarm stays as it was and counts no reading.
constexpr bool is_judged(const AlarmPoint& point,
                         std::uint64_t before_ns,
                         std::uint64_t reading_ns) noexcept {
    return point.kind != RuleKind::rate || reading_ns > before_ns;
}

/// A figure against levels: of windows, and by judge_reading(). NaN is beyond no level.
Verdict judge_limit(const AlarmPoint& point,
                    const InventoryEntry* entry,
                    double figure,
                    bool held) noexcept;

/// A figure against its reference: of windows, and by judge_reading(). NaN is no jump.
Verdict judge_jump(const AlarmPoint& point, double figure, double reference) noexcept;

/// What the state says of a figure; NaN of a window's.
inline double figure_of(const SensorState& state, Figure figure) noexcept {
    switch (figure) {
        case Figure::value:
            return state.last;
        case Figure::mean:
            return state.mean;
        case Figure::average:
            return state.average;
        default:
            return std::numeric_limits<double>::quiet_NaN();
    }
}

/// The state's figure that a jump of `point` is measured from.
inline Figure reference_of(const AlarmPoint& point) noexcept {
    switch (point.against) {
        case Reference::mean:
            return Figure::mean;
        case Reference::average:
            return Figure::average;
        case Reference::previous:
            break;
    }
    return point.of;
}

constexpr bool is_high(Level level) noexcept {
    return level == Level::hihi || level == Level::hi;
}

/// Where a limits point that held ceases to.
constexpr double clear_limit(const AlarmPoint& point, double limit) noexcept {
    return is_high(point.level) ? limit - point.deadband : limit + point.deadband;
}

/// |to - from| > factor * amount, for finite numbers of any size: no overflow decides.
inline bool moves_beyond(double from, double to, double factor, double amount) noexcept {
    const double change = std::abs(to - from);
    if (!std::isinf(change)) [[likely]] {
        return change > factor * amount;
    }
    // Halves of numbers that are so far apart are exact.
    return std::abs(0.5 * to - 0.5 * from) > factor * (0.5 * amount);
}

}  // namespace roda::appliance
