// SPDX-License-Identifier: Apache-2.0
// What is remembered of each sensor.
#pragma once

#include <algorithm>
#include <cstdint>

#include "proto/records.hpp"

namespace roda::appliance {

/// What a new value and the average before it count in a moving average.
struct EwmaWeights {
    double of_new;
    double of_old;

    // Implicit: the weight of the new value says it all.
    EwmaWeights(double weight) noexcept : of_new(weight), of_old(1.0 - weight) {}
};

/// Shape: 48 bytes; with its key and the two operators behind it, one cache line.
struct Summary {
    std::uint64_t count;
    double mean;  // of all readings
    double min;
    double max;
    double last;
    double ewma;  // exponentially weighted moving average

    static Summary first(const proto::Reading& reading) noexcept {
        return {1, reading.value, reading.value, reading.value, reading.value, reading.value};
    }

    void add(double value, const EwmaWeights& weights) noexcept {
        ++count;
        // Signed, which one instruction converts; no sensor sends 2^63 readings.
        const auto readings = static_cast<double>(static_cast<std::int64_t>(count));
        // Halved, so that the difference of two finite numbers stays finite: one overflow would
        // make the mean useless for ever.
        mean += (0.5 * value - 0.5 * mean) / readings * 2.0;
        min = std::min(min, value);
        max = std::max(max, value);
        last = value;
        ewma = weights.of_old * ewma + weights.of_new * value;
    }
};

}  // namespace roda::appliance
