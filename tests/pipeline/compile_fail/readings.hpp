// SPDX-License-Identifier: Apache-2.0
// What the programs of this folder have in common. The engine's headers are included by each.
#pragma once

#include <cstdint>

namespace roda {

struct Reading {
    std::uint64_t sensor_id;
    double value;
};

inline constexpr auto init = [](const Reading& r) { return r.value; };
inline constexpr auto fold = [](double& sum, const Reading& r) { sum += r.value; };

}  // namespace roda
