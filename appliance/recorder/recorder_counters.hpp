// SPDX-License-Identifier: Apache-2.0
// What the flight recorder counts.
#pragma once

#include <cstdint>

namespace roda::appliance {

struct RecorderCounters {
    std::uint64_t frames = 0;      // kept now
    std::uint64_t by_rule = 0;     // files written because a rule fired
    std::uint64_t by_request = 0;  // because somebody asked
    std::uint64_t failed = 0;      // files that could not be written
    std::uint64_t skipped = 0;     // alerts of rules that record, within the quiet time

    friend bool operator==(const RecorderCounters&, const RecorderCounters&) = default;
};

}  // namespace roda::appliance
