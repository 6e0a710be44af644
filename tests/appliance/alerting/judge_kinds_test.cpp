// SPDX-License-Identifier: Apache-2.0
// Each kind of rule: what it takes to fire, and to resolve.
#include <gtest/gtest.h>

#include <limits>

#include "tests/appliance/alerting/judge_bench.hpp"
#include "tests/appliance/rules/rule_forms.hpp"

namespace roda::appliance {
namespace {

Rule limits() {
    Rule rule = rule_of(RuleKind::limits, "press");
    rule.hihi = LevelLimit{20.0};
    rule.hi = LevelLimit{10.0};
    rule.lo = LevelLimit{-10.0};
    rule.deadband = 2.0;
    return rule;
}

TEST(Limits, EachLevelIsAnAlertOfItsOwnWithADeadband) {
    JudgeBench bench({limits()});
    bench.read(7, 10.0, 0).read(7, 10.5, 1).read(7, 21.0, 2).read(7, 9.0, 3).read(7, 8.0, 4);
    EXPECT_EQ(bench.lines(),
              (Lines{"firing press.hi 7 at 1",
                     "firing press.hihi 7 at 2",
                     "resolved press.hihi 7 at 3",
                     "resolved press.hi 7 at 4"}));
    bench.read(7, -10.0, 5).read(7, -10.1, 6).read(7, -8.1, 7).read(7, -8.0, 8);
    EXPECT_EQ(bench.lines(), (Lines{"firing press.lo 7 at 6", "resolved press.lo 7 at 8"}));
}

TEST(Limits, OfTheInventoryAreEachSensorsOwn) {
    Rule rule = rule_of(RuleKind::limits, "own");
    rule.hi = LevelLimit{0.0, true};
    InventoryEntry with_limit = entry_of(1);
    with_limit.limits.hi = 5.0;
    JudgeBench bench({rule}, {with_limit, entry_of(2)});
    bench.read(1, 6.0, 0).read(2, 6.0, 1).read(3, 6.0, 2);
    EXPECT_EQ(bench.lines(), (Lines{"firing own.hi 1 at 0"}));
}

TEST(Rate, IsPerSecondOfEventTime) {
    Rule rule = rule_of(RuleKind::rate, "fast");
    rule.per_second = 10.0;
    JudgeBench bench({rule});
    bench.read(1, 0.0, 0).read(1, 1.0, 100).read(1, 2.5, 200).read(1, 2.5, 200).read(1, 3.5, 300);
    EXPECT_EQ(bench.lines(), (Lines{"firing fast 1 at 200", "resolved fast 1 at 300"}));
}

TEST(Jump, FiresAndResolvesAtTheNextReading) {
    Rule rule = rule_of(RuleKind::jump, "jump");
    rule.ratio = 3.0;
    JudgeBench bench({rule});
    for (int i = 0; i < 80; ++i) {
        bench.read(1, 20.0, i);
    }
    bench.read(1, 200.0, 80).read(1, 20.0, 81).read(1, 20.0, 82);
    EXPECT_EQ(bench.lines(), (Lines{"firing jump 1 at 80", "resolved jump 1 at 81"}));
}

TEST(Deviation, WaitsForEnoughReadings) {
    Rule rule = rule_of(RuleKind::deviation, "odd");
    rule.sigmas = 4.0;
    rule.min_readings = 30;
    JudgeBench bench({rule});
    bench.read(1, 10.0, 0).read(1, 50.0, 1);  // too early to judge
    for (int i = 2; i < 200; ++i) {
        bench.read(1, i % 2 == 0 ? 9.0 : 11.0, i);
    }
    EXPECT_EQ(bench.lines(), Lines{});
    bench.read(1, 16.0, 200).read(1, 10.0, 201);
    EXPECT_EQ(bench.lines(), (Lines{"firing odd 1 at 200", "resolved odd 1 at 201"}));
}

TEST(Flatline, BeginsWhereTheValueStopped) {
    Rule rule = rule_of(RuleKind::flatline, "stuck");
    rule.for_ns = 1000 * ms;
    rule.tolerance = 0.5;
    JudgeBench bench({rule});
    bench.read(1, 1.0, 0).read(1, 5.0, 100).read(1, 5.5, 600).read(1, 4.5, 1099);
    EXPECT_EQ(bench.lines(), Lines{});
    bench.read(1, 5.2, 1400).read(1, 5.2, 2000);
    EXPECT_EQ(bench.lines(), (Lines{"firing stuck 1 at 1100"}));
    bench.read(1, 6.0, 2100).read(1, 7.0, 2200);
    EXPECT_EQ(bench.lines(), (Lines{"resolved stuck 1 at 2100"}));
}

TEST(Quality, IsNoNumberOrOneThatCannotBe) {
    Rule rule = rule_of(RuleKind::quality, "bad");
    rule.least = 0.0;
    rule.greatest = 100.0;
    JudgeBench bench({rule});
    const double nan = std::numeric_limits<double>::quiet_NaN();
    bench.read(1, 50.0, 0).read(1, nan, 1).read(1, nan, 2).read(1, 50.0, 3);
    EXPECT_EQ(bench.lines(), (Lines{"firing bad 1 at 1", "resolved bad 1 at 3"}));
    bench.read(1, 100.0, 4).read(1, 100.5, 5).read(1, 100.0, 6).read(1, -0.5, 7);
    EXPECT_EQ(bench.lines(),
              (Lines{"firing bad 1 at 5", "resolved bad 1 at 6", "firing bad 1 at 7"}));
    EXPECT_EQ(bench.judge().counters().non_finite, 2u);
}

TEST(Quality, WithoutARangeAnInfinityIsBad) {
    JudgeBench bench({rule_of(RuleKind::quality, "bad")});
    bench.read(1, 1e300, 0).read(1, -std::numeric_limits<double>::infinity(), 1).read(1, 1.0, 2);
    EXPECT_EQ(bench.lines(), (Lines{"firing bad 1 at 1", "resolved bad 1 at 2"}));
}

TEST(Absence, IsFoundWithinAnEighthAndTimedExactly) {
    JudgeBench bench({silence()});
    bench.read(1, 1.0, 0).read(1, 1.0, 500).pass(8490);
    EXPECT_EQ(bench.lines(), Lines{});
    bench.pass(9000);  // checks of a second each, the first at 1000
    EXPECT_EQ(bench.lines(), (Lines{"firing silent 1 at 8500"}));
    bench.read(1, 1.0, 20'000).pass(27'990);
    EXPECT_EQ(bench.lines(), (Lines{"resolved silent 1 at 20000"}));
}

TEST(Absence, FindsASensorThatNeverSpoke) {
    JudgeBench bench({silence()}, {entry_of(4)});
    bench.read(1, 1.0, 0);
    for (int at = 0; at < 12'000; at += 10) {
        bench.read(1, 1.0, at);
    }
    EXPECT_EQ(bench.lines().size(), 1u);
    bench.read(4, 1.0, 12'000);
    EXPECT_EQ(bench.lines(), (Lines{"resolved silent 4 at 12000"}));
}

TEST(Windows, AreJudgedWhenTheyClose) {
    Rule rule = rule_of(RuleKind::limits, "warm");
    rule.of = Figure::window_mean;
    rule.window = {1000 * ms, 1000 * ms, 0};
    rule.hi = LevelLimit{10.0};
    JudgeBench bench({rule});
    bench.read(1, 8.0, 0).read(1, 14.0, 500).read(1, 1.0, 1000).read(1, 1.0, 2000);
    EXPECT_EQ(bench.lines(), (Lines{"firing warm.hi 1 at 1000", "resolved warm.hi 1 at 2000"}));
}

TEST(Windows, CloseByTimeWhenTheSensorFallsSilent) {
    Rule rule = rule_of(RuleKind::limits, "warm");
    rule.of = Figure::window_maximum;
    rule.window = {1000 * ms, 1000 * ms, 200 * ms};
    rule.hi = LevelLimit{10.0};
    JudgeBench bench({rule});
    bench.read(1, 14.0, 500).pass(1190);
    EXPECT_EQ(bench.lines(), Lines{});
    bench.pass(1210);
    EXPECT_EQ(bench.lines(), (Lines{"firing warm.hi 1 at 1000"}));
}

TEST(MOfN, CountsTheLastReadings) {
    Rule rule = limits();
    rule.hihi.reset();
    rule.lo.reset();
    rule.deadband = 0.0;
    rule.life.at_least = 2;
    rule.life.of_last = 3;
    JudgeBench bench({rule});
    bench.read(1, 11.0, 0).read(1, 1.0, 1).read(1, 1.0, 2).read(1, 11.0, 3).read(1, 1.0, 4);
    EXPECT_EQ(bench.lines(), Lines{});
    bench.read(1, 11.0, 5).read(1, 1.0, 6).read(1, 1.0, 7).read(1, 1.0, 8);
    EXPECT_EQ(bench.lines(), (Lines{"firing press.hi 1 at 5", "resolved press.hi 1 at 6"}));
}

TEST(MOfN, ForgetWhatWasOfNoMoreThanOneReading) {
    Rule rule = limits();
    rule.hihi.reset();
    rule.lo.reset();
    rule.life.at_least = 2;
    rule.life.of_last = 4;
    JudgeBench bench({rule});
    std::vector<std::uint32_t> remembered;
    for (const double value : {11.0, 1.0, 1.0, 1.0, 1.0, 1.0, 11.0}) {
        bench.read(1, value, static_cast<double>(remembered.size()));
        remembered.push_back(bench.judge().cells().size());
    }
    EXPECT_EQ(remembered, (std::vector<std::uint32_t>{1, 1, 1, 1, 0, 0, 1}));
    EXPECT_EQ(bench.lines(), Lines{});
    bench.read(1, 1.0, 7).read(1, 1.0, 8).read(1, 11.0, 9).read(1, 11.0, 10);
    EXPECT_EQ(bench.lines(), (Lines{"firing press.hi 1 at 9"}));
}

TEST(Groups, CountDistinctSensorsWithAlerts) {
    Rule member = limits();
    Rule group = rule_of(RuleKind::group, "area");
    group.rules = {"press"};
    group.by = "area";
    group.at_least_sensors = 2;
    JudgeBench bench({member, group},
                     {entry_of(1, {{"area", "north"}}),
                      entry_of(2, {{"area", "north"}}),
                      entry_of(3, {{"area", "south"}})});
    bench.read(1, 30.0, 0).read(3, 11.0, 1);  // two levels of one sensor are one sensor
    EXPECT_EQ(
        bench.lines(),
        (Lines{"firing press.hihi 1 at 0", "firing press.hi 1 at 0", "firing press.hi 3 at 1"}));
    bench.read(2, 11.0, 2).read(1, 0.0, 3);
    EXPECT_EQ(bench.lines(),
              (Lines{"firing press.hi 2 at 2",
                     "firing area north at 2",
                     "resolved press.hihi 1 at 3",
                     "resolved press.hi 1 at 3",
                     "resolved area north at 3"}));
}

}  // namespace
}  // namespace roda::appliance
