// SPDX-License-Identifier: Apache-2.0
// Rates of an interval and of the whole.
#include "pipeline/measure/rate.hpp"

#include <gtest/gtest.h>

namespace roda {
namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;

TEST(RateMeter, TellsTheIntervalFromTheWhole) {
    RateMeter meter(5 * second_ns);
    meter.add(600);
    meter.add(400);
    EXPECT_EQ(meter.report(7 * second_ns),
              (Progress{.records = 1'000,
                        .elapsed_ns = 2 * second_ns,
                        .interval_per_s = 500,
                        .average_per_s = 500}));
    meter.add(3'000);
    EXPECT_EQ(meter.report(8 * second_ns),
              (Progress{.records = 4'000,
                        .elapsed_ns = 3 * second_ns,
                        .interval_per_s = 3'000,
                        .average_per_s = 4'000.0 / 3}));
    EXPECT_EQ(meter.report(9 * second_ns),
              (Progress{.records = 4'000,
                        .elapsed_ns = 4 * second_ns,
                        .interval_per_s = 0,
                        .average_per_s = 1'000}));
}

TEST(RateMeter, RateOverNoTimeIsZero) {
    RateMeter meter(second_ns);
    meter.add(10);
    const Progress nothing{.records = 10, .elapsed_ns = 0, .interval_per_s = 0, .average_per_s = 0};
    EXPECT_EQ(meter.report(second_ns), nothing);
    EXPECT_EQ(meter.report(second_ns / 2), nothing) << "a clock that stepped back";
}

}  // namespace
}  // namespace roda
