// SPDX-License-Identifier: Apache-2.0
#include "pipeline/engine/idle.hpp"

#include <gtest/gtest.h>
#include <algorithm>

#include "pipeline/base/clock.hpp"

namespace roda {
namespace {

TEST(Idle, SpinsThenPausesThenSaysThatItIsTimeToSleepUntilReset) {
    Idle idle;
    for (std::uint32_t turn = 0; turn < Idle::spin_turns + Idle::pause_turns; ++turn) {
        ASSERT_TRUE(idle.spin());
    }
    EXPECT_FALSE(idle.spin());
    EXPECT_FALSE(idle.spin());
    idle.reset();
    EXPECT_TRUE(idle.spin());
}

TEST(Idle, WaitNapsOnlyAfterItsSpinAndPauseTurns) {
    Idle idle;
    while (idle.spin()) {
    }
    const std::uint64_t before_ns = monotonic_now_ns();
    idle.wait();
    EXPECT_GE(monotonic_now_ns() - before_ns, static_cast<std::uint64_t>(Idle::nap_ns));
    idle.reset();
    std::uint64_t quickest_ns = ~std::uint64_t{0};  // others may take the core for a while
    for (int turn = 0; turn < 20; ++turn) {
        const std::uint64_t began_ns = monotonic_now_ns();
        idle.wait();
        quickest_ns = std::min(quickest_ns, monotonic_now_ns() - began_ns);
    }
    EXPECT_LT(quickest_ns, static_cast<std::uint64_t>(Idle::nap_ns));
}

}  // namespace
}  // namespace roda
