// SPDX-License-Identifier: Apache-2.0
// What a worker does when a turn found nothing: spin, then pause, then sleep.
#pragma once

#include <cstdint>
#include <ctime>

namespace roda {

/// Adaptive back-off: full speed while work comes, near-zero CPU when none does.
///
/// Cost: no system call before spin_turns + pause_turns empty turns (some 20 us), then one
/// nanosleep of park_ns a turn. At park_ns = 50 us a 1,024-descriptor ring takes 20 M frames/s
/// before it overflows, and two spinners on one core do not starve each other (dpdk.md).
class Idle {
  public:
    static constexpr std::uint32_t spin_turns = 64;
    static constexpr std::uint32_t pause_turns = 512;
    static constexpr long park_ns = 50'000;

    void reset() noexcept { empty_turns_ = 0; }

    void wait() noexcept {
        if (empty_turns_ < spin_turns) {
            ++empty_turns_;
        } else if (empty_turns_ < spin_turns + pause_turns) {
            ++empty_turns_;
            __builtin_ia32_pause();
        } else {
            const timespec nap{0, park_ns};
            ::nanosleep(&nap, nullptr);
        }
    }

  private:
    std::uint32_t empty_turns_ = 0;
};

}  // namespace roda
