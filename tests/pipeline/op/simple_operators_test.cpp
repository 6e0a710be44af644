// SPDX-License-Identifier: Apache-2.0
// The operators without state: map, filter, inspect.
#include <gtest/gtest.h>

#include "pipeline/op/filter.hpp"
#include "pipeline/op/inspect.hpp"
#include "pipeline/op/map.hpp"
#include "tests/pipeline/op/run_pipe.hpp"

namespace roda {
namespace {

const std::vector<Reading> readings{{1, 10, 100}, {2, 20, 200}, {3, 30, 300}};

TEST(Map, TurnsEachRecordIntoAnother) {
    EXPECT_EQ(run_pipe(map([](const Reading& r) { return r.value * 2; }), readings),
              (std::vector<Emission<double>>{{20, 0}, {40, 1}, {60, 2}}));
}

TEST(Map, TakesAMemberPointer) {
    EXPECT_EQ(run_pipe(map(&Reading::timestamp_ns), readings),
              (std::vector<Emission<std::uint64_t>>{{100, 0}, {200, 1}, {300, 2}}));
}

TEST(Map, ThatReturnsAnOptionalMayDrop) {
    const auto odd_sensor = [](const Reading& r) {
        return r.sensor_id % 2 == 1 ? std::optional(r.value) : std::nullopt;
    };
    EXPECT_EQ(run_pipe(map(odd_sensor), readings),
              (std::vector<Emission<double>>{{10, 0}, {30, 2}}));
}

TEST(Filter, PassesWhatThePredicateHoldsFor) {
    EXPECT_EQ(run_pipe(filter([](const Reading& r) { return r.value > 15; }), readings),
              (std::vector<Emission<Reading>>{{readings[1], 1}, {readings[2], 2}}));
    EXPECT_TRUE(run_pipe(filter([](const Reading&) { return false; }), readings).empty());
}

TEST(Inspect, SeesEachRecordAndPassesItOn) {
    std::vector<std::uint64_t> seen;
    const auto out =
        run_pipe(inspect([&seen](const Reading& r) { seen.push_back(r.sensor_id); }), readings);
    EXPECT_EQ(seen, (std::vector<std::uint64_t>{1, 2, 3}));
    EXPECT_EQ(
        out,
        (std::vector<Emission<Reading>>{{readings[0], 0}, {readings[1], 1}, {readings[2], 2}}));
}

TEST(Inspect, BehindAFilterSeesOnlyWhatPassed) {
    std::vector<std::uint64_t> seen;
    run_pipe(pipe(filter([](const Reading& r) { return r.value > 15; }),
                  inspect([&seen](const Reading& r) { seen.push_back(r.sensor_id); })),
             readings);
    EXPECT_EQ(seen, (std::vector<std::uint64_t>{2, 3}));
}

}  // namespace
}  // namespace roda
