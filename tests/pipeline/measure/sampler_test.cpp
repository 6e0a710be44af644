// SPDX-License-Identifier: Apache-2.0
// Which turns are sampled, what a guard records, and what an outlier is.
#include "pipeline/measure/sampler.hpp"

#include <gtest/gtest.h>

#include "tests/pipeline/measure/fake_clock.hpp"

namespace roda {
namespace {

TEST(LatencySampler, GuardRecordsItsLifeTime) {
    FakeTime time{.now_ns = 1'000};
    LatencyHistogram histogram;
    LatencySampler sampler(histogram, 1, FakeClock{&time});
    {
        const auto guard = sampler.sample();
        time.now_ns += 70;
        EXPECT_EQ(histogram.count(), 0u) << "on drop, not before";
    }
    EXPECT_EQ(histogram.count(), 1u);
    EXPECT_EQ(histogram.max(), 70u);
}

TEST(LatencySampler, ClockThatStepsBackRecordsZero) {
    FakeTime time{.now_ns = 1'000};
    LatencyHistogram histogram;
    LatencySampler sampler(histogram, 1, FakeClock{&time});
    {
        const auto guard = sampler.sample();
        time.now_ns = 900;
    }
    EXPECT_EQ(histogram.count(), 1u);
    EXPECT_EQ(histogram.max(), 0u);
}

// The seed counts a turn twice and so never samples at an even rate.
TEST(LatencySampler, SamplesEachNthTurnAndReadsTheClockForNoOther) {
    for (const std::uint64_t every : {1u, 2u, 3u, 7u}) {
        FakeTime time;
        LatencyHistogram histogram;
        LatencySampler sampler(histogram, every, FakeClock{&time});
        for (std::uint64_t turn = 1; turn <= 42; ++turn) {
            { const auto guard = sampler.sample(); }
            ASSERT_EQ(histogram.count(), turn / every) << turn << " of " << every;
            ASSERT_EQ(time.readings, 2 * (turn / every));
        }
    }
}

TEST(LatencySampler, DurationsAreSampledByTheSameTurns) {
    LatencyHistogram histogram;
    LatencySampler sampler(histogram, 3);
    for (std::uint64_t turn = 1; turn <= 9; ++turn) {
        sampler.sample(turn);
    }
    EXPECT_EQ(histogram.count(), 3u);
    EXPECT_EQ(histogram.min(), 3u);
    EXPECT_EQ(histogram.mean(), 6.0);
    EXPECT_EQ(histogram.max(), 9u);
}

TEST(LatencySampler, OutlierIsAboveThe999thThousandth) {
    LatencyHistogram histogram;
    LatencySampler sampler(histogram, 1);
    for (std::uint64_t i = 0; i < 99; ++i) {
        sampler.sample(50);
    }
    EXPECT_FALSE(sampler.is_outlier(1'000'000)) << "99 samples say nothing";
    sampler.sample(50);
    EXPECT_TRUE(sampler.is_outlier(51));
    EXPECT_FALSE(sampler.is_outlier(50));
}

TEST(LatencySampler, OutlierLimitFollowsTheSamples) {
    LatencyHistogram histogram;
    LatencySampler sampler(histogram, 1);
    for (std::uint64_t i = 0; i < 100; ++i) {
        sampler.sample(50);
    }
    EXPECT_TRUE(sampler.is_outlier(100));
    for (std::uint64_t i = 0; i < 127; ++i) {
        sampler.sample(100);
    }
    EXPECT_TRUE(sampler.is_outlier(100)) << "kept: the samples have not grown enough";
    sampler.sample(100);
    EXPECT_FALSE(sampler.is_outlier(100));
    EXPECT_TRUE(sampler.is_outlier(101));
    for (std::uint64_t i = 0; i < 1'000'000; ++i) {
        sampler.sample(20);
    }
    EXPECT_TRUE(sampler.is_outlier(100));
}

TEST(LatencySampler, ResetForgetsSamplesTurnsAndTheOutlierLimit) {
    LatencyHistogram histogram;
    LatencySampler sampler(histogram, 2);
    for (std::uint64_t i = 0; i < 1'001; ++i) {
        sampler.sample(50);
    }
    EXPECT_TRUE(sampler.is_outlier(60));
    sampler.reset();
    EXPECT_EQ(histogram.stats(), LatencyStats{});
    EXPECT_FALSE(sampler.is_outlier(60));
    sampler.sample(70);
    EXPECT_EQ(histogram.count(), 0u) << "the first of two turns again";
    for (std::uint64_t i = 0; i < 199; ++i) {
        sampler.sample(70);
    }
    EXPECT_EQ(histogram.count(), 100u);
    EXPECT_FALSE(sampler.is_outlier(70));
    EXPECT_TRUE(sampler.is_outlier(71));
}

TEST(LatencySampler, HistogramThatSomeoneElseResetIsNoticed) {
    LatencyHistogram histogram;
    LatencySampler sampler(histogram, 1);
    for (std::uint64_t i = 0; i < 1'000; ++i) {
        sampler.sample(50);
    }
    EXPECT_TRUE(sampler.is_outlier(60));
    histogram.reset();
    for (std::uint64_t i = 0; i < 100; ++i) {
        sampler.sample(60);
    }
    EXPECT_FALSE(sampler.is_outlier(60));
}

TEST(LatencySamplerDeathTest, RateOfZeroIsTheProgrammersError) {
    LatencyHistogram histogram;
    EXPECT_DEATH(LatencySampler(histogram, 0), "n is at least 1");
}

}  // namespace
}  // namespace roda
