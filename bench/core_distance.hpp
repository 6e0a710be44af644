// SPDX-License-Identifier: Apache-2.0
// How far apart two cores are. Virtual machines move them, within seconds, between one core
// complex and two: a factor of four, so every figure between threads needs this beside it.
#pragma once

#include <cstdint>
#include <string_view>

#include "bench/options.hpp"

namespace roda::bench {

inline constexpr std::uint32_t calibration_trips = 4000;

/// Units: ns for a bare cache line to the other core and back, the median of eight stretches.
///
/// Cost: some two milliseconds. Runs on threads of its own.
double line_round_trip_ns(CorePair cores, std::uint32_t trips = calibration_trips);

/// Cores of one complex stay under it, others (or another socket) above.
inline constexpr double near_max_ns = 250;

inline std::string_view distance_name(double round_trip_ns) noexcept {
    return round_trip_ns <= near_max_ns ? "near" : "far";
}

}  // namespace roda::bench
