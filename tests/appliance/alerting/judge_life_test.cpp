// SPDX-License-Identifier: Apache-2.0
// What becomes of alarms: delays and silence, late readings and clocks, people, reloads.
#include <gtest/gtest.h>

#include "tests/appliance/alerting/judge_bench.hpp"
#include "tests/appliance/rules/rule_forms.hpp"

namespace roda::appliance {
namespace {

Rule delayed() {
    Rule rule = high("high", 10.0);
    rule.life.on_delay_ns = 1000 * ms;
    rule.life.off_delay_ns = 500 * ms;
    return rule;
}

TEST(Life, DelaysEndByTheSensorsOwnReadingsToTheNanosecond) {
    JudgeBench bench({delayed()});
    bench.read(1, 11.0, 0).read(1, 12.0, 999).read(1, 13.0, 2000).read(1, 1.0, 3000);
    bench.read(1, 2.0, 3500);
    EXPECT_EQ(
        bench.lines(),
        (Lines{
            "pending high.hi 1 at 0", "firing high.hi 1 at 1000", "resolved high.hi 1 at 3500"}));
}

TEST(Life, DelaysEndByTimeWhenTheSensorFallsSilent) {
    JudgeBench bench({delayed()});
    bench.read(1, 11.0, 5).pass(1000);
    EXPECT_EQ(bench.lines(), (Lines{"pending high.hi 1 at 5"}));
    bench.pass(1010);
    EXPECT_EQ(bench.lines(), (Lines{"firing high.hi 1 at 1005"}));
}

TEST(Life, TimeIsTheSensorsOwnWhereItsClockIsBehind) {
    JudgeBench bench({delayed()});
    bench.read(1, 11.0, 0, 600'000).pass(600'990);
    EXPECT_EQ(bench.lines(), (Lines{"pending high.hi 1 at 0"}));
    bench.pass(601'000);
    EXPECT_EQ(bench.lines(), (Lines{"firing high.hi 1 at 1000"}));
}

TEST(Life, DelaysGoOnWhereTheHostsClockIsSetBack) {
    JudgeBench bench({delayed()});
    bench.pass(36'000).read(1, 11.0, 36'005, 36'005);
    EXPECT_EQ(bench.lines(), (Lines{"pending high.hi 1 at 36005"}));
    bench.pass(36'100);
    bench.pass(100).pass(990);
    EXPECT_EQ(bench.lines(), Lines{});
    bench.pass(1020);
    EXPECT_EQ(bench.lines(), (Lines{"firing high.hi 1 at 37005"}));
}

TEST(Life, APendingAlertIsCancelledByAReading) {
    JudgeBench bench({delayed()});
    bench.read(1, 11.0, 0).read(1, 1.0, 500).pass(5000);
    EXPECT_EQ(bench.lines(), (Lines{"pending high.hi 1 at 0", "cancelled high.hi 1 at 500"}));
    EXPECT_EQ(bench.judge().cells().size(), 0u);
}

TEST(Life, OneOccurrenceHasOneId) {
    JudgeBench bench({delayed()});
    bench.read(1, 11.0, 0).read(1, 11.0, 1000).read(1, 1.0, 2000).read(1, 1.0, 3000);
    bench.read(1, 11.0, 4000);
    const auto records = bench.records();
    ASSERT_EQ(records.size(), 4u);
    EXPECT_EQ(records[0].id, records[1].id);
    EXPECT_EQ(records[0].id, records[2].id);
    EXPECT_NE(records[0].id, records[3].id);
}

TEST(Life, ARecordCarriesItsCause) {
    JudgeBench bench({high("high", 10.0)});
    bench.from_device(77);
    bench.read(1, 1.0, 0).read(1, 11.0, 4, 6);
    const auto records = bench.records();
    ASSERT_EQ(records.size(), 1u);
    const AlertRecord& record = records[0];
    EXPECT_EQ(record.device_id, 77u);
    EXPECT_EQ(record.queue, 3u);
    EXPECT_EQ(record.cause, 1u);
    EXPECT_EQ(record.value, 11.0);
    EXPECT_EQ(record.limit, 10.0);
    EXPECT_EQ(record.event_ns, bench_epoch_ns + 4 * ms);
    EXPECT_EQ(record.receive_ns, bench_epoch_ns + 6 * ms);
    EXPECT_EQ(record.severity, Severity::warning);
    EXPECT_EQ(record.reason, Reason::reading);
    EXPECT_EQ(record.group, no_index);
}

TEST(Late, AReadingFromBeforeIsCountedAndNotJudged) {
    JudgeBench bench({high("high", 10.0)});
    bench.read(1, 1.0, 100).read(1, 11.0, 50, 101).read(1, 1.0, 102);
    EXPECT_EQ(bench.lines(), Lines{});
    EXPECT_EQ(bench.judge().counters().late, 1u);
}

TEST(Late, AClockThatWasSetBackIsFollowedAfterEightReadings) {
    JudgeBench bench({high("high", 10.0)});
    bench.read(1, 11.0, 1e9, 0);
    for (int i = 1; i <= 7; ++i) {
        bench.read(1, 1.0, i);
    }
    EXPECT_EQ(bench.lines(), (Lines{"firing high.hi 1 at 1e+09"}));
    bench.read(1, 1.0, 8);
    EXPECT_EQ(bench.lines(), (Lines{"resolved high.hi 1 at 8"}));
    EXPECT_EQ(bench.judge().counters().clock_steps, 1u);
    EXPECT_EQ(bench.judge().counters().late, 7u);
}

TEST(Late, ReadingsAreCountedAnewAfterAReload) {
    JudgeBench bench({high("high", 10.0)});
    bench.read(1, 1.0, 100);
    for (int i = 1; i <= 7; ++i) {
        bench.read(1, 1.0, i, 100);
    }
    bench.load({high("other", 10.0)});
    bench.read(1, 1.0, 200).read(1, 1.0, 199, 201).read(1, 11.0, 202);
    EXPECT_EQ(bench.lines(), (Lines{"firing other.hi 1 at 202"}));
    EXPECT_EQ(bench.judge().counters().clock_steps, 0u);
    EXPECT_EQ(bench.judge().counters().late, 8u);
}

TEST(People, ShelveAnAlarmThatForgets) {
    Rule rule = high("high", 10.0);
    rule.life.at_least = 2;
    rule.life.of_last = 3;
    JudgeBench bench({rule});
    bench.read(1, 11.0, 0).read(1, 1.0, 10);
    ControlRequest request;
    request.verb = ControlVerb::shelve;
    request.alarms.rule = "high";
    request.alarms.sensor_id = 1;
    request.for_ns = 1000 * ms;
    EXPECT_EQ(bench.order(request), 1u);
    bench.read(1, 11.0, 20).read(1, 1.0, 30).read(1, 1.0, 40).read(1, 1.0, 50).read(1, 11.0, 60);
    EXPECT_EQ(bench.lines(), Lines{});
    bench.read(1, 11.0, 70).pass(1100);
    EXPECT_EQ(bench.lines(), (Lines{"firing high.hi 1 at 1010"}));
}

TEST(People, AcknowledgeByIdAndShelveByRule) {
    Rule rule = high("high", 10.0);
    rule.life.latching = true;
    JudgeBench bench({rule});
    bench.read(1, 11.0, 0).read(1, 1.0, 10);
    const auto records = bench.records();
    ASSERT_EQ(records.size(), 1u);
    ControlRequest request;
    request.verb = ControlVerb::acknowledge;
    request.alarms.id = records[0].id;
    EXPECT_EQ(bench.order(request), 1u);
    EXPECT_EQ(bench.lines(), (Lines{"acknowledged high.hi 1 at 10", "resolved high.hi 1 at 10"}));

    request = {};
    request.verb = ControlVerb::shelve;
    request.alarms.rule = "high";
    request.for_ns = 1000 * ms;
    EXPECT_EQ(bench.order(request), 1u);
    bench.read(1, 11.0, 20).read(2, 11.0, 30);
    EXPECT_EQ(bench.figures(0).firing, 0u);
    EXPECT_EQ(bench.lines(), Lines{});
    bench.pass(1100);
    EXPECT_EQ(bench.lines().size(), 2u);
    EXPECT_EQ(bench.figures(0).firing, 2u);
}

TEST(Reload, UnchangedRulesKeepTheirAlertsOthersEndThem) {
    JudgeBench bench({high("stays", 10.0), high("goes", 10.0), high("changes", 10.0)});
    bench.read(1, 11.0, 0);
    EXPECT_EQ(bench.lines().size(), 3u);
    bench.load({high("new", 5.0), high("changes", 9.0), high("stays", 10.0)});
    EXPECT_EQ(bench.lines(), (Lines{"resolved changes.hi 1 at 0", "resolved goes.hi 1 at 0"}));
    bench.read(1, 12.0, 10);
    EXPECT_EQ(bench.lines(), (Lines{"firing new.hi 1 at 10", "firing changes.hi 1 at 10"}));
    bench.read(1, 1.0, 20);
    EXPECT_EQ(bench.lines(),
              (Lines{"resolved new.hi 1 at 20",
                     "resolved changes.hi 1 at 20",
                     "resolved stays.hi 1 at 20"}));
}

TEST(Reload, ASensorThatWasNotShownYetIsMigratedByItsOwnReading) {
    JudgeBench bench({high("stays", 10.0), high("goes", 10.0)});
    bench.read(1, 11.0, 0).read(2, 11.0, 0);
    EXPECT_EQ(bench.lines().size(), 4u);
    bench.install(bench.edition_of({high("stays", 10.0)}));
    bench.read(1, 1.0, 10);
    EXPECT_EQ(bench.lines(), (Lines{"resolved goes.hi 1 at 10", "resolved stays.hi 1 at 10"}));
    bench.settle();
    EXPECT_EQ(bench.lines(), (Lines{"resolved goes.hi 2 at 10"}));
}

TEST(Bounds, AnAlarmWithoutRoomIsRefusedAndCountedAndFiresLater) {
    PipelineConfig pipeline = JudgeBench::small();
    pipeline.max_alarms = 1;
    JudgeBench bench({high("high", 10.0)}, {}, pipeline);
    bench.read(1, 11.0, 0).read(2, 11.0, 1);
    EXPECT_EQ(bench.lines(), (Lines{"firing high.hi 1 at 0"}));
    EXPECT_EQ(bench.judge().cells().refused(), 1u);
    bench.read(1, 1.0, 2).read(2, 11.0, 3);
    EXPECT_EQ(bench.lines(), (Lines{"resolved high.hi 1 at 2", "firing high.hi 2 at 3"}));
}

TEST(Figures, FollowTheAlerts) {
    JudgeBench bench({high("high", 10.0)});
    bench.read(1, 11.0, 0).read(2, 11.0, 1).read(1, 1.0, 2);
    const SeriesFigures figures = bench.figures(0);
    EXPECT_EQ(figures.firing, 1u);
    EXPECT_EQ(figures.transitions[static_cast<std::size_t>(Transition::firing)], 2u);
    EXPECT_EQ(figures.transitions[static_cast<std::size_t>(Transition::resolved)], 1u);
}

TEST(Reload, AnotherSeverityEndsTheAlertAndBeginsItAnew) {
    Rule rule = high("high", 10.0);
    JudgeBench bench({rule});
    bench.read(1, 11.0, 0);
    rule.message = "another text";
    rule.labels = {{"team", "night"}};
    bench.load({rule});
    EXPECT_EQ(bench.lines(), (Lines{"firing high.hi 1 at 0"}));
    rule.severity = Severity::critical;
    bench.load({rule});
    EXPECT_EQ(bench.figures(0).firing, 0u) << "nobody would end it there any more";
    bench.read(1, 11.0, 1).read(1, 1.0, 2);
    EXPECT_EQ(
        bench.lines(),
        (Lines{"resolved high.hi 1 at 0", "firing high.hi 1 at 1", "resolved high.hi 1 at 2"}));
    EXPECT_EQ(bench.figures(1).firing, 0u);
}

TEST(Life, WhatLatchesDoesNotFlapAndADelayIsToldEachTime) {
    Rule latching = high("latching", 10.0);
    latching.life.latching = true;
    latching.life.flap_changes = 2;
    latching.life.flap_within_ns = 1000 * ms;
    Rule slow = high("slow", 10.0);
    slow.life = latching.life;
    slow.life.latching = false;
    slow.life.on_delay_ns = 100 * ms;
    JudgeBench bench({latching, slow});
    bench.read(1, 11.0, 0).read(1, 1.0, 1).read(1, 11.0, 2).read(1, 1.0, 3);
    EXPECT_EQ(bench.lines(),
              (Lines{"firing latching.hi 1 at 0",
                     "pending slow.hi 1 at 0",
                     "cancelled slow.hi 1 at 1",
                     "pending slow.hi 1 at 2",
                     "cancelled slow.hi 1 at 3"}));
}

}  // namespace
}  // namespace roda::appliance
