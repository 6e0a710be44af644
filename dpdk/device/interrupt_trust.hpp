// SPDX-License-Identifier: Apache-2.0
// Whether a queue's receive interrupt rings for its frames, learnt from one sleep after the other.
#pragma once

namespace roda::dpdk::detail {

/// An interrupt is not believed before it has rung for a frame: some devices offer one that never
/// comes (e1000e with MSI-X). It is given up when it stays silent for frames, or rings without end.
///
/// A ring may come behind its frame, which was found as the sleep ended by itself: that one is
/// late, not missing. On a busy host, and for short sleeps, this is common.
class InterruptTrust {
  public:
    static constexpr int most_silent = 8;
    static constexpr int most_idle_rings = 64;

    /// After a sleep: whether the interrupt ended it, and whether frames were there.
    constexpr void learn(bool rang, bool frames) noexcept {
        if (rang && frames) {
            proven_ = true;
            silent_ = 0;
            idle_rings_ = 0;
        } else if (frames) {
            ++silent_;
        } else if (rang && silent_ > 0) {
            --silent_;
        } else if (rang) {
            ++idle_rings_;
        } else {
            idle_rings_ = 0;
        }
    }

    constexpr bool is_proven() const noexcept { return proven_ && !is_given_up(); }

    constexpr bool is_given_up() const noexcept {
        return silent_ >= most_silent || idle_rings_ >= most_idle_rings;
    }

  private:
    bool proven_ = false;
    int silent_ = 0;      // sleeps that found frames, less the rings that came late
    int idle_rings_ = 0;  // in a row, for no frame
};

}  // namespace roda::dpdk::detail
