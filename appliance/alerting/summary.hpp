// SPDX-License-Identifier: Apache-2.0
// What is remembered of each sensor.
#pragma once

#include <algorithm>
#include <cstdint>

#include "proto/records.hpp"

namespace roda::appliance {

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

    void add(double value, double ewma_weight) noexcept {
        ++count;
        // Halved, so that the difference of two finite numbers stays finite: one overflow would
        // make the mean useless for ever.
        mean += (0.5 * value - 0.5 * mean) / static_cast<double>(count) * 2.0;
        min = std::min(min, value);
        max = std::max(max, value);
        last = value;
        ewma = (1.0 - ewma_weight) * ewma + ewma_weight * value;
    }
};

}  // namespace roda::appliance
