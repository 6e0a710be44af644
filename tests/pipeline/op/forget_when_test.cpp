// SPDX-License-Identifier: Apache-2.0
#include "pipeline/op/forget_when.hpp"

#include <gtest/gtest.h>

#include "pipeline/op/pipe.hpp"
#include "pipeline/op/stateful.hpp"
#include "tests/pipeline/op/run_pipe.hpp"

namespace roda {
namespace {

constexpr auto init = [](const Reading& r) { return r.value; };
constexpr auto fold = [](double& sum, const Reading& r) { sum += r.value; };
constexpr auto is_done = [](double sum) { return sum >= 100; };

auto sums(std::uint32_t max_keys) {
    return pipe(keyed_by({.max_keys = max_keys},
                         &Reading::sensor_id,
                         stateful(init, fold),
                         forget_when(is_done)))
        .bind<Reading>();
}

/// Items of a key that is never done: they only move the sweep on, once round the whole table.
std::vector<Reading> sweep_all() {
    return std::vector<Reading>(1'000, Reading{99, 0, 0});
}

TEST(ForgetWhen, PassesItemsOnAndForgetsTheKeyThatIsDone) {
    auto bound = sums(16);
    EXPECT_EQ(run_bound(bound, std::vector<Reading>{{1, 60, 0}, {2, 10, 0}, {1, 50, 0}}),
              (std::vector<Emission<double>>{{60, 0}, {10, 1}, {110, 2}}));
    run_bound(bound, sweep_all());
    EXPECT_EQ(bound.counts().expired, 1u);
    EXPECT_EQ(bound.counts().keys, 2u);
    EXPECT_EQ(run_bound(bound, std::vector<Reading>{{1, 5, 0}, {2, 5, 0}}),
              (std::vector<Emission<double>>{{5, 0}, {15, 1}}));
}

TEST(ForgetWhen, ItemBeforeTheSweepKeepsTheKeyWhenItIsDoneNoMore) {
    auto bound = sums(16);
    run_bound(bound, std::vector<Reading>{{1, 100, 0}, {1, -50, 0}});
    run_bound(bound, sweep_all());
    EXPECT_EQ(bound.counts().expired, 0u);
    EXPECT_EQ(run_bound(bound, std::vector<Reading>{{1, 1, 0}}),
              (std::vector<Emission<double>>{{51, 0}}));
}

TEST(ForgetWhen, SlotsOfDoneKeysServeNewOnesForEver) {
    auto bound = sums(1'024);
    for (std::uint64_t key = 1; key <= 100'000; key += 64) {
        std::vector<Reading> burst;
        for (std::uint64_t i = 0; i < 64; ++i) {
            burst.push_back({key + i, 10, 0});
            burst.push_back({key + i, 90, 0});
            burst.push_back({99, 0, 0});
        }
        run_bound(bound, burst);
    }
    EXPECT_EQ(bound.counts().refused, 0u);
    EXPECT_GT(bound.counts().expired, 98'000u);
}

}  // namespace
}  // namespace roda
