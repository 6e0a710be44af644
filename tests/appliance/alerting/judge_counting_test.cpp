// SPDX-License-Identifier: Apache-2.0
// M of N beside what decides a single reading: deadbands, rates without time, lines that are dated
// back.
#include <gtest/gtest.h>

#include "tests/appliance/alerting/judge_bench.hpp"

namespace roda::appliance {
namespace {

Rule counting(RuleKind kind, std::uint32_t at_least, std::uint32_t of_last) {
    Rule rule;
    rule.name = "rule";
    rule.kind = kind;
    rule.life.at_least = at_least;
    rule.life.of_last = of_last;
    return rule;
}

Rule above_80(std::uint32_t at_least, std::uint32_t of_last) {
    Rule rule = counting(RuleKind::limits, at_least, of_last);
    rule.hi = LevelLimit{80.0};
    rule.deadband = 5.0;
    return rule;
}

/// A value and when it was measured.
using Values = std::vector<std::pair<double, double>>;

Lines lines_of(const Rule& rule, const Values& values) {
    JudgeBench bench({rule});
    for (const auto& [value, at_ms] : values) {
        bench.read(1, value, at_ms);
    }
    return bench.lines();
}

TEST(MOfN, AWildReadingBeforeADeadbandIsNoAlert) {
    EXPECT_EQ(lines_of(above_80(3, 3), {{60, 0}, {900, 1}, {76, 2}, {76, 3}, {76, 4}}), Lines{});
    EXPECT_EQ(lines_of(above_80(2, 4), {{900, 0}, {76, 1}, {76, 2}, {76, 3}, {81, 4}}), Lines{});
}

TEST(MOfN, TheDeadbandCountsOnceTheConditionHolds) {
    EXPECT_EQ(lines_of(above_80(2, 3), {{81, 0}, {81, 1}, {76, 2}, {76, 3}, {76, 4}, {75, 5}}),
              (Lines{"firing rule.hi 1 at 1"}));
    EXPECT_EQ(lines_of(above_80(2, 3), {{81, 0}, {81, 1}, {76, 2}, {75, 3}, {75, 4}, {76, 5}}),
              (Lines{"firing rule.hi 1 at 1", "resolved rule.hi 1 at 4"}));
}

TEST(MOfN, OfWindowsTheDeadbandCountsOnceTheConditionHoldsToo) {
    Rule rule = above_80(2, 2);
    rule.of = Figure::window_mean;
    rule.window = {10 * ms, 10 * ms, 0};
    EXPECT_EQ(lines_of(rule, {{900, 0}, {76, 10}, {76, 20}, {60, 30}}), Lines{});
    EXPECT_EQ(lines_of(rule, {{81, 0}, {81, 10}, {76, 20}, {76, 30}, {60, 40}, {60, 50}}),
              (Lines{"firing rule.hi 1 at 20", "resolved rule.hi 1 at 50"}));
}

TEST(MOfN, ADeadbandWithADelayIsOfTheConditionThatWaits) {
    Rule rule = above_80(1, 1);
    rule.life.on_delay_ns = 3 * ms;
    EXPECT_EQ(lines_of(rule, {{81, 0}, {76, 1}, {76, 2}, {76, 20}}),
              (Lines{"pending rule.hi 1 at 0", "firing rule.hi 1 at 3"}));
}

TEST(MOfN, AReadingWithoutTimeIsNoneOfTheRates) {
    Rule rule = counting(RuleKind::rate, 3, 3);
    rule.per_second = 1000.0;
    EXPECT_EQ(lines_of(rule, {{0, 0}, {9, 1}, {9, 1}, {9, 1}, {9, 1}}), Lines{});
    EXPECT_EQ(lines_of(rule, {{0, 0}, {9, 1}, {0, 1}, {9, 2}, {9, 2}, {0, 3}, {0, 3}}),
              (Lines{"firing rule 1 at 3"}));
}

TEST(MOfN, AReadingWithoutTimeIsNotForgottenByEither) {
    Rule rule = counting(RuleKind::rate, 2, 3);
    rule.per_second = 1000.0;
    EXPECT_EQ(lines_of(rule, {{0, 0}, {9, 1}, {9, 2}, {9, 2}, {9, 2}, {9, 2}, {0, 3}}),
              (Lines{"firing rule 1 at 3"}));
}

TEST(MOfN, OfALineIsFulfilledByTheReadingThatCompletesThem) {
    Rule rule = counting(RuleKind::flatline, 3, 4);
    rule.for_ns = 10 * ms;
    EXPECT_EQ(lines_of(rule, {{5, 0}, {5, 11}, {5, 12}, {5, 13}}), (Lines{"firing rule 1 at 13"}));
    rule.life.at_least = 1;
    EXPECT_EQ(lines_of(rule, {{5, 0}, {5, 11}, {5, 12}, {5, 13}}), (Lines{"firing rule 1 at 10"}));
}

}  // namespace
}  // namespace roda::appliance
