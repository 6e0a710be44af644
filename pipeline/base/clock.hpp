// SPDX-License-Identifier: Apache-2.0
// Time of day and elapsed time, both in nanoseconds.
#pragma once

#include <cstdint>
#include <ctime>

namespace roda {

inline std::uint64_t read_clock_ns(clockid_t clock) noexcept {
    timespec now{};
    ::clock_gettime(clock, &now);  // vDSO: no system call
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u +
           static_cast<std::uint64_t>(now.tv_nsec);
}

/// Unix time: what timestamps on the wire and in records mean. May step.
inline std::uint64_t unix_now_ns() noexcept {
    return read_clock_ns(CLOCK_REALTIME);
}

/// Never steps back: for intervals, rates and deadlines.
inline std::uint64_t monotonic_now_ns() noexcept {
    return read_clock_ns(CLOCK_MONOTONIC);
}

}  // namespace roda
