// SPDX-License-Identifier: Apache-2.0
// Which rules and alarms a judge tells of a sensor, known or not.
#include <gtest/gtest.h>

#include "appliance/alerting/explanation.hpp"
#include "tests/appliance/alerting/judge_bench.hpp"
#include "tests/appliance/rules/rule_forms.hpp"

namespace roda::appliance {
namespace {

Rule high_of_device(std::uint64_t device) {
    Rule rule = high("of_device", 10.0);
    rule.match.devices = {device};
    return rule;
}

Rule bad() {
    Rule rule = rule_of(RuleKind::quality, "bad");
    rule.least = 1.0;
    return rule;
}

Rule silent() {
    Rule rule = silence();
    rule.for_ns = 1000 * ms;
    return rule;
}

std::vector<InventoryEntry> sensor_7() {
    return {entry_of(7)};
}

/// "high normal, silent firing".
std::string told(JudgeBench& bench, std::uint64_t sensor_id) {
    SensorExplanation explanation;
    explanation.sensor_id = sensor_id;
    if (const SensorState* const sensor = bench.sensors().find(sensor_id)) {
        bench.judge().explain(*sensor, explanation);
    }
    std::string text = explanation.known ? "" : "unknown";
    const RuleBook& book = *bench.edition().book;
    for (const PointExplanation& point : explanation.points) {
        text += (text.empty() ? "" : ", ") + book.rules()[book.points()[point.point].rule].name +
                ' ' + std::string(alarm_state_names[static_cast<std::size_t>(point.cell.state)]);
    }
    return text;
}

TEST(JudgeExplain, ASensorThatWasNeverHeardHasItsRulesAndItsAlarms) {
    JudgeBench bench({high("high", 10.0), silent(), high_of_device(3)}, sensor_7());
    EXPECT_EQ(told(bench, 7), "high normal, silent normal");
    bench.pass(5000);
    EXPECT_EQ(bench.lines(), (Lines{"firing silent 7 at 1000"}));
    EXPECT_EQ(told(bench, 7), "high normal, silent firing");
    EXPECT_EQ(told(bench, 8), "unknown");
}

TEST(JudgeExplain, OneThatWaitsForItsDeviceAfterAReloadHasTheAlarmsThatStand) {
    JudgeBench bench({high("high", 10.0), silent()}, sensor_7());
    bench.read(7, 11.0, 1);
    bench.load({high("high", 10.0), silent(), high_of_device(3)}, sensor_7());
    EXPECT_EQ(told(bench, 7), "high firing, silent normal");
    bench.from_device(3);
    bench.read(7, 11.0, 2);
    EXPECT_EQ(told(bench, 7), "high firing, silent normal, of_device firing");
}

TEST(JudgeExplain, ANeverHeardSensorIsToldInWords) {
    JudgeBench bench({high("high", 10.0), silent(), bad()}, sensor_7());
    bench.pass(5000);
    SensorExplanation explanation;
    explanation.sensor_id = 7;
    bench.judge().explain(*bench.sensors().find(7), explanation);
    const std::string text = to_text(explanation, *bench.edition().book, JudgeBench::of_ms(5000));
    EXPECT_EQ(text.substr(0, text.find(", alert ")),
              "sensor 7, shard 0\n  no finite value yet\n"
              "  high hi, warning: no value yet, fires above 10; normal\n"
              "  silent, warning: never heard, at least 1 s; firing for 4 s");
    EXPECT_NE(text.find("  bad, warning: no value yet, good are 1 and more; normal\n"),
              std::string::npos)
        << text;
}

}  // namespace
}  // namespace roda::appliance
