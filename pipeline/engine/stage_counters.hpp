// SPDX-License-Identifier: Apache-2.0
// What a stage counts. Published whole, once a step.
#pragma once

#include <cstdint>
#include <string_view>

namespace roda {

/// Since the engine was built; a step is one that took records.
struct StageCounters {
    std::uint64_t taken = 0;
    std::uint64_t emitted = 0;
    std::uint64_t keys = 0;     // remembered now
    std::uint64_t refused = 0;  // items whose key found a full table
    std::uint64_t expired = 0;  // keys forgotten
    std::uint64_t late = 0;     // items that came after all their windows had closed
    std::uint64_t steps = 0;
    std::uint64_t step_max_ns = 0;
    std::uint64_t stalls = 0;     // steps longer than StageOptions.stall_ns
    std::uint64_t held_back = 0;  // times it found its output full while records waited
};

struct StageStatus {
    std::string_view name;  // lives as long as the engine
    StageCounters counters;
};

}  // namespace roda
