// SPDX-License-Identifier: Apache-2.0
#include "appliance/simulator/pacer.hpp"

#include <gtest/gtest.h>

namespace roda::appliance {
namespace {

constexpr std::uint64_t start_ns = 5'000'000'000;
constexpr std::uint64_t millisecond_ns = 1'000'000;

TEST(Pacer, FirstDatagramIsDueAtOnceAndTheNextOneIntervalLater) {
    Pacer pacer(100, start_ns, 64);

    EXPECT_EQ(pacer.due(start_ns), 1u);
    pacer.sent(1, start_ns);
    EXPECT_EQ(pacer.due(start_ns + 9 * millisecond_ns), 0u);
    EXPECT_EQ(pacer.next_wake_ns(), start_ns + 10 * millisecond_ns);
    EXPECT_EQ(pacer.due(start_ns + 10 * millisecond_ns), 1u);
}

TEST(Pacer, LateWakeUpsDoNotLowerTheRate) {
    Pacer pacer(2000, start_ns, 64);
    std::uint64_t sent = 0;
    std::uint64_t now_ns = start_ns;
    while (now_ns < start_ns + 1000 * millisecond_ns) {
        const std::uint64_t due = pacer.due(now_ns);
        sent += due;
        pacer.sent(due, now_ns);
        now_ns = pacer.next_wake_ns() + 300'000;
    }
    EXPECT_NEAR(static_cast<double>(sent), 2000, 3);
}

TEST(Pacer, AStallIsMadeUpForWithoutABurst) {
    Pacer pacer(2000, start_ns, 64);
    pacer.sent(1, start_ns);
    std::uint64_t now_ns = start_ns + 1000 * millisecond_ns;
    EXPECT_EQ(pacer.due(now_ns), 64u);
    pacer.sent(64, now_ns);

    // From here at most twice the rate: 4 a millisecond, and the one that rounding may add.
    std::uint64_t sent = 65;
    while (sent < 3000) {
        now_ns += millisecond_ns;
        const std::uint64_t due = pacer.due(now_ns);
        ASSERT_LE(due, 5u);
        ASSERT_GT(due, 0u);
        pacer.sent(due, now_ns);
        sent += due;
    }
}

}  // namespace
}  // namespace roda::appliance
