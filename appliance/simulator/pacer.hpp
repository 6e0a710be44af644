// SPDX-License-Identifier: Apache-2.0
// How many datagrams are due: an absolute schedule, so that late wake-ups do not lower the rate.
#pragma once

#include <algorithm>
#include <cstdint>

namespace roda::appliance {

/// Pure: the caller brings the time. Datagram k is due at start + k / rate.
class Pacer {
  public:
    /// `burst` bounds what is due at once.
    Pacer(double datagrams_per_second, std::uint64_t start_ns, std::uint64_t burst)
        : interval_ns_(1e9 / datagrams_per_second), start_ns_(start_ns), burst_(burst) {}

    /// Datagrams to send now. After a stall the debt is paid at no more than twice the rate: a
    /// burst of all that was missed would overrun the receiver's queue.
    std::uint64_t due(std::uint64_t now_ns) const noexcept {
        const double elapsed_ns = static_cast<double>(now_ns - start_ns_);
        const std::uint64_t wanted = static_cast<std::uint64_t>(elapsed_ns / interval_ns_) + 1;
        const double since_last_ns = static_cast<double>(now_ns - std::max(last_ns_, start_ns_));
        const std::uint64_t patience =
            1 + static_cast<std::uint64_t>(2.0 * since_last_ns / interval_ns_);
        return wanted <= sent_ ? 0 : std::min({wanted - sent_, patience, burst_});
    }

    void sent(std::uint64_t datagrams, std::uint64_t now_ns) noexcept {
        sent_ += datagrams;
        last_ns_ = now_ns;
    }

    /// When to look again: one datagram or one tick later, whichever is longer.
    std::uint64_t next_wake_ns() const noexcept {
        const double due_ns = interval_ns_ * static_cast<double>(sent_);
        return std::max(start_ns_ + static_cast<std::uint64_t>(due_ns), last_ns_ + tick_ns);
    }

  private:
    static constexpr std::uint64_t tick_ns = 1'000'000;

    double interval_ns_;
    std::uint64_t start_ns_;
    std::uint64_t burst_;
    std::uint64_t sent_ = 0;
    std::uint64_t last_ns_ = 0;
};

}  // namespace roda::appliance
