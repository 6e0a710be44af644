// SPDX-License-Identifier: Apache-2.0
// What a thread does while there is nothing to do: spin, then pause, then it is time to sleep. How
// it sleeps is the caller's: on a bell where somebody rings, else a nap at a time.
#pragma once

#include <cstdint>
#include <ctime>

namespace roda {

/// Adaptive back-off: full speed while work comes, near-zero CPU when none does.
///
/// Cost: no system call before spin_turns + pause_turns empty turns (20 to 40 us). With naps of
/// nap_ns a 1,024-descriptor ring takes 20 M frames/s before it overflows, and two spinners on one
/// core do not starve each other (dpdk.md).
class Idle {
  public:
    static constexpr std::uint32_t spin_turns = 64;
    static constexpr std::uint32_t pause_turns = 512;
    static constexpr long nap_ns = 50'000;

    void reset() noexcept { empty_turns_ = 0; }

    /// True when the next try is due at once; false when it is time to sleep, until reset().
    bool spin() noexcept {
        if (empty_turns_ >= spin_turns + pause_turns) {
            return false;
        }
        if (empty_turns_ >= spin_turns) {
            __builtin_ia32_pause();
        }
        ++empty_turns_;
        return true;
    }

    /// Sleeps for nap_ns and what the kernel's timers add.
    static void nap() noexcept {
        const timespec time{0, nap_ns};
        ::nanosleep(&time, nullptr);
    }

    /// For whom nobody rings.
    void wait() noexcept {
        if (!spin()) {
            nap();
        }
    }

  private:
    std::uint32_t empty_turns_ = 0;
};

}  // namespace roda
