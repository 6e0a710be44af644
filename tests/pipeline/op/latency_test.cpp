// SPDX-License-Identifier: Apache-2.0
// latency and latency_since: what is timed, and what is not.
#include "pipeline/op/latency.hpp"

#include <gtest/gtest.h>

#include "pipeline/op/inspect.hpp"
#include "pipeline/op/map.hpp"
#include "pipeline/op/stateful.hpp"
#include "tests/pipeline/measure/fake_clock.hpp"
#include "tests/pipeline/op/run_pipe.hpp"

namespace roda {
namespace {

constexpr auto init = [](const Reading& r) { return r.value; };
constexpr auto fold = [](double& sum, const Reading& r) { sum += r.value; };

/// Takes the item's value in time.
auto take_time(FakeTime& time) {
    return inspect(
        [&time](const Reading& r) { time.now_ns += static_cast<std::uint64_t>(r.value); });
}

std::vector<Reading> readings_of(const std::vector<double>& values) {
    std::vector<Reading> readings;
    for (const double value : values) {
        readings.push_back({1, value, 0});
    }
    return readings;
}

TEST(Latency, TimesThePartAndEverythingBehindIt) {
    FakeTime time;
    LatencyHistogram histogram;
    auto bound = pipe(take_time(time),
                      latency(histogram, {}, take_time(time), FakeClock{&time}),
                      take_time(time))
                     .bind<Reading>();
    bound.run(readings_of({7}), 0, [&time](const Reading&, Cause) { time.now_ns += 100; });
    EXPECT_EQ(histogram.count(), 1u);
    EXPECT_EQ(histogram.max(), 7u + 7u + 100u) << "not what stands before it";
}

TEST(Latency, PassesOutputsOnAndSamplesEachNth) {
    FakeTime time;
    LatencyHistogram histogram;
    const auto out = run_pipe(latency(histogram,
                                      {.sample_every = 3},
                                      pipe(take_time(time), map(&Reading::value)),
                                      FakeClock{&time}),
                              readings_of({1, 2, 3, 4, 5, 6, 7}),
                              2);
    EXPECT_EQ(
        out,
        (std::vector<Emission<double>>{{1, 0}, {2, 1}, {3, 2}, {4, 3}, {5, 4}, {6, 5}, {7, 6}}));
    EXPECT_EQ(histogram.count(), 2u);
    EXPECT_EQ(histogram.min(), 3u);
    EXPECT_EQ(histogram.max(), 6u);
}

// Item 0 is updated while item 32 enters; the rest at the end of the burst, untimed.
TEST(Latency, OfAKeyedGroupIsTheStepOfAnItem) {
    FakeTime time;
    LatencyHistogram histogram;
    const auto fold_in_time = [&time](double& sum, const Reading& r) {
        time.now_ns += 10;
        sum += r.value;
    };
    auto bound =
        pipe(latency(histogram,
                     {},
                     stateful({.max_keys = 100}, &Reading::sensor_id, init, fold_in_time),
                     FakeClock{&time}))
            .bind<Reading>();
    std::vector<Reading> known;  // more than the handful that goes without a window
    for (std::uint64_t sensor = 0; sensor < 100; ++sensor) {
        known.push_back({sensor, 1, 0});
    }
    run_bound(bound, known);
    histogram.reset();
    const auto out = run_bound(bound, std::vector<Reading>(34, Reading{1, 1, 0}));
    ASSERT_EQ(out.size(), 34u) << "flushed through";
    EXPECT_EQ(out.back(), (Emission<double>{35, 33}));
    EXPECT_EQ(histogram.count(), 34u);
    EXPECT_EQ(histogram.quantile(32.0 / 34), 0u) << "32 entries without an update";
    EXPECT_EQ(histogram.mean(), 20.0 / 34);
}

TEST(Latency, CountsOfWhatItTimesAreVisible) {
    LatencyHistogram histogram;
    auto bound =
        pipe(latency(histogram, {}, stateful({.max_keys = 1}, &Reading::sensor_id, init, fold)))
            .bind<Reading>();
    run_bound(bound, std::vector<Reading>{{1, 1, 0}, {2, 1, 0}, {3, 1, 0}});
    EXPECT_EQ(bound.counts().keys, 1u);
    EXPECT_EQ(bound.counts().refused, 2u);
    EXPECT_EQ(bound.counts().expired, 0u);
}

TEST(Latency, Nests) {
    FakeTime time;
    LatencyHistogram outer;
    LatencyHistogram inner;
    run_pipe(latency(outer,
                     {},
                     pipe(take_time(time),
                          latency(inner, {.sample_every = 2}, take_time(time), FakeClock{&time})),
                     FakeClock{&time}),
             readings_of({10, 20}));
    EXPECT_EQ(outer.count(), 2u);
    EXPECT_EQ(outer.max(), 40u);
    EXPECT_EQ(inner.count(), 1u);
    EXPECT_EQ(inner.max(), 20u);
}

TEST(LatencyDeathTest, SamplingNoneIsTheProgrammersError) {
    LatencyHistogram histogram;
    EXPECT_DEATH(latency(histogram, {.sample_every = 0}, map(&Reading::value)), "at least 1");
}

TEST(LatencySince, RecordsTheAgeOfEachItem) {
    FakeTime time{.now_ns = 1'000};
    LatencyHistogram histogram;
    const std::vector<Reading> readings{{1, 1, 900}, {1, 2, 950}, {1, 3, 1'000}};
    const auto out =
        run_pipe(latency_since(&Reading::timestamp_ns, histogram, {}, FakeClock{&time}), readings);
    EXPECT_EQ(
        out,
        (std::vector<Emission<Reading>>{{readings[0], 0}, {readings[1], 1}, {readings[2], 2}}));
    EXPECT_EQ(histogram.count(), 3u);
    EXPECT_EQ(histogram.max(), 100u);
    EXPECT_EQ(histogram.mean(), 50.0);
    EXPECT_EQ(histogram.min(), 0u);
}

TEST(LatencySince, StampAheadOfTheClockIsNoAge) {
    FakeTime time{.now_ns = 1'000};
    LatencyHistogram histogram;
    run_pipe(latency_since(&Reading::timestamp_ns, histogram, {}, FakeClock{&time}),
             std::vector<Reading>{{1, 1, 5'000}});
    EXPECT_EQ(histogram.count(), 1u);
    EXPECT_EQ(histogram.max(), 0u);
}

TEST(LatencySince, BehindOtherOperatorsItIsTheAgeOfWhatTheyHandOn) {
    FakeTime time{.now_ns = 1'000};
    LatencyHistogram histogram;
    const auto out = run_pipe(pipe(map([](const Reading& r) { return r.timestamp_ns; }),
                                   latency_since(std::identity{}, histogram, {}, FakeClock{&time})),
                              std::vector<Reading>{{1, 1, 900}, {1, 2, 990}});
    EXPECT_EQ(out, (std::vector<Emission<std::uint64_t>>{{900, 0}, {990, 1}}));
    EXPECT_EQ(histogram.count(), 2u);
    EXPECT_EQ(histogram.mean(), 55.0);
}

TEST(LatencySince, ReadsTheClockForSampledItemsOnly) {
    FakeTime time{.now_ns = 1'000};
    LatencyHistogram histogram;
    run_pipe(
        latency_since(&Reading::timestamp_ns, histogram, {.sample_every = 2}, FakeClock{&time}),
        std::vector<Reading>{{1, 1, 900}, {1, 2, 950}, {1, 3, 1'000}});
    EXPECT_EQ(histogram.count(), 1u);
    EXPECT_EQ(histogram.max(), 50u);
    EXPECT_EQ(time.readings, 1u);
}

TEST(LatencySince, IsUnixTimeUnlessSaid) {
    LatencyHistogram histogram;
    run_pipe(latency_since(&Reading::timestamp_ns, histogram),
             std::vector<Reading>{{1, 1, unix_now_ns() - 1'000'000}});
    EXPECT_EQ(histogram.count(), 1u);
    EXPECT_GE(histogram.max(), 1'000'000u);
    EXPECT_LT(histogram.max(), 60'000'000'000u);
}

}  // namespace
}  // namespace roda
