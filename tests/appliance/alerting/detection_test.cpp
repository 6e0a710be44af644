// SPDX-License-Identifier: Apache-2.0
// Jumps through the whole detection pipeline: against a slow, obvious model, and their boundary
// cases.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <tuple>

#include "tests/appliance/alerting/judge_bench.hpp"

namespace roda::appliance {
namespace {

using proto::Reading;

Rule jump(std::string name, Figure of, double ratio) {
    Rule rule;
    rule.name = std::move(name);
    rule.of = of;
    rule.ratio = ratio;
    return rule;
}

const Rule value_jump = jump("value", Figure::value, 3.0);
const Rule mean_jump = jump("mean", Figure::mean, 1.5);
const std::vector<Rule> both_rules = {value_jump, mean_jump};

/// One sensor's values, a millisecond from each to the next.
Lines lines_of(const std::vector<Rule>& rules, const std::vector<double>& values) {
    JudgeBench bench(rules);
    for (std::size_t i = 0; i < values.size(); ++i) {
        bench.read(1, values[i], static_cast<double>(i));
    }
    return bench.lines();
}

TEST(Detection, TheSeedsExampleDoesNotFire) {
    EXPECT_EQ(lines_of({mean_jump}, {10, 20}), Lines{});
}

TEST(Detection, TheSeedsExampleWithAJumpFiresOnce) {
    EXPECT_EQ(lines_of({mean_jump}, {10, 100}), (Lines{"firing mean 1 at 1"}));
}

TEST(Detection, ASpikeFiresAndResolvesAtTheNextReading) {
    std::vector<double> values(100, 20.0);
    values[80] = 200.0;
    EXPECT_EQ(lines_of(both_rules, values),
              (Lines{"firing value 1 at 80", "resolved value 1 at 81"}));
}

TEST(Detection, OneReadingMayRaiseTwoRules) {
    EXPECT_EQ(lines_of(both_rules, {10, 100, 100}),
              (Lines{"firing value 1 at 1",
                     "firing mean 1 at 1",
                     "resolved value 1 at 2",
                     "resolved mean 1 at 2"}));
}

TEST(Detection, AFiringRuleIsNotRepeated) {
    EXPECT_EQ(lines_of({value_jump}, {1, 10, 100, 1000, 1000}),
              (Lines{"firing value 1 at 1", "resolved value 1 at 4"}));
}

TEST(Detection, ChangesAgainstZeroAndNegativeValues) {
    const Lines fires = {"firing value 1 at 1"};
    EXPECT_EQ(lines_of({value_jump}, {0, 0, 1}), (Lines{"firing value 1 at 2"}));
    EXPECT_EQ(lines_of({value_jump}, {-10, -29}), Lines{});
    EXPECT_EQ(lines_of({value_jump}, {-10, -30}), Lines{});  // equal to the limit
    EXPECT_EQ(lines_of({value_jump}, {-10, -31}), fires);
    EXPECT_EQ(lines_of({value_jump}, {-10, 10}), Lines{});
    EXPECT_EQ(lines_of({value_jump}, {-10, 11}), fires);
}

TEST(Detection, WhatIsNoNumberIsCountedAndChangesNothing) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    JudgeBench bench(both_rules);
    double at = 0;
    for (const double value : {10.0, nan, 10.0, infinity, -infinity, 10.0}) {
        bench.read(1, value, at++);
    }
    EXPECT_EQ(bench.lines(), Lines{});
    EXPECT_EQ(bench.judge().counters().non_finite, 3u);
    EXPECT_EQ(bench.sensors().counts().keys, 1u);
}

TEST(Detection, HugeValuesDoNotBlindTheMean) {
    std::vector<double> values{1.7e308, -1.7e308};
    values.insert(values.end(), 50, 1.0);
    values.push_back(1e6);
    const Lines lines = lines_of({mean_jump}, values);
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines.front(), "firing mean 1 at 1");
    EXPECT_EQ(lines.back(), "firing mean 1 at 52");
}

TEST(Detection, SensorsBeyondTheBoundAreRefusedAndOthersGoOn) {
    PipelineConfig pipeline = JudgeBench::small();
    pipeline.max_sensors = 2;
    JudgeBench bench(both_rules, {}, pipeline);
    bench.read(1, 10, 0).read(2, 10, 1).read(3, 10, 2).read(1, 100, 3).read(3, 100, 4);
    EXPECT_EQ(bench.lines(), (Lines{"firing value 1 at 3", "firing mean 1 at 3"}));
    EXPECT_EQ(bench.sensors().counts().refused, 2u);
    EXPECT_EQ(bench.sensors().counts().keys, 2u);
}

TEST(Detection, WithoutRulesNothingFires) {
    EXPECT_EQ(lines_of({}, {1, 1000, -1000}), Lines{});
}

/// Rule, sensor, transition and cause of each record.
using Changes = std::vector<std::tuple<std::uint32_t, std::uint64_t, Transition, std::uint64_t>>;

Changes changes_of(JudgeBench& bench) {
    Changes changes;
    for (const AlertRecord& record : bench.records()) {
        changes.emplace_back(record.rule, record.sensor_id, record.transition, record.cause);
    }
    return changes;
}

/// As slow and plain as can be: a map of sensors, the rules written out.
class Model {
  public:
    void feed(const Reading& reading, std::uint64_t cause, Changes& changes) {
        Sensor& sensor = sensors_[reading.sensor_id];
        const Sensor before = sensor;
        ++sensor.count;
        sensor.mean += (reading.value - sensor.mean) / static_cast<double>(sensor.count);
        sensor.last = reading.value;
        if (before.count == 0) {
            return;
        }
        sensor.fires = {std::abs(sensor.last - before.last) > 2.0 * std::abs(before.last),
                        std::abs(sensor.mean - before.mean) > 0.5 * std::abs(before.mean)};
        for (std::uint32_t rule = 0; rule < 2; ++rule) {
            if (sensor.fires[rule] != before.fires[rule]) {
                changes.emplace_back(rule,
                                     reading.sensor_id,
                                     sensor.fires[rule] ? Transition::firing : Transition::resolved,
                                     cause);
            }
        }
    }

  private:
    struct Sensor {
        std::uint64_t count = 0;
        double mean = 0;
        double last = 0;
        std::array<bool, 2> fires{};
    };

    std::map<std::uint64_t, Sensor> sensors_;
};

TEST(Detection, AgreesWithTheModelOnRandomReadingsInBurstsOfEverySize) {
    JudgeBench bench(both_rules);
    Model model;
    std::mt19937_64 random(20261121);
    std::uint64_t fed = 0;
    std::size_t told = 0;
    for (std::size_t burst = 0; burst < 300; ++burst) {
        std::vector<Reading> readings(random() % 200);
        Changes expected;
        for (Reading& reading : readings) {
            const double magnitude = random() % 50 == 0 ? 100.0 : 10.0;
            reading = {
                1 + random() % 97, magnitude + static_cast<double>(random() % 100) / 50.0, 0};
            model.feed(reading, fed++, expected);
        }
        bench.read(readings);
        EXPECT_EQ(changes_of(bench), expected) << "burst " << burst;
        told += expected.size();
    }
    EXPECT_GT(told, 500u);
}

}  // namespace
}  // namespace roda::appliance
