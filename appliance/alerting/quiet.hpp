// SPDX-License-Identifier: Apache-2.0
// The interval of values in which no condition of a sensor can change, however many readings come:
// why rules cost nothing while nothing happens.
#pragma once

#include <algorithm>
#include <limits>

#include "appliance/alerting/condition.hpp"

namespace roda::appliance {

/// Values, bounds included; low > high: none.
struct QuietInterval {
    double low;
    double high;

    static QuietInterval all() noexcept { return {-infinity, infinity}; }

    static QuietInterval none() noexcept { return {infinity, -infinity}; }

    QuietInterval operator&(const QuietInterval& other) const noexcept {
        return {std::max(low, other.low), std::min(high, other.high)};
    }

    bool is_none() const noexcept { return low > high; }

    bool has(double value) const noexcept { return low <= value && value <= high; }

    static constexpr double infinity = std::numeric_limits<double>::infinity();
};

/// Values for which the point's condition stays what it is now, reading after reading, as long as
/// every one lies in the interval: the whole line, an interval around the state, or none. Of a
/// rate and a deviation that do not hold, the whole line, since `watch` (judge.hpp) looks at those
/// for each reading; of flatline, absence, group and figures of windows always. None before the
/// first reading, which SensorState::begin() takes in.
///
/// `held` is the condition as of the state's last reading. `weight`: of the newest value in the
/// average (EwmaWeights), 1e-6 and more; 1 is right for any, and gives narrower intervals.
QuietInterval quiet_interval(const AlarmPoint& point,
                             const InventoryEntry* entry,
                             const SensorState& state,
                             bool held,
                             double weight = 1.0) noexcept;

/// Writes it into the state: bounds rounded inwards to floats, and finite. None: the lowest is the
/// greatest float and the highest its negative.
void set_quiet(SensorState& state, const QuietInterval& interval) noexcept;

}  // namespace roda::appliance
