// SPDX-License-Identifier: Apache-2.0
// Alarms of groups: who counts and when, whose time it is, reloads, people, several shards.
#include <gtest/gtest.h>

#include "tests/appliance/alerting/judge_bench.hpp"
#include "tests/appliance/rules/rule_forms.hpp"

namespace roda::appliance {
namespace {

Rule hot(double limit = 80.0) {
    return high("hot", limit);
}

Rule high_and_higher() {
    Rule rule = hot();
    rule.hihi = LevelLimit{90.0};
    return rule;
}

Rule area(std::uint32_t at_least_sensors, double on_delay_ms = 0, double off_delay_ms = 0) {
    Rule rule;
    rule.name = "area";
    rule.kind = RuleKind::group;
    rule.rules = {"hot"};
    rule.by = "area";
    rule.at_least_sensors = at_least_sensors;
    rule.life.on_delay_ns = static_cast<std::uint64_t>(on_delay_ms) * ms;
    rule.life.off_delay_ns = static_cast<std::uint64_t>(off_delay_ms) * ms;
    return rule;
}

InventoryEntry of_area(std::uint64_t sensor_id, std::string value) {
    InventoryEntry entry;
    entry.sensor_id = sensor_id;
    entry.labels = {{"area", std::move(value)}};
    return entry;
}

/// 1, 2 and 4 in the north, 3 in the south.
std::vector<InventoryEntry> areas() {
    return {of_area(1, "north"), of_area(2, "north"), of_area(3, "south"), of_area(4, "north")};
}

/// Those of the group alone, with the sensor that caused each: "firing area north at 12 by 2".
Lines of_groups(const std::vector<AlertRecord>& records) {
    Lines lines;
    for (const AlertRecord& record : records) {
        if (record.group != no_index) {
            const auto at_ms = (record.event_ns - bench_epoch_ns) / ms;
            lines.push_back(
                std::string(transition_names[static_cast<std::size_t>(record.transition)]) + ' ' +
                record.subject.data() + " at " + std::to_string(at_ms) + " by " +
                std::to_string(record.sensor_id));
        }
    }
    return lines;
}

TEST(GroupReload, ASensorWithTwoAlertsStillCountsOnce) {
    JudgeBench bench({high_and_higher(), area(1)}, areas());
    bench.read(1, 95.0, 0);
    EXPECT_EQ(of_groups(bench.records()), (Lines{"firing north at 0 by 1"}));
    for (int reload = 0; reload < 2; ++reload) {
        bench.load({high_and_higher(), area(1)}, areas());
        bench.pass(100.0 * (reload + 1));
        EXPECT_EQ(bench.lines(), Lines{});
    }
    bench.read(1, 85.0, 300);
    EXPECT_EQ(bench.lines(), (Lines{"resolved hot.hihi 1 at 300"}));
    bench.read(1, 50.0, 310);
    EXPECT_EQ(bench.lines(), (Lines{"resolved hot.hi 1 at 310", "resolved area north at 310"}));
    EXPECT_EQ(bench.edition().groups.sensors(0), 0u);
    bench.read(1, 85.0, 320).read(1, 50.0, 330);
    EXPECT_EQ(bench.edition().groups.sensors(0), 0u);
    EXPECT_EQ(of_groups(bench.records()),
              (Lines{"firing north at 320 by 1", "resolved north at 330 by 1"}));
}

TEST(GroupReload, AlertsThatComeAndGoDuringAMigrationAreCountedOnce) {
    JudgeBench bench({high_and_higher(), area(2)}, areas());
    bench.read(1, 95.0, 0).read(2, 95.0, 10);
    EXPECT_EQ(of_groups(bench.records()), (Lines{"firing north at 10 by 2"}));
    bench.install(bench.edition_of({high_and_higher(), area(2)}, areas()));
    bench.read(1, 50.0, 20).read(4, 95.0, 30).read(2, 85.0, 40).pass(50);
    EXPECT_EQ(of_groups(bench.records()), Lines{});
    bench.settle();
    EXPECT_EQ(of_groups(bench.records()), Lines{}) << "2 and 4 instead of 1 and 2";
    EXPECT_EQ(bench.edition().groups.sensors(0), 2u);
    bench.read(4, 50.0, 60).read(2, 50.0, 70);
    EXPECT_EQ(of_groups(bench.records()), (Lines{"resolved north at 60 by 4"}));
    EXPECT_EQ(bench.edition().groups.sensors(0), 0u);
}

TEST(GroupReload, ADelayUnderWayGoesOn) {
    JudgeBench bench({hot(), area(1, 5000)}, areas());
    bench.read(1, 85.0, 0).pass(3000);
    bench.load({hot(), area(1, 5000)}, areas());
    bench.pass(4990);
    EXPECT_EQ(of_groups(bench.records()), (Lines{"pending north at 0 by 1"}));
    bench.pass(5000);
    EXPECT_EQ(of_groups(bench.records()), (Lines{"firing north at 5000 by 1"}));
}

TEST(GroupReload, WhatEndsWithItsMembersRuleHasTheirTimeAndSensor) {
    JudgeBench bench({hot(), area(2)}, areas());
    bench.read(1, 85.0, 0).read(2, 85.0, 100, 110).pass(4000);
    EXPECT_EQ(of_groups(bench.records()), (Lines{"firing north at 100 by 2"}));
    bench.load({hot(81.0), area(2)}, areas());
    const auto records = bench.records();
    ASSERT_EQ(records.size(), 3u);
    EXPECT_EQ(records[1].reason, Reason::reload);
    EXPECT_EQ(
        of_groups(records),
        (Lines{"resolved north at " + std::to_string(records[1].sensor_id == 2 ? 3990 : 4000) +
               " by " + std::to_string(records[1].sensor_id)}));
    EXPECT_EQ(records[2].event_ns, records[1].event_ns);
    bench.read(1, 85.0, 4010).read(2, 85.0, 4020);
    EXPECT_EQ(of_groups(bench.records()), (Lines{"firing north at 4020 by 2"}));
}

TEST(GroupReload, WhatEndsWithItsOwnRuleHasTheTimeOfTheReload) {
    JudgeBench bench({hot(), area(2)}, areas());
    bench.read(1, 85.0, 0).read(2, 85.0, 100).pass(4000);
    bench.records();
    bench.load({hot(), area(1)}, areas());
    EXPECT_EQ(bench.lines(), (Lines{"resolved area north at 4000", "firing area north at 4000"}));
    bench.pass(6000);
    bench.load({hot()}, areas());
    EXPECT_EQ(bench.lines(), (Lines{"resolved area north at 6000"}));
    EXPECT_EQ(bench.figures(bench.edition().book->points()[0].series).firing, 2u);
}

TEST(GroupReload, SensorsThatLeaveItsGroupEndItsAlertAtTheReload) {
    JudgeBench bench({hot(), area(2)}, areas());
    bench.read(1, 85.0, 0).read(2, 85.0, 100).pass(4000);
    bench.records();
    bench.load({hot(), area(2)}, {of_area(1, "north"), of_area(2, "south"), of_area(4, "north")});
    EXPECT_EQ(bench.lines(), (Lines{"resolved area north at 4000"}));
}

/// `rules` on two shards: loads them on both, the second's sensors stay with the edition before
/// until it is settled.
struct TwoShards {
    explicit TwoShards(const std::vector<Rule>& rules,
                       const std::vector<InventoryEntry>& inventory = areas())
        : first(rules, inventory, JudgeBench::small(), 0, 2), second(first, 1, 2) {}

