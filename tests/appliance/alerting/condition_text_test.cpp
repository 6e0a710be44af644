// SPDX-License-Identifier: Apache-2.0
#include "appliance/alerting/condition_text.hpp"

#include <gtest/gtest.h>

#include "tests/appliance/alerting/explained_sensor.hpp"

namespace roda::appliance {
namespace {

using namespace explained;

/// The condition in words, of a sensor whose alarm is at rest or of this cell.
std::string condition_of(const Rule& rule, const Verdict& verdict, const AlarmCell& cell = {}) {
    const std::string line = line_of(ExplainedSensor({rule}).add(verdict, cell));
    return line.substr(0, line.find(';'));
}

TEST(ConditionText, OfALimit) {
    const Rule rule = hi_rule(10.0, 0.5);
    const AlarmCell held = cell_of(AlarmState::firing, true);
    EXPECT_EQ(condition_of(rule, {false, 10.0, 10.0, 10.0}),
              "value 10 is not above 10 (clears at or below 9.5)");
    EXPECT_EQ(condition_of(rule, {true, 10.25, 10.0, 10.0}, held),
              "value 10.25 is above 10 (clears at or below 9.5)");
    EXPECT_EQ(condition_of(rule, {true, 9.8, 10.0, 10.0}, held),
              "value 9.8 has not cleared (clears at or below 9.5, fires above 10)");
    EXPECT_EQ(condition_of(hi_rule(10.0, 0.0), {false, 9.8, 10.0, 10.0}),
              "value 9.8 is not above 10");
    EXPECT_EQ(condition_of(rule, unjudged), "no value yet, fires above 10");
    Rule low = rule_of(RuleKind::limits);
    low.lo = LevelLimit{.value = 1.0};
    EXPECT_EQ(condition_of(low, {true, 0.5, 1.0, 1.0}, held),
              "value 0.5 is below 1 (clears at or above 1)");
}

TEST(ConditionText, OfALimitOfTheInventory) {
    Rule rule = rule_of(RuleKind::limits);
    rule.hi = LevelLimit{.value = 0.0, .of_inventory = true};
    EXPECT_EQ(condition_of(rule, {false, 9.8, 10.0, 10.0}), "value 9.8 is not above 10");
    ExplainedSensor plant({rule});
    plant.sensor.sensor_id = 418;
    EXPECT_EQ(line_of(plant.add({false, 9.8, none, none})),
              "the inventory has no hi limit of it: never fires; normal");
}

TEST(ConditionText, OfAWindowsFigure) {
    Rule rule = hi_rule(10.0, 0.0);
    rule.of = Figure::window_p99;
    rule.window = {.width_ns = 5 * minute, .slide_ns = minute, .lateness_ns = 0};
    EXPECT_EQ(condition_of(rule, {false, 9.8, 10.0, 10.0}),
              "window p99 (5 min, every 1 min) 9.8 is not above 10");
    rule.window.slide_ns = rule.window.width_ns;
    EXPECT_EQ(condition_of(rule, unjudged), "no window p99 (5 min) yet, fires above 10");
}

TEST(ConditionText, OfARate) {
    Rule rule = rule_of(RuleKind::rate);
    rule.per_second = 2.0;
    EXPECT_EQ(condition_of(rule, {false, none, 9.8, 2.0}),
              "fires when value moves by more than 2 a second");
    EXPECT_EQ(condition_of(rule, {false, -0.5, 9.8, 2.0}),
              "value moves by -0.5 a second, not more than 2 a second");
    rule.direction = Direction::rising;
    AlarmCell held = cell_of(AlarmState::firing, true);
    held.cause.value = 3.5;
    EXPECT_EQ(condition_of(rule, unjudged, held),
              "value moves by 3.5 a second, more than 2 a second (rising only)");
}

TEST(ConditionText, OfAJump) {
    Rule rule = rule_of(RuleKind::jump);
    rule.ratio = 2.0;
    rule.absolute = 1.0;
    EXPECT_EQ(condition_of(rule, {false, 9.8, 9.8, 2.0}),
              "fires when value is more than 9.8 from the one before, 9.8");
    AlarmCell held = cell_of(AlarmState::firing, true);
    held.cause.value = 30.0;
    held.cause.reference = 10.0;
    EXPECT_EQ(condition_of(rule, {false, 9.8, 9.8, 2.0}, held),
              "value 30 is 20 from the one before, 10, more than 10");
    rule.against = Reference::average;
    rule.direction = Direction::falling;
    EXPECT_EQ(condition_of(rule, unjudged),
              "fires when value is more than 9.4 from the average, 9.4 (falling only)");
    rule.against = Reference::previous;
    rule.direction = Direction::either;
    rule.ratio = 1.01;
    rule.of = Figure::window_mean;
    rule.window = {.width_ns = minute, .slide_ns = minute, .lateness_ns = 0};
    EXPECT_EQ(condition_of(rule, {false, 9.0, 9.0, 1.01}),
              "fires when window mean (1 min) is more than 1 from the one before, 9");
    EXPECT_EQ(condition_of(rule, unjudged), "window mean (1 min) has nothing to compare with yet");
}

TEST(ConditionText, OfADeviation) {
    Rule rule = rule_of(RuleKind::deviation);
    rule.sigmas = 4.0;
    rule.min_readings = 120;
    EXPECT_EQ(condition_of(rule, {false, 9.8, 9.4, 4.0}),
              "value 9.8 is not further than 4 standard deviations from the average 9.4");
    EXPECT_EQ(condition_of(rule, {true, 19.0, 9.4, 4.0}),
              "value 19 is further than 4 standard deviations from the average 9.4");
    rule.min_readings = 121;
    EXPECT_EQ(condition_of(rule, {false, 9.8, 9.4, 4.0}),
              "judges to 4 standard deviations after 121 readings, has 120");
}

TEST(ConditionText, OfAFlatline) {
    Rule rule = rule_of(RuleKind::flatline);
    rule.for_ns = 10 * minute;
    rule.tolerance = 0.1;
    AlarmCell cell;
    EXPECT_EQ(condition_of(rule, unjudged, cell),
              "not followed yet, fires after 10 min without a move");
    cell.flat_at = 3.2;
    cell.flat_from_ns = now - 4 * second - 4 * minute;
    EXPECT_EQ(condition_of(rule, unjudged, cell),
              "flat for 4 min at 3.2 (within 0.1), fires at 10 min");
    rule.tolerance = 0.0;
    cell.flat_from_ns -= 8 * minute;
    cell.history = 1;
    EXPECT_EQ(condition_of(rule, unjudged, cell), "flat for 12 min at 3.2, at least 10 min");
}

TEST(ConditionText, OfAQuality) {
    Rule rule = rule_of(RuleKind::quality);
    EXPECT_EQ(condition_of(rule, unjudged), "value 9.8 is good, good are finite numbers");
    rule.greatest = 100.0;
    EXPECT_EQ(condition_of(rule, unjudged), "value 9.8 is good, good are 100 and less");
    rule.least = 0.0;
    EXPECT_EQ(condition_of(rule, {true, 120.0, 100.0, 100.0}),
              "value 120 is not good, good are 0 to 100");
    AlarmCell held = cell_of(AlarmState::firing, true);
    held.cause.value = none;
    EXPECT_EQ(condition_of(rule, unjudged, held), "value nan is not a finite number");
    held.cause.value = -infinity;
    EXPECT_EQ(condition_of(rule, unjudged, held), "value -inf is not a finite number");
}

TEST(ConditionText, OfAnAbsence) {
    Rule rule = rule_of(RuleKind::absence);
    rule.for_ns = 30 * second;
    EXPECT_EQ(condition_of(rule, unjudged), "silent for 4 s, fires at 30 s");
    AlarmCell held = cell_of(AlarmState::firing, true);
    held.behind_ns = -static_cast<std::int64_t>(minute);  // its clock is a minute ahead
    EXPECT_EQ(condition_of(rule, unjudged, held), "silent for 1 min 4 s, at least 30 s");
    rule.for_ns = 0;
    rule.intervals = 2.5;
    EXPECT_EQ(condition_of(rule, unjudged), "silent for 4 s, fires at 25 s");
    ExplainedSensor plant({rule});
    plant.sensor.state = {};
    EXPECT_EQ(line_of(plant.add(unjudged)), "never heard, fires at 25 s; normal");
    plant.sensor.sensor_id = 418;
    EXPECT_EQ(line_of(plant), "the inventory has no expected interval of it: never fires; normal");
}

TEST(ConditionText, OfAGroup) {
    Rule rule = rule_of(RuleKind::group, "many");
    rule.rules = {"high", "dead"};
    rule.by = "group";
    rule.at_least_sensors = 3;
    Rule high = hi_rule(10.0, 0.0);
    high.name = "high";
    Rule dead = rule_of(RuleKind::absence, "dead");
    dead.for_ns = minute;
    const auto condition = [&](const Verdict& verdict) {
        return line_of(ExplainedSensor({rule, high, dead}).add(verdict));
    };
    EXPECT_EQ(condition({false, 2.0, 3.0, 3.0}),
              "2 of group boilers with an alert of high, dead, fires at 3 sensors; normal");
    EXPECT_EQ(condition(unjudged),
              "fires when 3 sensors of group boilers have an alert of high, dead; normal");
}

}  // namespace
}  // namespace roda::appliance
