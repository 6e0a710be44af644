// SPDX-License-Identifier: Apache-2.0
#include "dpdk/device/interrupt_trust.hpp"

#include <gtest/gtest.h>

namespace roda::dpdk::detail {
namespace {

void learn(InterruptTrust& trust, int times, bool rang, bool frames) {
    for (int i = 0; i < times; ++i) {
        trust.learn(rang, frames);
    }
}

TEST(InterruptTrust, BelievesAnInterruptOnceItHasRungForAFrame) {
    InterruptTrust trust;
    learn(trust, 10, false, false);
    EXPECT_FALSE(trust.is_proven());
    trust.learn(true, true);
    EXPECT_TRUE(trust.is_proven());
    learn(trust, 1000, false, false);
    EXPECT_TRUE(trust.is_proven());
}

TEST(InterruptTrust, GivesUpOneThatStaysSilentForFrames) {
    InterruptTrust trust;
    trust.learn(true, true);
    learn(trust, InterruptTrust::most_silent - 1, false, true);
    EXPECT_TRUE(trust.is_proven());
    EXPECT_FALSE(trust.is_given_up());
    trust.learn(false, true);
    EXPECT_FALSE(trust.is_proven());
    EXPECT_TRUE(trust.is_given_up());
}

TEST(InterruptTrust, DoesNotCallALateRingAMissingOne) {
    InterruptTrust trust;
    for (int i = 0; i < 100; ++i) {
        trust.learn(false, true);
        trust.learn(true, false);
    }
    EXPECT_FALSE(trust.is_given_up());
    trust.learn(true, true);
    EXPECT_TRUE(trust.is_proven());
}

TEST(InterruptTrust, GivesUpOneThatRingsWithoutEnd) {
    InterruptTrust trust;
    learn(trust, InterruptTrust::most_idle_rings - 1, true, false);
    trust.learn(false, false);
    learn(trust, InterruptTrust::most_idle_rings - 1, true, false);
    EXPECT_FALSE(trust.is_given_up());
    trust.learn(true, false);
    EXPECT_TRUE(trust.is_given_up());
}

}  // namespace
}  // namespace roda::dpdk::detail
