// SPDX-License-Identifier: Apache-2.0
// What the engine's tests ask of the machine: its cores, the time, the CPU that was used.
#pragma once

#include <gtest/gtest.h>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "pipeline/base/clock.hpp"
#include "pipeline/engine/placement.hpp"

namespace roda {

/// Waits, and expects that the wait was not in vain.
inline void wait_until(const auto& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition() && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    EXPECT_TRUE(condition());
}

inline std::uint32_t an_allowed_core() {
    return *CoreMap::of_this_host().allowed.begin();
}

/// CPU time of all threads of this process while the caller sleeps.
inline std::chrono::nanoseconds cpu_used_during(std::chrono::milliseconds time) {
    const std::uint64_t before_ns = read_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    std::this_thread::sleep_for(time);
    return std::chrono::nanoseconds(read_clock_ns(CLOCK_PROCESS_CPUTIME_ID) - before_ns);
}

/// A machine that is busy with other things delays some of them, not half of them.
inline std::chrono::nanoseconds median(std::vector<std::chrono::nanoseconds> times) {
    std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2));
    return times[times.size() / 2];
}

}  // namespace roda
