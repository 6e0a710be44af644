// SPDX-License-Identifier: Apache-2.0
#include "dpdk/device/device_counts.hpp"

#include <gtest/gtest.h>

#include <array>

namespace roda::dpdk::detail {
namespace {

std::array<std::uint64_t, 5> numbers(const DeviceCounts& counts) {
    return {counts.received, counts.missed, counts.errors, counts.no_buffer, counts.left_at_stop};
}

TEST(DeviceCounts, ADeviceThatForgetsAsItStopsCountsWhatItHadBefore) {
    const DeviceCounts before{100, 20, 3, 4, 0};
    const DeviceCounts forgotten{0, 0, 0, 0, 0};
    EXPECT_EQ(numbers(at_stop(before, forgotten)), numbers(before));
}

TEST(DeviceCounts, ADeviceThatCountsUntilItStandsCountsThatToo) {
    const DeviceCounts before{100, 20, 3, 4, 0};
    const DeviceCounts after{110, 21, 4, 5, 0};
    EXPECT_EQ(numbers(at_stop(before, after)), numbers(after));
}

TEST(DeviceCounts, WhatWasReceivedAndNotPolledIsLeftAtStop) {
    const std::array<std::uint64_t, 5> settled_counts{90, 20, 3, 4, 10};
    EXPECT_EQ(numbers(settled({100, 20, 3, 4, 0}, 90)), settled_counts);
}

TEST(DeviceCounts, ADeviceThatStartsAgainFromZeroCountsFromZero) {
    const std::array<std::uint64_t, 5> seven_more{7, 1, 0, 0, 0};
    EXPECT_EQ(numbers(since({100, 20, 3, 4, 0}, {7, 21, 3, 4, 0})), seven_more);
}

}  // namespace
}  // namespace roda::dpdk::detail
