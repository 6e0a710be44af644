// SPDX-License-Identifier: Apache-2.0
// The detection pipeline against a slow, obvious model, and its boundary cases.
#include "appliance/alerting/detection.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <map>
#include <random>
#include <vector>

namespace roda::appliance {
namespace {

using proto::Reading;

const std::vector<JumpRule> both_rules = {
    {.name = "value_jump", .of = Watched::value, .ratio = 3.0},
    {.name = "mean_jump", .of = Watched::mean, .ratio = 1.5}};
constexpr RuleMask value_jump = 1;
constexpr RuleMask mean_jump = 2;

struct Change {
    std::uint64_t sensor_id;
    RuleMask raised;
    RuleMask cleared;
    Cause cause;

    friend bool operator==(const Change&, const Change&) = default;
};

class DetectionRun {
  public:
    explicit DetectionRun(const std::vector<JumpRule>& rules = both_rules,
                          std::uint32_t max_sensors = 1000)
        : config_{.cores = {}, .max_sensors = max_sensors},
          detection_(detection(config_, RuleSet(rules), non_finite_).bind<Reading>()) {}

    std::vector<Change> feed(const std::vector<Reading>& readings) {
        std::vector<Change> changes;
        detection_.run(readings, fed_, [&](const RuleChange& change, Cause cause) {
            changes.push_back({change.sensor_id, change.raised, change.cleared, cause});
        });
        fed_ += readings.size();
        return changes;
    }

    std::vector<Change> feed_values(const std::vector<double>& values) {
        std::vector<Reading> readings;
        for (const double value : values) {
            readings.push_back({1, value, 0});
        }
        return feed(readings);
    }

    std::uint64_t non_finite() const { return non_finite_; }

    const Detection& pipe() const { return detection_; }

  private:
    PipelineConfig config_;
    std::uint64_t non_finite_ = 0;
    std::uint64_t fed_ = 0;
    Detection detection_;
};

TEST(Detection, TheSeedsExampleDoesNotFire) {
    EXPECT_TRUE(DetectionRun({both_rules[1]}).feed_values({10, 20}).empty());
}

TEST(Detection, TheSeedsExampleWithAJumpFiresOnce) {
    EXPECT_EQ(DetectionRun({both_rules[1]}).feed_values({10, 100}),
              (std::vector<Change>{{1, 1, 0, 1}}));
}

TEST(Detection, ASpikeFiresAndResolvesAtTheNextReading) {
    std::vector<double> values(100, 20.0);
    values[80] = 200.0;
    EXPECT_EQ(DetectionRun().feed_values(values),
              (std::vector<Change>{{1, value_jump, 0, 80}, {1, 0, value_jump, 81}}));
}

TEST(Detection, OneReadingMayRaiseTwoRules) {
    EXPECT_EQ(DetectionRun().feed_values({10, 100, 100}),
              (std::vector<Change>{{1, value_jump | mean_jump, 0, 1},
                                   {1, 0, value_jump | mean_jump, 2}}));
}

TEST(Detection, AFiringRuleIsNotRepeated) {
    EXPECT_EQ(DetectionRun({both_rules[0]}).feed_values({1, 10, 100, 1000, 1000}),
              (std::vector<Change>{{1, 1, 0, 1}, {1, 0, 1, 4}}));
}

TEST(Detection, ChangesAgainstZeroAndNegativeValues) {
    EXPECT_EQ(DetectionRun({both_rules[0]}).feed_values({0, 0, 1}),
              (std::vector<Change>{{1, 1, 0, 2}}));
    EXPECT_EQ(DetectionRun({both_rules[0]}).feed_values({-10, -29}), (std::vector<Change>{}));
    EXPECT_EQ(DetectionRun({both_rules[0]}).feed_values({-10, -31}),
              (std::vector<Change>{{1, 1, 0, 1}}));
    EXPECT_EQ(DetectionRun({both_rules[0]}).feed_values({-10, 11}),
              (std::vector<Change>{{1, 1, 0, 1}}));
}

TEST(Detection, WhatIsNoNumberIsCountedAndChangesNothing) {
    DetectionRun run;
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    EXPECT_TRUE(run.feed_values({10, nan, 10, infinity, -infinity, 10}).empty());
    EXPECT_EQ(run.non_finite(), 3u);
    EXPECT_EQ(run.pipe().counts().keys, 1u);
}

TEST(Detection, HugeValuesDoNotBlindTheMean) {
    std::vector<double> values{1.7e308, -1.7e308};
    values.insert(values.end(), 50, 1.0);
    values.push_back(1e6);
    const std::vector<Change> changes = DetectionRun({both_rules[1]}).feed_values(values);
    ASSERT_FALSE(changes.empty());
    EXPECT_EQ(changes.front(), (Change{1, 1, 0, 1}));
    EXPECT_EQ(changes.back(), (Change{1, 1, 0, 52}));
}

TEST(Detection, SensorsBeyondTheBoundAreRefusedAndOthersGoOn) {
    DetectionRun run(both_rules, 2);
    EXPECT_EQ(run.feed({{1, 10, 0}, {2, 10, 0}, {3, 10, 0}, {1, 100, 0}, {3, 100, 0}}),
              (std::vector<Change>{{1, value_jump | mean_jump, 0, 3}}));
    EXPECT_EQ(run.pipe().counts().refused, 2u);
    EXPECT_EQ(run.pipe().counts().keys, 2u);
}

TEST(Detection, WithoutRulesNothingFires) {
    EXPECT_TRUE(DetectionRun(std::vector<JumpRule>{}).feed_values({1, 1000, -1000}).empty());
}

/// As slow and plain as can be: a map of sensors, the rules written out.
class Model {
  public:
    std::vector<Change> feed(const std::vector<Reading>& readings, Cause first) {
        std::vector<Change> changes;
        for (std::size_t i = 0; i < readings.size(); ++i) {
            feed_one(readings[i], first + i, changes);
        }
        return changes;
    }

