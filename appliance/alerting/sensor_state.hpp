// SPDX-License-Identifier: Apache-2.0
// What is remembered of each sensor. With its key one cache line:
//
//   0     8      16     24        32          40         44       48
//   | key | last | mean | average | newest_ns | variance | alarms |
//   48          52           56                60    64
//   | quiet_low | quiet_high | count and flags | set |
//
// The quiet interval is why rules cost nothing while nothing happens: as long as a value lies in it
// and time goes forward, no rule of this sensor can change its mind (quiet.hpp).
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "appliance/rules/alarm_point.hpp"
#include "proto/records.hpp"

namespace roda::appliance {

/// What a new value and the average before it count in a moving average.
struct EwmaWeights {
    double of_new;
    double of_old;

    // Implicit: the weight of the new value says it all.
    EwmaWeights(double weight) noexcept : of_new(weight), of_old(1.0 - weight) {}
};

/// Bits of SensorState::count_and_flags.
enum SensorFlag : std::uint32_t {
    sensor_heard = 1u,       // since its silence was last looked at
    sensor_watched = 2u,     // rules or alarms that the quiet interval cannot speak for
    sensor_unresolved = 4u,  // the set is of rules that are no more: match it anew
    sensor_edition = 8u,     // which of two editions of the rules `set` and `alarms` are of
    sensor_late = 16u,       // and the three bits above it: late_in_a_row()
};

/// Shape: 56 bytes, a Pod; zero is a sensor of which nothing was heard, and whose first reading is
/// not quiet.
struct SensorState {
    static constexpr std::uint32_t flag_bits = 8;
    static constexpr std::uint32_t one_reading = 1u << flag_bits;
    static constexpr std::uint32_t most_readings = 0xffff'ffffu >> flag_bits;

    double last;
    double mean;              // of all readings; of the last 16.7 million where there were more
    double average;           // exponentially weighted
    std::uint64_t newest_ns;  // event time of `last`
    float variance;           // exponentially weighted, about `average`
    std::uint32_t alarms;     // 1 + the first of its alarm cells; 0: none
    float quiet_low;
    float quiet_high;
    std::uint32_t count_and_flags;  // readings << 8 | SensorFlag
    std::uint32_t set;              // its rules, a RuleSets number

    std::uint32_t count() const noexcept { return count_and_flags >> flag_bits; }

    bool has(SensorFlag flag) const noexcept { return (count_and_flags & flag) != 0; }

    /// Late readings, further back than any lateness, since one came in order; below 16.
    std::uint32_t late_in_a_row() const noexcept { return count_and_flags / sensor_late % 16; }

    void put_late_in_a_row(std::uint32_t late) noexcept {
        count_and_flags = (count_and_flags & ~(15u * sensor_late)) | late * sensor_late;
    }

    void put(SensorFlag flag, bool on) noexcept {
        count_and_flags = on ? count_and_flags | flag : count_and_flags & ~std::uint32_t{flag};
    }

    double deviation() const noexcept { return std::sqrt(static_cast<double>(variance)); }

    /// Takes a finite value in. Cost: one division.
    [[gnu::always_inline]] void add(double value,
                                    std::uint64_t event_ns,
                                    const EwmaWeights& weights) noexcept {
        if (count_and_flags < most_readings << flag_bits) [[likely]] {
            count_and_flags += one_reading;
        }
        count_and_flags |= sensor_heard;
        const auto readings = static_cast<double>(static_cast<std::int32_t>(count()));
        // Halved, so that the difference of two finite numbers stays finite: one overflow would
        // make the mean useless for ever.
        mean += (0.5 * value - 0.5 * mean) / readings * 2.0;
        const double off = value - average;
        const double step = weights.of_new * off;
        // Bounded: one that became infinite would blind its rules for ever.
        constexpr float greatest_variance = std::numeric_limits<float>::max();
        const auto spread =
            static_cast<float>(weights.of_old * (static_cast<double>(variance) + off * step));
        variance = spread < greatest_variance ? spread : greatest_variance;
        average = weights.of_old * average + weights.of_new * value;
        last = value;
        newest_ns = event_ns;
    }

    /// As the first finite value has it.
    void begin(double value, std::uint64_t event_ns) noexcept {
        last = mean = average = value;
        newest_ns = event_ns;
        variance = 0.0F;
        count_and_flags = one_reading | (count_and_flags & (one_reading - 1)) | sensor_heard;
    }
};

static_assert(sizeof(SensorState) == 56);

}  // namespace roda::appliance
