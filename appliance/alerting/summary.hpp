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
        mean += (value - mean) / static_cast<double>(count);
        min = std::min(min, value);
        max = std::max(max, value);
        last = value;
        ewma += ewma_weight * (value - ewma);
    }
};

}  // namespace roda::appliance
