// SPDX-License-Identifier: Apache-2.0
// How many questions of neighbours a queue answers: a flood of one kind costs a bounded part of the
// worker, and the other kinds nothing.
#pragma once

#include <cstdint>

#include "dpdk/neighbour/neighbour.hpp"
#include "dpdk/neighbour/token_bucket.hpp"

namespace roda::dpdk {

/// Thread: one.
class AnswerLimits {
  public:
    /// Whether one more question of this kind is answered.
    ///
    /// Units: monotonic_now_ns().
    bool allow(NeighbourQuestion question, std::uint64_t now_ns) noexcept {
        switch (question) {
            case NeighbourQuestion::echo:
                return echo_.take(now_ns);
            case NeighbourQuestion::resolution:
                return resolution_.take(now_ns);
            case NeighbourQuestion::membership:
                return membership_.take(now_ns);
            case NeighbourQuestion::none:
                break;
        }
        return false;
    }

  private:
    TokenBucket echo_{1'000, 100};
    // A plant's gateways come back at once after an outage, and each asks again after a second.
    TokenBucket resolution_{10'000, 1'000};
    // A router asks once in minutes on each VLAN, and a report for each group may go out each time.
    TokenBucket membership_{10, 100};
};

}  // namespace roda::dpdk
