// SPDX-License-Identifier: Apache-2.0
// What composition promises: order, causes, nesting, bursts.
#include "pipeline/op/pipe.hpp"

#include <gtest/gtest.h>
#include <random>

#include "pipeline/op/dedup_by.hpp"
#include "pipeline/op/delta.hpp"
#include "pipeline/op/filter.hpp"
#include "pipeline/op/inspect.hpp"
#include "pipeline/op/map.hpp"
#include "pipeline/op/stateful.hpp"
#include "tests/pipeline/op/run_pipe.hpp"

namespace roda {
namespace {

constexpr auto twice = [](double value) { return value * 2; };
constexpr auto plus_one = [](double value) { return value + 1; };

TEST(Pipe, RunsOperatorsInTheOrderTheyAreWritten) {
    EXPECT_EQ(run_pipe(pipe(map(twice), map(plus_one)), std::vector<double>{1, 2}),
              (std::vector<Emission<double>>{{3, 0}, {5, 1}}));
}

TEST(Pipe, WithoutOperatorsPassesEverything) {
    EXPECT_EQ(run_pipe(pipe(), std::vector<double>{1, 2}),
              (std::vector<Emission<double>>{{1, 0}, {2, 1}}));
}

TEST(Pipe, NestsToAnyDepth) {
    const auto nested =
        pipe(pipe(map(twice)), pipe(pipe(map(plus_one), map(twice)), map(plus_one)));
    const auto flat = pipe(map(twice), map(plus_one), map(twice), map(plus_one));
    const std::vector<double> items{1, 2, 3};
    EXPECT_EQ(run_pipe(nested, items), run_pipe(flat, items));
}

TEST(Pipe, EmptyBurstDoesNothing) {
    auto bound = pipe(map(twice)).bind<double>();
    int calls = 0;
    bound.run(std::span<const double>(), 0, [&](double, Cause) { ++calls; });
    EXPECT_EQ(calls, 0);
}

TEST(Pipe, EachBindingHasStateOfItsOwn) {
    const auto spec = pipe(dedup_by({.max_keys = 8}, &Reading::sensor_id));
    auto first = spec.bind<Reading>();
    auto second = spec.bind<Reading>();
    const std::vector<Reading> items{{1, 1, 1}};
    EXPECT_EQ(run_bound(first, items).size(), 1u);
    EXPECT_EQ(run_bound(second, items).size(), 1u);
    EXPECT_EQ(run_bound(first, items).size(), 0u);
}

/// Filter, two tables with different keys, nested, with drops on the way.
auto long_pipe() {
    const auto finite = [](const Reading& r) { return r.value >= 0; };
    const auto sum_init = [](const Reading& r) { return r; };
    const auto sum_fold = [](Reading& sum, const Reading& r) {
        sum.value += r.value;
        sum.timestamp_ns = r.timestamp_ns;
    };
    const auto rose = [](const Reading& sum, const double* previous) -> std::optional<Reading> {
        return previous == nullptr || sum.value > *previous + 2 ? std::optional(sum) : std::nullopt;
    };
    const auto by_minute = [](const Reading& r) { return r.timestamp_ns / 60; };
    return pipe(filter(finite),
                pipe(keyed_by({.max_keys = 100},
                              &Reading::sensor_id,
                              stateful(sum_init, sum_fold),
                              delta(&Reading::value, rose))),
                keyed_by({.max_keys = 30}, by_minute, dedup_by(&Reading::sensor_id)),
                map([](const Reading& r) { return r.value; }));
}

std::vector<Reading> random_readings(std::size_t count) {
    std::mt19937 random(6);
    std::vector<Reading> readings;
    for (std::size_t i = 0; i < count; ++i) {
        readings.push_back(
            {random() % 110, static_cast<double>(random() % 10) - 1, random() % 2'000});
    }
    return readings;
}

class BurstSize : public ::testing::TestWithParam<std::size_t> {};

TEST_P(BurstSize, ChangesNeitherOutputsNorOrderNorCauses) {
    const std::vector<Reading> items = random_readings(3'000);
    auto whole = long_pipe().bind<Reading>();
    auto cut = long_pipe().bind<Reading>();
    EXPECT_EQ(run_bound(cut, items, GetParam()), run_bound(whole, items));
    EXPECT_EQ(cut.counts().keys, whole.counts().keys);
    EXPECT_EQ(cut.counts().refused, whole.counts().refused);
    EXPECT_GT(whole.counts().refused, 0u);
}

INSTANTIATE_TEST_SUITE_P(Pipe,
                         BurstSize,
                         ::testing::Values(1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 49, 57, 1000));

TEST(Pipe, EmptyBurstsBetweenChangeNothing) {
    const std::vector<Reading> items = random_readings(200);
    auto with_gaps = long_pipe().bind<Reading>();
    std::vector<Emission<double>> out;
    const auto keep = [&](double value, Cause cause) { out.push_back({value, cause}); };
    for (std::size_t i = 0; i < items.size(); ++i) {
        with_gaps.run(std::span<const Reading>(), 0, keep);
        with_gaps.run(std::span(items).subspan(i, 1), i, keep);
    }
    auto whole = long_pipe().bind<Reading>();
    EXPECT_EQ(out, run_bound(whole, items));
}

TEST(Pipe, CausesCountFromTheBurstsFirst) {
    auto bound = pipe(filter([](double value) { return value > 1; }), map(twice)).bind<double>();
    EXPECT_EQ(run_bound(bound, std::vector<double>{1, 2, 3}, one_burst, 1'000'000),
              (std::vector<Emission<double>>{{4, 1'000'001}, {6, 1'000'002}}));
}

TEST(Pipe, OutputsKeepTheOrderOfTheItemsThroughEveryWindow) {
    const auto out = run_pipe(long_pipe(), random_readings(3'000));
    ASSERT_GT(out.size(), 100u);
    EXPECT_TRUE(std::is_sorted(
        out.begin(), out.end(), [](const auto& a, const auto& b) { return a.cause < b.cause; }));
}

// Before the window is emptied at the end of a burst, items wait in it: no output may be late.
TEST(Pipe, NothingIsHeldBackAtTheEndOfABurst) {
    auto bound = pipe(dedup_by({.max_keys = 8}, &Reading::sensor_id),
                      stateful(
                          {.max_keys = 8},
                          &Reading::sensor_id,
                          [](const Reading& r) { return r; },
                          [](Reading&, const Reading&) {}))
                     .bind<Reading>();
    for (std::uint64_t i = 0; i < 100; ++i) {
        const auto out = run_bound(
            bound, std::vector<Reading>{{i % 3, static_cast<double>(i), i}}, one_burst, i);
        ASSERT_EQ(out.size(), 1u);
        ASSERT_EQ(out[0].cause, i);
    }
}

TEST(Pipe, BoundPipeMayBeMovedWithItsState) {
    auto first = pipe(dedup_by({.max_keys = 8}, &Reading::sensor_id)).bind<Reading>();
    const std::vector<Reading> items{{1, 1, 1}};
    EXPECT_EQ(run_bound(first, items).size(), 1u);
    auto second = std::move(first);
    EXPECT_EQ(run_bound(second, items).size(), 0u);
}

}  // namespace
}  // namespace roda
