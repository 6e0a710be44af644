// SPDX-License-Identifier: Apache-2.0
// A clock that a test sets, and whose every reading may take time.
#pragma once

#include <cstdint>

namespace roda {

struct FakeTime {
    std::uint64_t now_ns = 0;
    std::uint64_t readings = 0;
    std::uint64_t step_ns = 0;  // added after each reading
};

struct FakeClock {
    FakeTime* time;

    std::uint64_t operator()() const noexcept {
        ++time->readings;
        const std::uint64_t now_ns = time->now_ns;
        time->now_ns += time->step_ns;
        return now_ns;
    }
};

}  // namespace roda
