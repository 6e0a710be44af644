// SPDX-License-Identifier: Apache-2.0
// A limit on answers: so many a second, a burst of so many at once.
#pragma once

#include <algorithm>
#include <cstdint>

namespace roda::dpdk {

/// Full when made; a token comes back every 1/per_second.
///
/// Thread: one. Cost: a comparison and an addition; no timer, no allocation.
class TokenBucket {
  public:
    /// Shape: both above 0.
    constexpr TokenBucket(std::uint64_t per_second, std::uint64_t burst) noexcept
        : token_ns_(second_ns / per_second), depth_ns_(token_ns_ * burst) {}

    /// Takes a token, or says that there is none.
    ///
    /// Units: a clock that does not step back (monotonic_now_ns()).
    constexpr bool take(std::uint64_t now_ns) noexcept {
        const std::uint64_t emptier_ns = std::max(full_at_ns_, now_ns) + token_ns_;
        if (emptier_ns > now_ns + depth_ns_) {
            return false;
        }
        full_at_ns_ = emptier_ns;
        return true;
    }

  private:
    static constexpr std::uint64_t second_ns = 1'000'000'000;

    std::uint64_t token_ns_;
    std::uint64_t depth_ns_;
    std::uint64_t full_at_ns_ = 0;
};

}  // namespace roda::dpdk