  private:
    struct Sensor {
        std::uint64_t count = 0;
        double mean = 0;
        double last = 0;
        RuleMask firing = 0;
    };

    void feed_one(const Reading& reading, Cause cause, std::vector<Change>& changes) {
        Sensor& sensor = sensors_[reading.sensor_id];
        const Sensor before = sensor;
        ++sensor.count;
        sensor.mean += (reading.value - sensor.mean) / static_cast<double>(sensor.count);
        sensor.last = reading.value;
        if (before.count == 0) {
            return;
        }
        sensor.firing = 0;
        if (std::abs(sensor.last - before.last) > 2.0 * std::abs(before.last)) {
            sensor.firing |= value_jump;
        }
        if (std::abs(sensor.mean - before.mean) > 0.5 * std::abs(before.mean)) {
            sensor.firing |= mean_jump;
        }
        const auto raised = static_cast<RuleMask>(sensor.firing & ~before.firing);
        const auto cleared = static_cast<RuleMask>(before.firing & ~sensor.firing);
        if (raised != 0 || cleared != 0) {
            changes.push_back({reading.sensor_id, raised, cleared, cause});
        }
    }

    std::map<std::uint64_t, Sensor> sensors_;
};

TEST(Detection, AgreesWithTheModelOnRandomReadingsInBurstsOfEverySize) {
    DetectionRun run;
    Model model;
    std::mt19937_64 random(20261121);
    Cause fed = 0;
    for (std::size_t burst = 0; burst < 300; ++burst) {
        std::vector<Reading> readings(random() % 200);
        for (Reading& reading : readings) {
            const double magnitude = random() % 50 == 0 ? 100.0 : 10.0;
            reading = {
                1 + random() % 97, magnitude + static_cast<double>(random() % 100) / 50.0, 0};
        }
        EXPECT_EQ(run.feed(readings), model.feed(readings, fed)) << "burst " << burst;
        fed += readings.size();
    }
}

}  // namespace
}  // namespace roda::appliance
