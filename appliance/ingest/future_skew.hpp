// SPDX-License-Identifier: Apache-2.0
// How far a sender's clock may be ahead of ours before its datagrams are not believed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "proto/records.hpp"

namespace roda::appliance {

/// Cost: nothing where every time is allowed, else a comparison for each reading.
class FutureSkew {
  public:
    /// 0: every time is allowed.
    explicit FutureSkew(std::uint32_t max_ms) : max_ns_(std::uint64_t{max_ms} * 1'000'000) {}

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
};

}  // namespace roda::appliance
