// SPDX-License-Identifier: Apache-2.0
// The ways into a group give the same outputs, causes and counts: a burst in place, behind a gate,
// as copies behind a map, nested, on a dense table, in bursts of every size around the window's.
#include <gtest/gtest.h>
#include <random>

#include "pipeline/op/delta.hpp"
#include "pipeline/op/filter.hpp"
#include "pipeline/op/forget_when.hpp"
#include "pipeline/op/inspect.hpp"
#include "pipeline/op/keyed_by.hpp"
#include "pipeline/op/map.hpp"
#include "pipeline/op/stateful.hpp"
#include "tests/pipeline/op/run_pipe.hpp"

namespace roda {
namespace {

constexpr std::uint32_t max_keys = 300;

constexpr auto init = [](const Reading& r) { return r.value; };
constexpr auto fold = [](double& sum, const Reading& r) { sum += r.value; };
constexpr auto step = [](double sum, const double* before) {
    return before != nullptr && sum == *before ? std::nullopt : std::optional(sum);
};
constexpr auto is_wanted = [](const Reading& r) { return r.timestamp_ns % 7 != 0; };
constexpr auto same = [](const Reading& r) { return r; };

template <class Bound>
auto group(const Bound& bound) {
    return keyed_by(bound, &Reading::sensor_id, stateful(init, fold), delta(step));
}

constexpr KeyBound hashed{.max_keys = max_keys};
constexpr DenseKeys dense{.keys = max_keys};

/// More sensors than keys for the small bound, so that some are refused; ids below `max_keys` come
/// first, so that hashed and dense tables refuse the same.
std::vector<Reading> readings_of(std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<Reading> readings;
    for (std::uint64_t sensor = 0; sensor < max_keys; ++sensor) {
        readings.push_back({sensor, 1, 1});
    }
    for (std::size_t i = 0; i < 5'000; ++i) {
        readings.push_back(
            {random() % (max_keys + 20), static_cast<double>(random() % 3), random() % 100});
    }
    return readings;
}

struct Seen {
    std::vector<Emission<double>> outputs;
    std::uint32_t keys;
    std::uint64_t refused;

    friend bool operator==(const Seen&, const Seen&) = default;
};

template <class... Specs>
Seen seen(const std::vector<Reading>& readings, std::size_t burst, const Specs&... specs) {
    auto bound = pipe(specs...).template bind<Reading>();
    Seen result{run_bound(bound, readings, burst, 40), 0, 0};
    result.keys = static_cast<std::uint32_t>(bound.counts().keys);
    result.refused = bound.counts().refused;
    return result;
}

class Paths : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Paths, EveryWayInGivesTheSame) {
    const std::size_t burst = GetParam();
    const std::vector<Reading> readings = readings_of(static_cast<std::uint32_t>(burst));
    const Seen expected = seen(readings, 1, group(hashed));
    ASSERT_GT(expected.outputs.size(), 3'000u);
    ASSERT_GT(expected.refused, 100u);
    EXPECT_EQ(seen(readings, burst, group(hashed)), expected) << "in place";
    EXPECT_EQ(seen(readings, burst, pipe(group(hashed))), expected) << "nested, in place";
    EXPECT_EQ(seen(readings, burst, map(same), group(hashed)), expected) << "copies";
    EXPECT_EQ(seen(readings, burst, pipe(map(same), pipe(group(hashed)))), expected) << "nested";
    EXPECT_EQ(seen(readings, burst, group(dense)), expected) << "dense";
    EXPECT_EQ(seen(readings, burst, map(same), group(dense)), expected) << "dense, copies";
}

TEST_P(Paths, GatesInFrontLetTheSameItemsThrough) {
    const std::size_t burst = GetParam();
    const std::vector<Reading> readings = readings_of(static_cast<std::uint32_t>(burst));
    const Seen expected = seen(readings, 1, map(same), filter(is_wanted), group(hashed));
    std::size_t inspected = 0;
    const auto count = [&inspected](const Reading&) { ++inspected; };
    EXPECT_EQ(seen(readings, burst, filter(is_wanted), inspect(count), group(hashed)), expected);
    EXPECT_EQ(inspected, static_cast<std::size_t>(std::ranges::count_if(readings, is_wanted)));
    EXPECT_EQ(seen(readings, burst, pipe(filter(is_wanted)), group(hashed)), expected);
    EXPECT_EQ(seen(readings, burst, inspect(count), pipe(filter(is_wanted), group(hashed))),
              expected);
    EXPECT_EQ(seen(readings, burst, filter(is_wanted), map(same), group(hashed)), expected);
}

INSTANTIATE_TEST_SUITE_P(
    Burst, Paths, ::testing::Values(1, 2, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 127, 1824));

TEST(KeyedByPaths, OnlyGatesAndAnEmptyBurst) {
    const std::vector<Reading> readings{{1, 1, 7}, {1, 2, 8}};
    const auto out = run_pipe(pipe(filter(is_wanted)), readings);
    EXPECT_EQ(out, (std::vector<Emission<Reading>>{{{1, 2, 8}, 1}}));
    auto bound = pipe(group(hashed)).bind<Reading>();
    bound.run({}, 0, [](double, Cause) { FAIL() << "an output of nothing"; });
    EXPECT_EQ(bound.counts().keys, 0u);
}

TEST(KeyedByPaths, WhatWasPushedComesBeforeTheNextBurst) {
    auto bound = pipe(group(hashed)).bind<Reading>();
    run_bound(bound, readings_of(1));  // so many keys that a window holds what is pushed
    std::vector<Cause> causes;
    const auto sink = [&causes](double, Cause cause) { causes.push_back(cause); };
    bound.push({1, 5, 1}, 100, sink);
    const std::vector<Reading> burst{{2, 5, 1}, {1, 5, 1}};
    bound.run(burst, 200, sink);
    EXPECT_EQ(causes, (std::vector<Cause>{100, 200, 201}));
}

TEST(KeyedByPaths, AKeyThatWasForgottenBetweenTwoPushesBeginsAnew) {
    constexpr auto is_done = [](const Reading& r) { return r.timestamp_ns == 1; };
    auto bound = pipe(map(same),
                      keyed_by({.max_keys = 8},
                               &Reading::sensor_id,
                               forget_when(is_done),
                               stateful(init, fold)))
                     .bind<Reading>();
    // As many items as the sweep behind a burst needs to go round the table.
    std::vector<Reading> burst(64, {1, 2, 0});
    burst.back().timestamp_ns = 1;
    double last = 0;
    const auto sink = [&last](double sum, Cause) { last = sum; };
    bound.run(burst, 0, sink);
    EXPECT_EQ(last, 128);
    EXPECT_EQ(bound.counts().keys, 0u);
    bound.push({1, 3, 0}, 64, sink);
    EXPECT_EQ(last, 3);
    EXPECT_EQ(bound.counts().keys, 1u);
}

}  // namespace
}  // namespace roda
