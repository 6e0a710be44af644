// SPDX-License-Identifier: Apache-2.0
#include "appliance/alerting/explanation.hpp"

#include <gtest/gtest.h>

#include "pipeline/fleet/net_id.hpp"
#include "tests/appliance/alerting/explained_sensor.hpp"

namespace roda::appliance {
namespace {

using namespace explained;

/// The state of the alarm in words, with this rule's life.
std::string alarm_of(const AlertLife& life, const AlarmCell& cell) {
    Rule rule = hi_rule(10.0, 0.0);
    rule.life = life;
    const std::string line = line_of(ExplainedSensor({rule}).add({false, 9.8, 10.0, 10.0}, cell));
    return line.substr(line.find(';') + 2);
}

TEST(Explanation, ShowsTheSensorAndEachOfItsRules) {
    Rule level = hi_rule(10.0, 0.5);
    level.name = "pressure";
    level.lo = LevelLimit{.value = 1.0};
    level.lolo = LevelLimit{.value = 0.5};
    AlarmCell pending = cell_of(AlarmState::pending, true);
    pending.id = NetId64::make(1, 7, 42).bits;
    pending.since_ns = now - 3 * second;
    Rule quality = rule_of(RuleKind::quality, "bad");
    quality.least = 0.0;
    quality.severity = Severity::info;
    quality.life.on_delay_ns = 5 * second;
    ExplainedSensor plant({level, quality});
    plant.add({false, 9.8, 10.0, 10.0}).add({false, 9.8, 1.0, 1.0}).add({false, 9.8, 0.5, 0.5});
    plant.add({true, -1.0, 0.0, 0.0}, pending);
    EXPECT_EQ(to_text(plant.sensor, plant.book, now),
              R"(sensor 417 boiler_pressure (bar), shard 2
  area=north group=boilers
  last value 9.8 at 2026-03-01 11:59:56 UTC, 4 s ago; 120 readings
  mean 9.1, average 9.4, standard deviation 0.25
  values from 9.5 to 10 can change nothing
  pressure hi, warning: value 9.8 is not above 10 (clears at or below 9.5); normal
  pressure lo, warning: value 9.8 is not below 1 (clears at or above 1.5); normal
  pressure lolo, critical: value 9.8 is not below 0.5 (clears at or above 1); normal
  bad, info: value -1 is not good, good are 0 and more; pending for 3 s, fires in 2 s, alert 1:7:42
)");
}

TEST(Explanation, ShowsASensorWithoutRulesNameOrReadings) {
    ExplainedSensor plant({});
    plant.sensor.sensor_id = 5;
    plant.sensor.state = {};
    EXPECT_EQ(to_text(plant.sensor, plant.book, now),
              "sensor 5, shard 2\n  no finite value yet\n  no rule is about it\n");
    plant.sensor.known = false;
    EXPECT_EQ(to_text(plant.sensor, plant.book, now), "sensor 5, shard 2\n  never heard\n");
    plant.sensor.sensor_id = 418;
    EXPECT_EQ(to_text(plant.sensor, plant.book, now),
              "sensor 418, shard 2\n  never heard, but expected by the inventory\n");
}

TEST(Explanation, SaysThatRulesAreFoundWithTheNextReading) {
    ExplainedSensor plant({hi_rule(10.0, 0.0)});
    plant.sensor.state.put(sensor_unresolved, true);
    const auto last_line = [&] {
        const std::string text = to_text(plant.sensor, plant.book, now);
        return text.substr(text.rfind('\n', text.size() - 2) + 1);
    };
    EXPECT_EQ(last_line(), "  its rules are found with its next reading\n");
    plant.add({false, 9.8, 10.0, 10.0});
    EXPECT_EQ(last_line(), "  its other rules are found with its next reading\n");
}

TEST(Explanation, SaysWhichValuesAreQuiet) {
    constexpr float most = std::numeric_limits<float>::max();
    const auto quiet = [](float low, float high, bool watched = false) {
        ExplainedSensor plant({});
        plant.sensor.state.quiet_low = low;
        plant.sensor.state.quiet_high = high;
        plant.sensor.state.put(sensor_watched, watched);
        const std::string text = to_text(plant.sensor, plant.book, now);
        const std::size_t start = text.find("\n  ", text.find("mean")) + 3;
        return text.substr(start, text.find('\n', start) - start);
    };
    EXPECT_EQ(quiet(-most, 10.0F), "values up to 10 can change nothing");
    EXPECT_EQ(quiet(2.5F, most), "values from 2.5 up can change nothing");
    EXPECT_EQ(quiet(-most, most, true), "any value can only change what time or pace decides");
    EXPECT_EQ(quiet(most, -most), "the next reading is judged by all rules");
}

TEST(Explanation, OfEachStateOfAnAlarm) {
    AlertLife life{.on_delay_ns = 5 * second,
                   .off_delay_ns = 10 * second,
                   .min_interval_ns = minute,
                   .latching = true};
    AlarmCell cell;
    EXPECT_EQ(alarm_of(life, cell), "normal");
    cell.fired_ns = now - 20 * second;
    EXPECT_EQ(alarm_of(life, cell), "normal, cannot fire for another 40 s");
    cell.id = NetId64::make(1, 7, 42).bits;
    cell.state = AlarmState::pending;
    cell.since_ns = now - 3'200'000'000;
    EXPECT_EQ(alarm_of(life, cell), "pending for 3.2 s, fires in 40 s, alert 1:7:42");
    cell.fired_ns = now - 12 * second;
    cell.state = AlarmState::firing;
    EXPECT_EQ(alarm_of(life, cell), "firing for 12 s, alert 1:7:42");
    cell.acknowledged = true;
    EXPECT_EQ(alarm_of(life, cell), "firing for 12 s, acknowledged, alert 1:7:42");
    cell.state = AlarmState::clearing;
    EXPECT_EQ(alarm_of(life, cell),
              "clearing for 3.2 s, resolves in 6.8 s, acknowledged, alert 1:7:42");
    cell.since_ns = now - 10 * second;
    EXPECT_EQ(alarm_of(life, cell), "clearing for 10 s, resolves now, acknowledged, alert 1:7:42");
    cell.acknowledged = false;
    cell.state = AlarmState::latched;
    EXPECT_EQ(alarm_of(life, cell), "latched for 10 s, waits to be acknowledged, alert 1:7:42");
}

TEST(Explanation, OfAnAlarmThatFlapsIsShelvedOrNeedsSeveralReadings) {
    AlertLife life{.flap_changes = 5, .flap_within_ns = minute};
    AlarmCell cell = cell_of(AlarmState::firing, true);
    cell.flapping = true;
    cell.since_ns = now - 20 * second;
    EXPECT_EQ(alarm_of(life, cell), "flapping, its condition holds, steady in 40 s");
    cell = cell_of(AlarmState::normal, false);
    cell.behind_ns = static_cast<std::int64_t>(minute);
    cell.shelved_until_ns = now - minute + 30 * minute;
    EXPECT_EQ(alarm_of({}, cell),
              "normal; shelved until 2026-03-01 12:30:00 UTC, for another 30 min");
    cell = cell_of(AlarmState::normal, false);
    cell.history = 0b10010;
    EXPECT_EQ(alarm_of({.at_least = 3, .of_last = 5}, cell),
              "normal; 2 of the last 5 readings, needs 3");
}

TEST(Explanation, IsOneJsonObject) {
    Rule level = hi_rule(10.0, 0.5);
    level.name = "pressure";
    Rule flat = rule_of(RuleKind::flatline, "stuck");
    flat.for_ns = minute;
    flat.life.at_least = 2;
    flat.life.of_last = 3;
    AlarmCell cell = cell_of(AlarmState::firing, true);
    cell.id = NetId64::make(1, 7, 42).bits;
    cell.since_ns = 100;
    cell.fired_ns = 200;
    cell.flat_at = 3.25;
    cell.flat_from_ns = 50;
    cell.history = 0b11;
    cell.acknowledged = true;
    ExplainedSensor plant({level, flat});
    plant.add({false, 9.8, 10.0, 10.0}).add(unjudged, cell);
    EXPECT_EQ(
        to_json(plant.sensor, plant.book),
        R"({"sensor_id":417,"shard":2,"known":true,"name":"boiler_pressure","unit":"bar",)"
        R"("labels":{"area":"north","group":"boilers"},)"
        R"("state":{"last":9.8,"newest_ns":1772366396000000000,"readings":120,"mean":9.1,)"
        R"("average":9.4,"deviation":0.25,"quiet_low":9.5,"quiet_high":10,)"
        R"("watched":false},"rules":[)"
        R"({"rule":"pressure","kind":"limits","level":"hi","severity":"warning","of":"value",)"
        R"("fulfilled":false,"value":9.8,"reference":10,"limit":10,"state":"normal",)"
        R"("condition":false,"since_ns":0,"fired_ns":0,"shelved_until_ns":0,)"
        R"("acknowledged":false,"flapping":false},)"
        R"({"rule":"stuck","kind":"flatline","severity":"warning","of":"value",)"
        R"("fulfilled":false,"value":null,"reference":null,"limit":null,"state":"firing",)"
        R"("condition":true,"since_ns":100,"fired_ns":200,"shelved_until_ns":0,)"
        R"("acknowledged":true,"flapping":false,"id":"1:7:42","flat_at":3.25,)"
        R"("flat_from_ns":50,"fulfilled_of_last":2}]})");
    plant.sensor.known = false;
    plant.sensor.sensor_id = 5;
    plant.sensor.points.clear();
    EXPECT_EQ(to_json(plant.sensor, plant.book),
              R"({"sensor_id":5,"shard":2,"known":false,"rules":[]})");
}

}  // namespace
}  // namespace roda::appliance
