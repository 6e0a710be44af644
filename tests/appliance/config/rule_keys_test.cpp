// SPDX-License-Identifier: Apache-2.0
// What rules of the file become; rule_faults_test.cpp has what they must not be.
#include "appliance/config/rule_keys.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "appliance/config/config.hpp"
#include "tests/appliance/config/faults.hpp"

namespace roda::appliance {
namespace {

constexpr std::uint64_t ms = 1'000'000;

std::vector<Rule> rules(const std::string& list) {
    return parse_config(
               "port: {device: x}\nrecorder: {frames: 1}\ninventory: {file: i.csv}\nrules:\n" +
                   list,
               "c.yaml")
        .rules;
}

Rule some(RuleKind kind) {
    Rule rule;
    rule.name = "a";
    rule.kind = kind;
    return rule;
}

TEST(RuleKeys, LeaveEveryDefaultAlone) {
    const std::vector<Rule> read = rules("- {name: a, kind: jump}\n");
    ASSERT_EQ(read.size(), 1U);
    EXPECT_EQ(read[0], some(RuleKind::jump));
}

TEST(RuleKeys, ReadLimits) {
    Rule rule = some(RuleKind::limits);
    rule.of = Figure::average;
    rule.hihi = LevelLimit{0.0, true};
    rule.hi = LevelLimit{80.5, false};
    rule.lo = LevelLimit{-1.0, false};
    rule.lolo = LevelLimit{-1e3, false};
    rule.deadband = 2.0;
    rule.outer_severity = Severity::warning;
    rule.severity = Severity::info;
    EXPECT_EQ(rules("- {name: a, kind: limits, of: average, hihi: inventory, hi: 80.5, lo: -1, "
                    "lolo: -1e3, deadband: 2, outer_severity: warning, severity: info}\n"),
              std::vector<Rule>{rule});
}

TEST(RuleKeys, ReadASelection) {
    Rule rule = some(RuleKind::quality);
    rule.match.sensors = {{17, 17}, {100, 199}, {0, ~std::uint64_t{0}}, {5, 5}};
    rule.match.devices = {3, 1};
    rule.match.labels = {{"building", "2"}, {"group", "boilers north"}};
    EXPECT_EQ(rules("- {name: a, kind: quality, match: {devices: [3, 1],\n"
                    "   sensors: [17, 100-199, 0-18446744073709551615, 5-5],\n"
                    "   labels: {group: boilers north, building: 2}}}\n"),
              std::vector<Rule>{rule});
}

TEST(RuleKeys, ReadWindows) {
    Rule rule = some(RuleKind::jump);
    rule.of = Figure::window_p99;
    rule.window = {60'000 * ms, 10'000 * ms, 5 * ms};
    EXPECT_EQ(rules("- {name: a, kind: jump, of: window_p99,\n"
                    "   window: {width_ms: 60000, slide_ms: 10000, lateness_ms: 5}}\n"),
              std::vector<Rule>{rule});
    rule.window = {7 * ms, 7 * ms, 0};
    EXPECT_EQ(rules("- {name: a, kind: jump, of: window_p99, window: {width_ms: 7}}\n"),
              std::vector<Rule>{rule});
}

TEST(RuleKeys, ReadMovements) {
    Rule rate = some(RuleKind::rate);
    rate.per_second = 0.25;
    rate.direction = Direction::falling;
    EXPECT_EQ(rules("- {name: a, kind: rate, per_second: 0.25, direction: falling}\n"),
              std::vector<Rule>{rate});
    Rule jump = some(RuleKind::jump);
    jump.against = Reference::average;
    jump.ratio = 1.0;
    jump.absolute = 3.0;
    jump.direction = Direction::rising;
    EXPECT_EQ(rules("- {name: a, kind: jump, against: average, ratio: 1, absolute: 3, "
                    "direction: rising}\n"),
              std::vector<Rule>{jump});
    Rule deviation = some(RuleKind::deviation);
    deviation.sigmas = 5.5;
    deviation.min_readings = 100;
    EXPECT_EQ(rules("- {name: a, kind: deviation, sigmas: 5.5, min_readings: 100}\n"),
              std::vector<Rule>{deviation});
}

TEST(RuleKeys, ReadSilenceAndQuality) {
    Rule flatline = some(RuleKind::flatline);
    flatline.for_ns = 1500 * ms;
    flatline.tolerance = 0.5;
    EXPECT_EQ(rules("- {name: a, kind: flatline, for_ms: 1500, tolerance: 0.5}\n"),
              std::vector<Rule>{flatline});
    Rule absence = some(RuleKind::absence);
    absence.intervals = 2.5;
    EXPECT_EQ(rules("- {name: a, kind: absence, intervals: 2.5}\n"), std::vector<Rule>{absence});
    absence.intervals = 0.0;
    absence.for_ns = 31'536'000'000 * ms;
    EXPECT_EQ(rules("- {name: a, kind: absence, for_ms: 31536000000}\n"),
              std::vector<Rule>{absence});
    Rule quality = some(RuleKind::quality);
    quality.least = -40.0;
    quality.greatest = 150.0;
    EXPECT_EQ(rules("- {name: a, kind: quality, least: -40, greatest: 150}\n"),
              std::vector<Rule>{quality});
}

TEST(RuleKeys, ReadAGroupOfRulesThatMayComeLater) {
    Rule group = some(RuleKind::group);
    group.rules = {"b", "c"};
    group.by = "building";
    group.at_least_sensors = 3;
    const std::vector<Rule> read = rules(
        "- {name: a, kind: group, rules: [b, c], by: building, at_least_sensors: 3}\n"
        "- {name: b, kind: jump}\n- {name: c, kind: quality}\n");
    ASSERT_EQ(read.size(), 3U);
    EXPECT_EQ(read[0], group);
}

TEST(RuleKeys, ReadALife) {
    Rule rule = some(RuleKind::jump);
    rule.life = {.on_delay_ns = 1 * ms,
                 .off_delay_ns = 2 * ms,
                 .min_interval_ns = 3 * ms,
                 .latching = true,
                 .flap_changes = 4,
                 .flap_within_ns = 5 * ms,
                 .at_least = 6,
                 .of_last = 64};
    EXPECT_EQ(rules("- {name: a, kind: jump, on_delay_ms: 1, off_delay_ms: 2, min_interval_ms: 3,\n"
                    "   latching: true, flap_changes: 4, flap_within_ms: 5, at_least: 6, "
                    "of_last: 64}\n"),
              std::vector<Rule>{rule});
}

TEST(RuleKeys, ReadWhatAlertsTell) {
    Rule rule = some(RuleKind::jump);
    rule.severity = Severity::critical;
    rule.labels = {{"shift", "night"}, {"team", "steam"}};
    rule.message = "{name}: {{x}";
    rule.record = true;
    EXPECT_EQ(rules("- {name: a, kind: jump, severity: critical, record: true,\n"
                    "   labels: {team: steam, shift: night}, message: '{name}: {{x}'}\n"),
              std::vector<Rule>{rule});
}

TEST(RuleKeys, ReadAsManyRulesAsThereMayBe) {
    std::string text = "port: {device: x}\nrules:\n";
    for (std::size_t i = 0; i < max_rules; ++i) {
        text += "- {kind: jump, name: r" + std::to_string(i) + "}\n";
    }
    EXPECT_EQ(parse_config(text, "c.yaml").rules.size(), max_rules);
    EXPECT_EQ(faults(text + "- {kind: jump, name: last}\n"),
              "c.yaml:16387:3: rules has 16385 items, keep at most 16384");
}

}  // namespace
}  // namespace roda::appliance
