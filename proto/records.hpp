// SPDX-License-Identifier: Apache-2.0
// The record that the whole program is about.
#pragma once

#include <cstdint>
#include <type_traits>

namespace roda::proto {

/// One value of one sensor at one moment.
///
/// Shape: 24 bytes, no padding; lies in journals and shared memory as it is.
/// Units: timestamp_ns is Unix time.
struct Reading {
    std::uint64_t sensor_id;
    double value;
    std::uint64_t timestamp_ns;

    friend bool operator==(const Reading&, const Reading&) = default;
};

static_assert(sizeof(Reading) == 24 && std::is_trivially_copyable_v<Reading>);

}  // namespace roda::proto
