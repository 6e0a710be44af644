// SPDX-License-Identifier: Apache-2.0
// The clocks of base/ as types, so that a measurement takes one as a parameter and a test another.
#pragma once

#include <cstdint>

#include "pipeline/base/clock.hpp"

namespace roda {

struct MonotonicClock {
    std::uint64_t operator()() const noexcept { return monotonic_now_ns(); }
};

struct UnixClock {
    std::uint64_t operator()() const noexcept { return unix_now_ns(); }
};

}  // namespace roda
