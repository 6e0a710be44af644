// SPDX-License-Identifier: Apache-2.0
// What an alert says in words.
#include "appliance/alerting/alert_message.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

namespace roda::appliance {
namespace {

AlertRecord some_record() {
    AlertRecord record{};
    record.sensor_id = 417;
    record.device_id = 9;
    record.transition = Transition::firing;
    record.severity = Severity::critical;
    record.value = 213.1;
    record.reference = 21.25;
    record.limit = 200.0;
    record.level = Level::hihi;
    record.group = no_index;
    return record;
}

void set_subject(AlertRecord& record, std::string_view text) {
    std::copy(text.begin(), text.end(), record.subject.begin());
}

InventoryEntry boiler() {
    InventoryEntry entry;
    entry.sensor_id = 417;
    entry.name = "boiler 3";
    entry.unit = "°C";
    entry.labels = {{"group", "boilers"}, {"team", "steam"}};
    return entry;
}

Rule rule_of(RuleKind kind, const std::string& message = "") {
    Rule rule;
    rule.name = "hot";
    rule.kind = kind;
    rule.message = message;
    return rule;
}

TEST(AlertMessage, FillsEveryPlaceholder) {
    const Rule rule = rule_of(RuleKind::limits,
                              "{rule}|{severity}|{sensor}|{name}|{unit}|{device}|{value}|"
                              "{reference}|{limit}|{level}|{transition}|{label:group}");
    const InventoryEntry entry = boiler();
    EXPECT_EQ(alert_message(rule, some_record(), &entry),
              "hot|critical|417|boiler 3|°C|9|213.1|21.25|200|hihi|firing|boilers");
}

TEST(AlertMessage, LeavesOutWhatItDoesNotKnow) {
    const Rule rule = rule_of(RuleKind::jump, "[{name}{unit}{level}{label:group}]");
    AlertRecord record = some_record();
    record.level = Level::none;
    EXPECT_EQ(alert_message(rule, record, nullptr), "[]");
}

TEST(AlertMessage, PrefersALabelOfTheRule) {
    Rule rule = rule_of(RuleKind::limits, "{label:team} {label:group}");
    rule.labels = {{"team", "night"}};
    const InventoryEntry entry = boiler();
    EXPECT_EQ(alert_message(rule, some_record(), &entry), "night boilers");
}

TEST(AlertMessage, SaysOfALabelWhatTheAlertsSeriesSays) {
    Rule rule = rule_of(RuleKind::limits);
    const InventoryEntry entry = boiler();
    EXPECT_EQ(alert_label(&rule, &entry, "group"), "boilers");
    EXPECT_EQ(alert_label(&rule, &entry, "unit"), "°C");
    EXPECT_EQ(alert_label(&rule, &entry, "building"), "");
    EXPECT_EQ(alert_label(&rule, nullptr, "group"), "");
    EXPECT_EQ(alert_label(nullptr, &entry, "name"), "boiler 3");
    rule.labels = {{"group", "of the rule"}, {"name", "also"}};
    rule.message = "{label:group}|{label:name}|{name}|{label:unit}";
    EXPECT_EQ(alert_message(rule, some_record(), &entry), "of the rule|also|boiler 3|°C");
    AlertRecord record = some_record();
    record.group = 2;
    set_subject(record, "hall 7");
    EXPECT_EQ(alert_message(rule_of(RuleKind::group, "{label:group}"), record, nullptr), "hall 7");
}

TEST(AlertMessage, LeavesOutANumberThatNobodyKnows) {
    AlertRecord record = some_record();
    record.value = record.reference = record.limit = std::numeric_limits<double>::quiet_NaN();
    const std::string message = "[{value}|{reference}|{limit}]";
    EXPECT_EQ(alert_message(rule_of(RuleKind::absence, message), record, nullptr), "[||]");
    EXPECT_EQ(alert_message(rule_of(RuleKind::quality, message), record, nullptr), "[NaN||]")
        << "which is what is wrong";
}

TEST(AlertMessage, WritesTheShortestNumber) {
    const Rule rule = rule_of(RuleKind::jump, "{value} {reference} {limit}");
    AlertRecord record = some_record();
    record.value = 0.1;
    record.reference = 2.0;
    record.limit = -std::numeric_limits<double>::infinity();
    EXPECT_EQ(alert_message(rule, record, nullptr), "0.1 2 -inf");
    record.value = -0.0;
    record.reference = 1e300;
    record.limit = 1e6;
    EXPECT_EQ(alert_message(rule, record, nullptr), "-0 1e+300 1e+06");
}

TEST(AlertMessage, KeepsBracesThatAreDoubled) {
    EXPECT_EQ(alert_message(rule_of(RuleKind::jump, "{{x} {{{sensor}}"), some_record(), nullptr),
              "{x} {417}");
}

TEST(AlertMessage, NamesAGroupByItsRecord) {
    AlertRecord record = some_record();
    record.group = 2;
    set_subject(record, "boilers");
    const InventoryEntry entry = boiler();
    EXPECT_EQ(alert_message(rule_of(RuleKind::group, "{name}"), record, &entry), "boilers");
}

TEST(AlertMessage, UsesTheRecordsNameWithoutAnInventory) {
    AlertRecord record = some_record();
    set_subject(record, "boiler \xc3");  // cut within a character
    EXPECT_EQ(alert_message(rule_of(RuleKind::limits, "{name}"), record, nullptr), "boiler ");
}

TEST(AlertMessage, IsASentenceOfItsKindWhereTheRuleHasNone) {
    const InventoryEntry entry = boiler();
    const auto says = [&](RuleKind kind) {
        AlertRecord record = some_record();
        if (kind == RuleKind::group) {
            record.group = 1;
            record.value = 3;
            record.limit = 3;
            set_subject(record, "boilers");
        }
        return alert_message(rule_of(kind), record, kind == RuleKind::group ? nullptr : &entry);
    };
    const std::string who = "boiler 3 (sensor 417): ";
    EXPECT_EQ(says(RuleKind::limits), who + "value is 213.1 °C, above hihi 200 °C");
    EXPECT_EQ(says(RuleKind::rate), who + "value moves by 213.1 °C a second, more than 200");
    EXPECT_EQ(says(RuleKind::jump), who + "value went from 21.25 to 213.1 °C");
    EXPECT_EQ(says(RuleKind::deviation),
              who + "value is 213.1 °C, more than 200 standard deviations from its average 21.25");
    EXPECT_EQ(says(RuleKind::flatline), who + "value has not moved from 21.25 °C for 200 s");
    EXPECT_EQ(says(RuleKind::quality), who + "value is 213.1 °C, out of range beyond 200");
    EXPECT_EQ(says(RuleKind::absence), who + "silent for 213.1 s");
    EXPECT_EQ(says(RuleKind::group), "group boilers: 3 sensors have alerts, 3 are too many");
}

TEST(AlertMessage, SaysWhichWayALimitWasPassed) {
    Rule rule = rule_of(RuleKind::limits);
    rule.of = Figure::window_mean;
    AlertRecord record = some_record();
    record.level = Level::lo;
    EXPECT_EQ(alert_message(rule, record, nullptr),
              "sensor 417: window mean is 213.1, below lo 200");
}

TEST(AlertMessage, SaysThatAValueIsNoNumber) {
    AlertRecord record = some_record();
    record.value = std::numeric_limits<double>::infinity();
    EXPECT_EQ(alert_message(rule_of(RuleKind::quality), record, nullptr),
              "sensor 417: value is no number: inf");
}

TEST(AlertMessage, SaysWhatBecameOfTheAlert) {
    AlertRecord record = some_record();
    const auto says = [&](RuleKind kind, Transition transition, Reason reason) {
        record.transition = transition;
        record.reason = reason;
        return alert_message(rule_of(kind), record, nullptr);
    };
    EXPECT_EQ(says(RuleKind::limits, Transition::resolved, Reason::reading),
              "sensor 417: resolved, value is 213.1");
    EXPECT_EQ(says(RuleKind::absence, Transition::resolved, Reason::reading),
              "sensor 417: resolved, heard of again");
    EXPECT_EQ(says(RuleKind::limits, Transition::pending, Reason::reading),
              "sensor 417: pending, value is 213.1, above hihi 200");
    EXPECT_EQ(says(RuleKind::limits, Transition::acknowledged, Reason::person),
              "sensor 417: hot acknowledged by an operator");
    EXPECT_EQ(says(RuleKind::limits, Transition::resolved, Reason::reload),
              "sensor 417: hot resolved by a reload of the rules");
}

}  // namespace
}  // namespace roda::appliance
