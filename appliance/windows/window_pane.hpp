// SPDX-License-Identifier: Apache-2.0
// The readings of one pane, folded.
#pragma once

#include <algorithm>
#include <cstdint>

#include "appliance/windows/quantile_sketch.hpp"

namespace roda::appliance {

/// Shape: 72 bytes, a Pod. Values are finite, and mean, minimum and maximum stay so.
struct WindowPane {
    std::uint64_t count = 0;  // 0: the other fields mean nothing
    double mean;
    double off_squares;  // sum of the squared distances from the mean (Welford); may be infinite
    double minimum;
    double maximum;
    std::uint64_t first_ns;  // the least event time, of equal ones the first to come
    std::uint64_t last_ns;   // the greatest, of equal ones the last to come
    double first;
    double last;

    void begin(double value, std::uint64_t event_ns) noexcept {
        count = 1;
        mean = minimum = maximum = first = last = value;
        off_squares = 0.0;
        first_ns = last_ns = event_ns;
    }

    /// After begin(). Cost: one division.
    [[gnu::always_inline]] void add(double value, std::uint64_t event_ns) noexcept {
        ++count;
        const auto readings = static_cast<double>(static_cast<std::int64_t>(count));
        const double off = value - mean;
        // Halved, so that the difference of two finite numbers stays finite.
        mean += (0.5 * value - 0.5 * mean) / readings * 2.0;
        off_squares += off * (value - mean);
        minimum = std::min(minimum, value);
        maximum = std::max(maximum, value);
        if (event_ns < first_ns) {
            first_ns = event_ns;
            first = value;
        }
        if (event_ns >= last_ns) {
            last_ns = event_ns;
            last = value;
        }
    }

    /// Takes in a later pane that has readings (Chan et al. 1979); its own readings come before.
    void join(const WindowPane& later) noexcept {
        const auto mine = static_cast<double>(count);
        const auto others = static_cast<double>(later.count);
        const double all = mine + others;
        const double off = later.mean - mean;
        off_squares += later.off_squares + off * off * (mine / all * others);
        minimum = std::min(minimum, later.minimum);
        maximum = std::max(maximum, later.maximum);
        // Weighted, since `off` may be infinite; rounding does not carry it out of the values.
        mean = std::clamp(mean * (mine / all) + later.mean * (others / all), minimum, maximum);
        count += later.count;
        last_ns = later.last_ns;
        last = later.last;
    }
};

/// Shape: 1 KiB.
struct SketchedPane {
    WindowPane pane;
    QuantileSketch sketch;
};

static_assert(sizeof(WindowPane) == 72 && sizeof(SketchedPane) == 1024);

}  // namespace roda::appliance
