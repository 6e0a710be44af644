// SPDX-License-Identifier: Apache-2.0
// What is said of rules that cannot be, each at its place.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/appliance/config/faults.hpp"

namespace roda::appliance {
namespace {

// Rules begin on line 2.
std::string of_rules(const std::string& rules) {
    return faults(
        "{port: {device: x}, recorder: {frames: 1}, inventory: {file: i.csv}, rules: [\n" + rules +
        "]}\n");
}

TEST(RuleFaults, NeedEachRuleToHaveItsOwnName) {
    EXPECT_EQ(
        of_rules("{kind: jump, name: a},\n{kind: jump, name: b},\n{kind: rate, per_second: 1, "
                 "name: a}"),
        "c.yaml:4:35: rules[2].name is a like that of a rule above, choose another");
    EXPECT_EQ(of_rules("{kind: jump, name: " + std::string(31, 'a') + "}"), "no fault");
    EXPECT_NE(of_rules("{kind: jump, name: " + std::string(32, 'a') + "}"), "no fault");
}

TEST(RuleFaults, AreAllFoundAtOnce) {
    EXPECT_EQ(of_rules("{name: 9a, kind: step, of: max, ratio: .inf, severity: high}"),
              "c.yaml:2:8: rules[0].name is 9a, give 1 to 31 characters of a-z, 0-9 and _, a "
              "letter first\n"
              "c.yaml:2:18: rules[0].kind is step, give one of limits, rate, jump, deviation, "
              "flatline, quality, absence, group\n"
              "c.yaml:2:28: rules[0].of is max, give one of value, mean, average, window_count, "
              "window_mean, window_minimum, window_maximum, window_deviation, window_rate, "
              "window_p50, window_p90, window_p95, window_p99\n"
              "c.yaml:2:40: rules[0].ratio is .inf, give a number of at least 1\n"
              "c.yaml:2:56: rules[0].severity is high, give one of info, warning, critical");
}

TEST(RuleFaults, TellKeysOfOtherKinds) {
    EXPECT_EQ(
        of_rules("{name: a, kind: limits, hi: 1, ratio: 3,\n per_second: 2, direction: rising}"),
        "c.yaml:2:39: rules[0].ratio is of kind jump, remove it or change the kind\n"
        "c.yaml:3:14: rules[0].per_second is of kind rate, remove it or change the kind\n"
        "c.yaml:3:28: rules[0].direction is of kinds rate, jump, remove it or change the "
        "kind");
}

TEST(RuleFaults, TellWhatAKindCannotDoWithout) {
    EXPECT_EQ(
        of_rules("{name: a, kind: limits},\n{name: b, kind: rate},\n{name: c, kind: flatline},\n"
                 "{name: d, kind: absence},\n{name: e, kind: group}"),
        "c.yaml:2:1: rules[0].hi is missing, kind limits needs one of hihi, hi, lo, lolo\n"
        "c.yaml:3:1: rules[1].per_second is missing, kind rate needs it\n"
        "c.yaml:4:1: rules[2].for_ms is missing, kind flatline needs it\n"
        "c.yaml:5:1: rules[3].for_ms is missing, kind absence needs for_ms or intervals\n"
        "c.yaml:6:1: rules[4].rules is missing, kind group needs it\n"
        "c.yaml:6:1: rules[4].by is missing, kind group needs it");
    EXPECT_EQ(of_rules("{name: d, kind: absence, for_ms: 1, intervals: 2}"),
              "c.yaml:2:48: rules[0].intervals is another measure beside for_ms, keep one of them");
}

TEST(RuleFaults, HoldLimitsInTheirOrder) {
    const auto limits = [](const std::string& levels) {
        return of_rules("{name: a, kind: limits, " + levels + "}");
    };
    EXPECT_EQ(limits("lolo: 1, lo: 1"), "c.yaml:2:38: rules[0].lo is 1, give more than lolo (1)");
    EXPECT_EQ(limits("lo: 5, hi: 4, hihi: 9"),
              "c.yaml:2:36: rules[0].hi is 4, give more than lo (5)");
    EXPECT_EQ(limits("lolo: 5, hihi: 4"),
              "c.yaml:2:40: rules[0].hihi is 4, give more than lolo (5)");
    EXPECT_EQ(limits("lo: 5, hi: inventory, hihi: 4"),
              "c.yaml:2:53: rules[0].hihi is 4, give more than lo (5)");
    EXPECT_EQ(limits("hi: high"),
              "c.yaml:2:29: rules[0].hi is high, give a finite number, or inventory for each "
              "sensor's own");
    EXPECT_EQ(limits("hi: .nan, outer_severity: info"),
              "c.yaml:2:29: rules[0].hi is .nan, give a finite number, or inventory for each "
              "sensor's own");
    EXPECT_EQ(
        limits("hi: 1, outer_severity: info"),
        "c.yaml:2:48: rules[0].outer_severity is of hihi and lolo, give one of them or remove "
        "it");
}

TEST(RuleFaults, HoldTheDeadbandWithinTheLimits) {
    const auto limits = [](const std::string& levels) {
        return of_rules("{name: a, kind: limits, " + levels + "}");
    };
    EXPECT_EQ(limits("lo: 5, hi: 10, deadband: 4.9"), "no fault");
    EXPECT_EQ(limits("lo: 5, hi: 10, deadband: 5"),
              "c.yaml:2:50: rules[0].deadband is 5, give less than the 5 from lo to hi");
    EXPECT_EQ(limits("lolo: 5, hihi: 10, hi: 9, deadband: 4"),
              "c.yaml:2:61: rules[0].deadband is 4, give less than the 4 from lolo to hi");
    EXPECT_EQ(limits("lo: inventory, hi: 10, deadband: 50"), "no fault");
    EXPECT_EQ(limits("hi: 10, deadband: -1"),
              "c.yaml:2:43: rules[0].deadband is -1, give a number of at least 0");
}

TEST(RuleFaults, HoldWindowsAndTheirFiguresTogether) {
    const auto window = [](const std::string& keys) {
        return of_rules("{name: a, kind: limits, hi: 1, " + keys + "}");
    };
    EXPECT_EQ(window("of: window_mean"),
              "c.yaml:2:36: rules[0].of is a figure of windows, give window.width_ms");
    EXPECT_EQ(window("window: {width_ms: 5}"),
              "c.yaml:2:40: rules[0].window needs a figure of windows, give of: window_mean or "
              "another window_ one");
    EXPECT_EQ(window("of: window_mean, window: {slide_ms: 5}"),
              "c.yaml:2:49: rules[0].window.width_ms is missing, give the width of the windows");
    EXPECT_EQ(window("of: window_mean, window: {width_ms: 10, slide_ms: 4}"),
              "c.yaml:2:82: rules[0].window.slide_ms is 4, give one that divides width_ms");
    EXPECT_EQ(window("of: window_mean, window: {width_ms: 10, slide_ms: 20}"),
              "c.yaml:2:82: rules[0].window.slide_ms is 20, give one that divides width_ms");
    EXPECT_EQ(window("of: window_mean, window: {width_ms: 2048, slide_ms: 1}"), "no fault");
    EXPECT_EQ(window("of: window_mean, window: {width_ms: 2048, slide_ms: 1, lateness_ms: 1}"),
              "c.yaml:2:84: rules[0].window.slide_ms makes 4097 panes of (2 x width + lateness) / "
              "slide, give a longer slide for at most 4096");
}

TEST(RuleFaults, CompareOnlyValuesWithAMean) {
    EXPECT_EQ(of_rules("{name: a, kind: jump, of: mean, against: average}"),
              "c.yaml:2:42: rules[0].against compares values, give of: value or against: previous");
    EXPECT_EQ(of_rules("{name: a, kind: jump, of: mean, against: previous}"), "no fault");
}

TEST(RuleFaults, HoldLivesTogether) {
    const auto life = [](const std::string& keys) {
        return of_rules("{name: a, kind: jump, " + keys + "}");
    };
    EXPECT_EQ(life("at_least: 3"), "c.yaml:2:33: rules[0].at_least is 3, give at most of_last (1)");
    EXPECT_EQ(life("at_least: 1, of_last: 65"),
              "c.yaml:2:45: rules[0].of_last is 65, give a whole number of readings from 1 to 64");
    EXPECT_EQ(life("flap_changes: 3"),
              "c.yaml:2:37: rules[0].flap_changes needs a time that they come in, give "
              "flap_within_ms");
    EXPECT_EQ(life("flap_within_ms: 3"),
              "c.yaml:2:39: rules[0].flap_within_ms needs a number of changes, give flap_changes");
    EXPECT_EQ(life("flap_changes: 1, flap_within_ms: 3"),
              "c.yaml:2:37: rules[0].flap_changes is 1: every alert flaps, give 0 or at least 2");
    EXPECT_EQ(life("on_delay_ms: 1.5"),
              "c.yaml:2:36: rules[0].on_delay_ms is 1.5, give a whole number of ms from 0 to "
              "31536000000");
}

TEST(RuleFaults, HoldARangeInItsOrder) {
    EXPECT_EQ(of_rules("{name: a, kind: quality, least: 2, greatest: 2}"),
              "c.yaml:2:46: rules[0].greatest is 2, give more than least (2)");
    EXPECT_EQ(of_rules("{name: a, kind: quality, least: .inf}"),
              "c.yaml:2:33: rules[0].least is .inf, give a finite number");
}

TEST(RuleFaults, NeedRulesThatAGroupCanCount) {
    EXPECT_EQ(of_rules("{name: g, kind: group, by: group,\n rules: [h, x, g, Y, b]},\n"
                       "{name: h, kind: group, by: group, rules: [b]},\n{name: b, kind: jump}"),
              "c.yaml:3:10: rules[0].rules[0] is h, give a rule that is no group itself\n"
              "c.yaml:3:13: rules[0].rules[1] is x, give the name of a rule in this file\n"
              "c.yaml:3:16: rules[0].rules[2] is g, give a rule that is no group itself\n"
              "c.yaml:3:19: rules[0].rules[3] is Y, give 1 to 31 characters of a-z, 0-9 and _, a "
              "letter first");
    EXPECT_EQ(of_rules("{name: g, kind: group, by: name, rules: []}"),
              "c.yaml:2:28: rules[0].by is name, give a column of the inventory that is a label: "
              "group, or one of your own\n"
              "c.yaml:2:41: rules[0].rules is empty, give the names of other rules");
}

TEST(RuleFaults, NeedAnInventoryForWhatItGives) {
    EXPECT_EQ(faults("{port: {device: x}, rules: [\n"
                     "{name: a, kind: limits, hi: inventory},\n"
                     "{name: b, kind: absence, intervals: 3},\n"
                     "{name: c, kind: jump, match: {labels: {group: x}}},\n"
                     "{name: d, kind: group, rules: [a], by: group}]}\n"),
              "c.yaml:2:29: rules[0].hi is inventory and there is none, give inventory.file\n"
              "c.yaml:3:37: rules[1].intervals needs an inventory, give inventory.file\n"
              "c.yaml:4:39: rules[2].match.labels needs an inventory, give inventory.file\n"
              "c.yaml:5:40: rules[3].by needs an inventory, give inventory.file");
}

TEST(RuleFaults, AreFoundInSelections) {
    const auto match = [](const std::string& keys) {
        return of_rules("{name: a, kind: jump, match: {" + keys + "}}");
    };
    const std::string advice = ", give a whole number, or two as FIRST-LAST";
    EXPECT_EQ(match("sensors: [x, 5-, -5, 1-2-3, 9-7, 18446744073709551616, [1]]"),
              "c.yaml:2:41: rules[0].match.sensors[0] is x" + advice +
                  "\nc.yaml:2:44: rules[0].match.sensors[1] is 5-" + advice +
                  "\nc.yaml:2:48: rules[0].match.sensors[2] is -5" + advice +
                  "\nc.yaml:2:52: rules[0].match.sensors[3] is 1-2-3" + advice +
                  "\nc.yaml:2:59: rules[0].match.sensors[4] is 9-7, give the smaller one first: 7-9"
                  "\nc.yaml:2:64: rules[0].match.sensors[5] is 18446744073709551616" +
                  advice + "\nc.yaml:2:86: rules[0].match.sensors[6] is a list" + advice);
    EXPECT_EQ(match("sensors: [], devices: []"),
              "c.yaml:2:40: rules[0].match.sensors is empty, remove it to match every one\n"
              "c.yaml:2:53: rules[0].match.devices is empty, remove it to match every one");
    EXPECT_EQ(match("devices: [0]"),
              "c.yaml:2:41: rules[0].match.devices[0] is 0, give a whole number from 1 to "
              "18446744073709551615");
    EXPECT_EQ(
        match("sensor: [1]"),
        "c.yaml:2:31: unknown key rules[0].match.sensor, did you mean rules[0].match.sensors?");
    EXPECT_EQ(
        match("labels: {unit: C, group: ''}"),
        "c.yaml:2:40: rules[0].match.labels has the name unit, give a column of the inventory "
        "that is a label: group, or one of your own\n"
        "c.yaml:2:56: rules[0].match.labels.group is \"\", give 1 to 255 bytes of text without "
        "control characters");
}

TEST(RuleFaults, AreFoundInLabelsAndMessages) {
    const std::string advice =
        ", give a name of letters, digits and _, no digit and no __ in front, other than rule, "
        "severity, level, sensor, transition";
    EXPECT_EQ(
        of_rules("{name: a, kind: jump, labels: {9a: x, level: y, ok: [1], ok: z}}"),
        "c.yaml:2:32: rules[0].labels has the name 9a" + advice +
            "\nc.yaml:2:39: rules[0].labels has the name level" + advice +
            "\nc.yaml:2:53: rules[0].labels.ok is a list, give 1 to 255 bytes of text without "
            "control characters"
            "\nc.yaml:2:58: rules[0].labels.ok is given again after line 2, keep one of them");
    EXPECT_EQ(of_rules("{name: a, kind: jump, labels: x}"),
              "c.yaml:2:31: rules[0].labels is x, give keys with values (KEY: VALUE)");
    EXPECT_EQ(of_rules("{name: a, kind: jump},\n{name: b, kind: group, rules: [a], by: group, "
                       "labels: {group: x}}"),
              "c.yaml:3:55: rules[1].labels has the name group, which says whose a group's alert "
              "is, choose another");
    EXPECT_EQ(of_rules("{name: a, kind: jump, labels: {group: x}}"), "no fault");
    EXPECT_EQ(of_rules("{name: a, kind: jump, message: '{nam}'}"),
              "c.yaml:2:32: rules[0].message is \"{nam}\", did you mean {name}?");
    EXPECT_EQ(
        of_rules("{name: a, kind: jump, message: \"a\\nb\"}"),
        "c.yaml:2:32: rules[0].message is \"a b\", give one line of text, at most 1000 bytes");
}

TEST(RuleFaults, AreBytesThatPrometheusWouldNotTake) {
    EXPECT_EQ(of_rules("{name: a, kind: jump, labels: {u: \xb0"
                       "C}}"),
              "c.yaml:2:35: not UTF-8, save the file as UTF-8");
    EXPECT_EQ(of_rules("{name: a, kind: jump, labels: {u: \xc2\xb0"
                       "C}}"),
              "no fault");
}

}  // namespace
}  // namespace roda::appliance
