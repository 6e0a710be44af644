// SPDX-License-Identifier: Apache-2.0
// How far a sender's clock may be ahead of ours before it is not believed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "appliance/config/config.hpp"
#include "proto/records.hpp"

namespace roda::appliance {

/// Cost: nothing where every time is allowed, else a comparison for each reading.
class FutureSkew {
  public:
    /// 0: every time is allowed.
    FutureSkew(std::uint32_t max_ms, FuturePolicy policy)
        : max_ns_(std::uint64_t{max_ms} * 1'000'000), policy_(policy) {}

    FuturePolicy policy() const noexcept { return policy_; }

    /// Gives the readings that were taken so long after they arrived the time of their arrival.
    /// Returns how many.
    std::uint64_t clamp(std::span<proto::Reading> readings,
                        std::uint64_t receive_ns) const noexcept {
        std::uint64_t clamped = 0;
        for (proto::Reading& reading : readings) {
            if (reading.timestamp_ns > receive_ns + max_ns_) {
                reading.timestamp_ns = receive_ns;
                ++clamped;
            }
        }
        return clamped;
    }

    /// Whether a reading says that it was taken so long after it arrived.
    bool is_exceeded(std::span<const proto::Reading> readings,
                     std::uint64_t receive_ns) const noexcept {
        return max_ns_ != 0 &&
               std::ranges::any_of(
                   readings, [limit_ns = receive_ns + max_ns_](const proto::Reading& reading) {
                       return reading.timestamp_ns > limit_ns;
                   });
    }

  private:
    std::uint64_t max_ns_;
    FuturePolicy policy_;
};

}  // namespace roda::appliance