    void install(const std::vector<Rule>& rules,
                 const std::vector<InventoryEntry>& inventory = areas()) {
        const auto edition = first.edition_of(rules, inventory);
        first.install(edition);
        second.install(edition);
    }

    Lines of_groups_at(double at_ms) {
        first.pass(at_ms);
        second.pass(at_ms);
        auto records = first.records();
        const auto others = second.records();
        records.insert(records.end(), others.begin(), others.end());
        return of_groups(records);
    }

    JudgeBench first;
    JudgeBench second;
};

TEST(GroupShards, AReloadIsJudgedWhenAllHaveCountedTheirSensors) {
    for (const bool first_is_first : {true, false}) {
        TwoShards shards({high_and_higher(), area(2)});
        shards.first.read(1, 95.0, 0);
        shards.second.read(2, 95.0, 10);
        EXPECT_EQ(shards.of_groups_at(20), (Lines{"firing north at 10 by 2"}));
        shards.install({high_and_higher(), area(2)});
        (first_is_first ? shards.first : shards.second).settle();
        EXPECT_EQ(shards.of_groups_at(30), Lines{});
        (first_is_first ? shards.second : shards.first).settle();
        EXPECT_EQ(shards.of_groups_at(40), Lines{});
        EXPECT_EQ(shards.first.edition().groups.sensors(0), 2u);
        shards.second.read(2, 50.0, 50);
        EXPECT_EQ(shards.of_groups_at(60), (Lines{"resolved north at 50 by 2"}));
        shards.first.read(1, 50.0, 70);
        EXPECT_EQ(shards.of_groups_at(80), Lines{});
        EXPECT_EQ(shards.first.edition().groups.sensors(0), 0u);
    }
}

TEST(GroupShards, AnAlarmStaysWithItsShardWhateverItsNumberBecomes) {
    TwoShards shards({hot(), area(1)});
    shards.first.read(1, 85.0, 0);
    EXPECT_EQ(shards.of_groups_at(10), (Lines{"firing north at 0 by 1"}));
    auto more = areas();
    for (std::uint64_t sensor = 5; sensor < 8; ++sensor) {  // one more group before it each time
        more.push_back(of_area(sensor, "a" + std::to_string(sensor)));
        shards.install({hot(), area(1)}, more);
        shards.first.settle();
        shards.second.settle();
        EXPECT_EQ(shards.of_groups_at(10 * static_cast<double>(sensor)), Lines{}) << sensor;
    }
    shards.first.read(1, 50.0, 100);
    EXPECT_EQ(shards.of_groups_at(110), (Lines{"resolved north at 100 by 1"}));
}

TEST(GroupShards, AMemberThatEndsOnAnotherShardIsTheCause) {
    Rule warm = hot(70.0);
    warm.name = "warm";
    warm.match.sensors = {{2, 2}};
    Rule group = area(2);
    group.rules = {"hot", "warm"};
    TwoShards shards({hot(), warm, group});
    shards.second.read(2, 75.0, 0);
    shards.first.read(1, 85.0, 10);
    EXPECT_EQ(shards.of_groups_at(1000), (Lines{"firing north at 10 by 1"}));
    warm.hi = LevelLimit{71.0};
    shards.install({hot(), warm, group});
    shards.second.settle();
    shards.first.settle();
    EXPECT_EQ(shards.of_groups_at(1010), (Lines{"resolved north at 1000 by 2"}));
}

TEST(GroupTime, DelaysEndHoweverOtherGroupsChange) {
    JudgeBench bench({hot(), area(2, 5000)}, areas());
    bench.read(1, 85.0, 0).read(2, 85.0, 100);
    for (int second = 1; second < 20; ++second) {
        bench.read(3, second % 2 == 1 ? 85.0 : 50.0, 1000.0 * second);
    }
    EXPECT_EQ(of_groups(bench.records()),
              (Lines{"pending north at 100 by 2", "firing north at 5100 by 2"}));

    bench.load({hot(), area(2, 0, 5000)}, areas());
    EXPECT_EQ(of_groups(bench.records()).size(), 2u);
    bench.read(1, 50.0, 20'500);
    for (int second = 21; second < 40; ++second) {
        bench.read(3, second % 2 == 1 ? 85.0 : 50.0, 1000.0 * second);
    }
    EXPECT_EQ(of_groups(bench.records()), (Lines{"resolved north at 25500 by 1"}));
}

TEST(GroupTime, DelaysAreNotOfAMemberThatChangesNothing) {
    JudgeBench bench({hot(), area(2, 5000)}, areas());
    bench.read(1, 85.0, 10'000).read(2, 85.0, 10'100);
    bench.read(4, 85.0, 200, 10'200);  // ten seconds behind
    bench.pass(15'090);
    EXPECT_EQ(of_groups(bench.records()), (Lines{"pending north at 10100 by 2"}));
    bench.pass(15'100);
    EXPECT_EQ(of_groups(bench.records()), (Lines{"firing north at 15100 by 2"}));
}

TEST(GroupPeople, AGroupsAlarmIsNoSensors) {
    JudgeBench bench({hot(), area(2)}, areas());
    bench.read(1, 85.0, 0).read(2, 85.0, 100);
    bench.records();
    ControlRequest request = order_of(ControlVerb::acknowledge);
    request.alarms.sensor_id = 2;
    EXPECT_EQ(bench.order(request), 1u);
    EXPECT_EQ(bench.lines(), (Lines{"acknowledged hot.hi 2 at 100"}));
    request.alarms.sensor_id.reset();
    request.alarms.rule = "area";
    EXPECT_EQ(bench.order(request), 1u);
    EXPECT_EQ(bench.lines(), (Lines{"acknowledged area north at 100"}));
}

TEST(GroupPeople, AShelvedAlertCountsForNoGroup) {
    JudgeBench bench({hot(), area(2)}, areas());
    bench.read(1, 85.0, 0).read(2, 85.0, 100);
    bench.records();
    ControlRequest request = order_of(ControlVerb::shelve, 1000 * ms);
    request.alarms.sensor_id = 2;
    bench.order(request);
    EXPECT_EQ(bench.lines(), (Lines{"shelved hot.hi 2 at 100", "resolved area north at 100"}));
    bench.pass(1100);
    EXPECT_EQ(bench.lines(), (Lines{"unshelved hot.hi 2 at 1100", "firing area north at 1100"}));
}

TEST(GroupPeople, AGroupsRuleIsShelvedBeforeItsAlertComes) {
    JudgeBench bench({hot(), area(2)}, areas());
    bench.read(1, 85.0, 0);
    bench.records();
    ControlRequest request = order_of(ControlVerb::shelve, 1000 * ms);
    request.alarms.rule = "area";
    EXPECT_EQ(bench.order(request), 1u);
    bench.read(2, 85.0, 100).pass(990);
    EXPECT_EQ(bench.lines(), (Lines{"firing hot.hi 2 at 100"}));
    bench.pass(1000);
    EXPECT_EQ(bench.lines(), (Lines{"firing area north at 1000"}));
}

}  // namespace
}  // namespace roda::appliance
