// SPDX-License-Identifier: Apache-2.0
// What a judge does where there is no room, who its sensors are, and what people and reloads do to
// them; several shards of one edition.
#include <gtest/gtest.h>

#include "tests/appliance/alerting/judge_bench.hpp"
#include "tests/appliance/rules/rule_forms.hpp"

namespace roda::appliance {
namespace {

Rule windowed(std::string name, Figure of) {
    Rule rule = high(std::move(name), 10.0);
    rule.of = of;
    rule.window = {1000 * ms, 1000 * ms, 0};
    return rule;
}

TEST(Bounds, OfASensorSixtyFourPointsAreJudgedAndOthersCounted) {
    std::vector<Rule> rules;
    for (int i = 0; i < 70; ++i) {
        rules.push_back(high("rule_" + std::to_string(i), 10.0));
    }
    JudgeBench bench(rules);
    bench.read(1, 11, 0).read(1, 1, 1);
    EXPECT_EQ(bench.lines().size(), 2u * 64);
    EXPECT_EQ(bench.judge().counters().points_left_out, 6u);
}

TEST(Bounds, ASetWithoutRoomIsRefusedAndItsSensorsAreJudgedByNone) {
    PipelineConfig pipeline = JudgeBench::small();
    pipeline.max_rule_sets = 1;
    Rule first = high("first", 10.0);
    first.match.sensors = {{1, 1}};
    Rule second = high("second", 10.0);
    second.match.sensors = {{2, 2}};
    JudgeBench bench({first, second}, {}, pipeline);
    bench.read(1, 11, 0).read(2, 11, 1);
    EXPECT_EQ(bench.lines(), (Lines{"firing first.hi 1 at 0"}));
    EXPECT_GT(bench.judge().sets().refused(), 0u);
    bench.load({second});
    bench.read(2, 11, 2);
    EXPECT_EQ(bench.lines(), (Lines{"resolved first.hi 1 at 1", "firing second.hi 2 at 2"}));
}

TEST(Bounds, WindowsWithoutMemoryAreRefusedAndOtherRulesGoOn) {
    Rule wide = windowed("wide", Figure::window_p99);
    wide.window.width_ns = 200 * wide.window.slide_ns;
    JudgeBench bench({wide, high("plain", 10.0)});
    for (std::uint64_t sensor = 1; sensor <= 20; ++sensor) {
        bench.read(sensor, 11, static_cast<double>(sensor));
    }
    EXPECT_EQ(bench.lines().size(), 20u);
    EXPECT_GT(bench.judge().windows().refused(), 0u);
    EXPECT_LT(bench.judge().windows().refused(), 20u);
}

TEST(Selection, OfDevicesIsByTheOneThatSentFirst) {
    Rule rule = high("of_seven", 10.0);
    rule.match.devices = {7};
    JudgeBench bench({rule});
    bench.from_device(7);
    bench.read(1, 1, 0);
    bench.from_device(8);
    bench.read(2, 1, 1).read(1, 11, 2).read(2, 11, 3);
    EXPECT_EQ(bench.lines(), (Lines{"firing of_seven.hi 1 at 2"}));
}

TEST(Selection, SeveralRulesOfASensorAreToldInTheirOrder) {
    JudgeBench bench({high("b", 10.0), high("a", 5.0), high("c", 20.0)});
    bench.read(1, 6, 0).read(1, 30, 1).read(1, 0, 2);
    EXPECT_EQ(bench.lines(),
              (Lines{"firing a.hi 1 at 0",
                     "firing b.hi 1 at 1",
                     "firing c.hi 1 at 1",
                     "resolved b.hi 1 at 2",
                     "resolved a.hi 1 at 2",
                     "resolved c.hi 1 at 2"}));
}

TEST(Reload, LimitsOfTheInventoryAreTheNewOnesFromTheNextReadingOn) {
    Rule rule = high("own", 0.0);
    rule.hi->of_inventory = true;
    InventoryEntry entry = entry_of(1);
    entry.limits.hi = 5.0;
    JudgeBench bench({rule}, {entry});
    bench.read(1, 6, 0);
    entry.limits.hi = 7.0;
    bench.load({rule}, {entry});
    bench.read(1, 6, 1);
    EXPECT_EQ(bench.lines(), (Lines{"firing own.hi 1 at 0", "resolved own.hi 1 at 1"}));
    bench.load({rule}, {entry_of(1)});
    bench.read(1, 100, 2);
    EXPECT_EQ(bench.lines(), Lines{});
}

TEST(Reload, ASensorThatLeavesTheSelectionEndsItsAlert) {
    Rule rule = high("area", 10.0);
    rule.match.labels = {{"area", "north"}};
    JudgeBench bench({rule}, {entry_of(1, {{"area", "north"}})});
    bench.read(1, 11, 0);
    bench.load({rule}, {entry_of(1, {{"area", "south"}})});
    bench.read(1, 11, 5);
    EXPECT_EQ(bench.lines(), (Lines{"firing area.hi 1 at 0", "resolved area.hi 1 at 0"}));
}

TEST(Reload, WindowsOfTheSameShapeGoOnOthersBeginAnew) {
    const Rule count = [] {
        Rule rule = windowed("count", Figure::window_count);
        rule.hi = LevelLimit{2.0};
        return rule;
    }();
    JudgeBench bench({count});
    bench.read(1, 1, 0).read(1, 1, 100);
    bench.load({high("other", 1e9), count});
    bench.read(1, 1, 900).read(1, 1, 1000);
    EXPECT_EQ(bench.lines(), (Lines{"firing count.hi 1 at 1000"}));
    Rule wider = count;
    wider.window.width_ns *= 2;
    bench.read(1, 1, 1100).read(1, 1, 1200);
    bench.load({wider});
    EXPECT_EQ(bench.lines(), (Lines{"resolved count.hi 1 at 1200"}));
    bench.read(1, 1, 1900).read(1, 1, 4000);
    EXPECT_EQ(bench.lines(), Lines{}) << "of one reading";
}

TEST(Reload, WindowsGoOnWhateverFiguresOtherRulesAskOfTheSameShape) {
    Rule few = windowed("few", Figure::window_count);
    few.hi.reset();
    few.lo = LevelLimit{10.0};
    Rule typical = windowed("typical", Figure::window_p95);
    typical.hi = LevelLimit{50.0};
    JudgeBench bench({few});
    const auto read = [&](double from_ms, double value) {
        for (int i = 0; i < 5; ++i) {
            bench.read(1, value, from_ms + 100.0 * i);
        }
    };
    read(0, 60.0);
    bench.load({typical, few});
    read(500, 1.0);
    read(1000, 60.0);
    EXPECT_EQ(bench.lines(), Lines{}) << "of typical the first window is half a one";
    bench.load({few});
    read(1500, 1.0);
    bench.load({typical, few});
    read(2000, 60.0);
    bench.load({typical});
    read(2500, 1.0);
    bench.read(1, 1.0, 3000);
    EXPECT_EQ(bench.lines(), (Lines{"firing typical.hi 1 at 3000"}));
}

TEST(Reload, AnAbsenceThatStandsGoesOn) {
    JudgeBench bench({silence()});
    bench.read(1, 1, 0).pass(10'000);
    EXPECT_EQ(bench.lines(), (Lines{"firing silent 1 at 8000"}));
    bench.load({high("other", 1.0), silence()});
    bench.pass(30'000);
    EXPECT_EQ(bench.lines(), Lines{});
    bench.read(1, 0, 30'000);
    EXPECT_EQ(bench.lines(), (Lines{"resolved silent 1 at 30000"}));
    bench.pass(40'000);
    EXPECT_EQ(bench.lines(), (Lines{"firing silent 1 at 38000"}));
}

TEST(People, UnshelvingTellsWhatIsTrueByThen) {
    JudgeBench bench({high("high", 10.0)});
    bench.read(1, 11, 0).pass(10);
    EXPECT_EQ(bench.order(order_of(ControlVerb::shelve, 60'000 * ms)), 2u);  // it, and the rule
    bench.read(2, 11, 20).read(1, 1, 30);
    EXPECT_EQ(bench.lines(), (Lines{"firing high.hi 1 at 0", "shelved high.hi 1 at 10"}));
    EXPECT_EQ(bench.figures(0).shelved, 1u);
    bench.pass(40);
    bench.order(order_of(ControlVerb::unshelve));
    Lines lines = bench.lines();
    std::sort(lines.begin(), lines.end());
    EXPECT_EQ(
        lines,
        (Lines{"firing high.hi 2 at 40", "resolved high.hi 1 at 40", "unshelved high.hi 1 at 40"}));
    EXPECT_EQ(bench.figures(0).shelved, 0u);
    EXPECT_EQ(bench.figures(0).firing, 1u);
}

TEST(People, ASensorIsShelvedBeforeItsAlertComes) {
    JudgeBench bench({high("high", 10.0)});
    bench.read(1, 1, 0).read(2, 1, 0).pass(10);
    ControlRequest request = order_of(ControlVerb::shelve, 1000 * ms);
    request.alarms.sensor_id = 1;
    EXPECT_EQ(bench.order(request), 1u);
    bench.read(1, 11, 20).read(2, 11, 20);
    EXPECT_EQ(bench.lines(), (Lines{"firing high.hi 2 at 20"}));
    bench.pass(2000);
    EXPECT_EQ(bench.lines(), (Lines{"firing high.hi 1 at 1010"}));
}

TEST(Life, FlappingIsToldOnceUntilItIsSteady) {
    Rule rule = high("high", 10.0);
    rule.life.flap_changes = 4;
    rule.life.flap_within_ns = 1000 * ms;
    JudgeBench bench({rule});
    for (int i = 0; i < 20; ++i) {
        bench.read(1, i % 2 == 0 ? 11 : 1, 10 * i);
    }
    EXPECT_EQ(bench.lines(),
              (Lines{"firing high.hi 1 at 0",
                     "resolved high.hi 1 at 10",
                     "firing high.hi 1 at 20",
                     "flapping high.hi 1 at 30"}));
    bench.pass(1190);
    EXPECT_EQ(bench.lines(), (Lines{"resolved high.hi 1 at 1190"}));
}

TEST(Life, AMinimumIntervalHoldsTheNextFiringBack) {
    Rule rule = high("high", 10.0);
    rule.life.min_interval_ns = 1000 * ms;
    JudgeBench bench({rule});
    bench.read(1, 11, 0).read(1, 1, 10).read(1, 11, 20).pass(2000).read(1, 1, 2000);
    EXPECT_EQ(bench.lines(),
              (Lines{"firing high.hi 1 at 0",
                     "resolved high.hi 1 at 10",
                     "pending high.hi 1 at 20",
                     "firing high.hi 1 at 1000",
                     "resolved high.hi 1 at 2000"}));
}

TEST(Absence, IsByTheReceiveClockWhateverTheSensorsOwnSays) {
    JudgeBench bench({silence()});
    bench.read(1, 1, 1e8, 0).read(2, 1, -1e6 + 2e6, 0);  // ahead by a day; and another
    bench.pass(10'000);
    EXPECT_EQ(bench.lines(),
              (Lines{"firing silent 1 at 1.00008e+08", "firing silent 2 at 1.008e+06"}));
}

TEST(Absence, WhatIsNoNumberOrLateEndsIt) {
    JudgeBench bench({silence()});
    bench.read(1, 1, 0).read(2, 1, 500).pass(10'000);
    EXPECT_EQ(bench.lines().size(), 2u);
    bench.read(1, std::numeric_limits<double>::quiet_NaN(), 11'000).read(2, 1, 400, 11'000);
    EXPECT_EQ(bench.lines(), (Lines{"resolved silent 1 at 11000", "resolved silent 2 at 8500"}));
}

TEST(Shards, AGroupCountsTheSensorsOfAllAndOneOfThemTells) {
    Rule group;
    group.name = "area";
    group.kind = RuleKind::group;
    group.rules = {"high"};
    group.by = "area";
    group.at_least_sensors = 2;
    JudgeBench first({high("high", 10.0), group},
                     {entry_of(1, {{"area", "north"}}), entry_of(2, {{"area", "north"}})},
                     JudgeBench::small(),
                     0,
                     2);
    JudgeBench second(first, 1, 2);
    first.read(1, 11, 0).pass(10);
    second.read(2, 11, 20).pass(30);
    first.pass(30);
    const auto sorted_lines = [&] {
        Lines told = first.lines();
        const Lines others = second.lines();
        told.insert(told.end(), others.begin(), others.end());
        std::sort(told.begin(), told.end());
        return told;
    };
    EXPECT_EQ(
        sorted_lines(),
        (Lines{"firing area north at 20", "firing high.hi 1 at 0", "firing high.hi 2 at 20"}));
    second.read(2, 1, 40);
    first.pass(50);
    EXPECT_EQ(sorted_lines(), (Lines{"resolved area north at 40", "resolved high.hi 2 at 40"}));
}

TEST(Shards, WhatOneHearsTheOtherDoesNotMiss) {
    JudgeBench first({silence()}, {entry_of(4), entry_of(5)}, JudgeBench::small(), 0, 2);
    JudgeBench second(first, 1, 2);
    const auto pass = [&](double to_ms) {
        first.pass(to_ms);
        second.pass(to_ms);
    };
    for (int at = 0; at < 20'000; at += 1000) {
        pass(at);
        second.read(4, 1, at);
    }
    Lines told = first.lines();
    EXPECT_EQ(told.size(), 1u) << "5 alone";
    for (int at = 20'000; at < 40'000; at += 1000) {  // it roams
        pass(at);
        first.read(4, 1, at);
    }
    EXPECT_EQ(first.lines(), Lines{});
    pass(60'000);
    EXPECT_EQ(first.lines(), (Lines{"firing silent 4 at 47000"}));
    told = second.lines();
    EXPECT_EQ(told.size(), 1u) << "5 alone, as the bench has it watched by both";
}

}  // namespace
}  // namespace roda::appliance
