// SPDX-License-Identifier: Apache-2.0
// The two quickstart rules, written as slowly and plainly as they read: what a plan's list is
// held against. Shares no code with the simulator or with Roda's rules.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "proto/records.hpp"

namespace roda::appliance {

class JumpModel {
  public:
    struct Transition {
        std::uint64_t sensor_id;
        std::string rule;
        bool firing;
        std::uint64_t event_ns;
        double value;

        friend bool operator==(const Transition&, const Transition&) = default;
    };

    void take(const proto::Reading& reading) {
        Sensor& sensor = sensors_[reading.sensor_id];
        const double mean = (sensor.sum + reading.value) / static_cast<double>(sensor.readings + 1);
        if (sensor.readings > 0) {
            judge(
                reading, "value_jump", jumped(reading.value, sensor.value, 3), sensor.value_fires);
            judge(reading, "mean_jump", jumped(mean, sensor.mean, 1.5), sensor.mean_fires);
        }
        sensor.value = reading.value;
        sensor.sum += reading.value;
        sensor.mean = mean;
        ++sensor.readings;
    }

    std::vector<Transition> transitions;

    std::size_t sensors() const { return sensors_.size(); }

    bool anything_fires() const {
        for (const auto& [id, sensor] : sensors_) {
            if (sensor.value_fires || sensor.mean_fires) {
                return true;
            }
        }
        return false;
    }

  private:
    struct Sensor {
        std::uint64_t readings = 0;
        double value = 0;
        double sum = 0;
        double mean = 0;
        bool value_fires = false;
        bool mean_fires = false;
    };

    static bool jumped(double x, double previous, double ratio) {
        return std::abs(x - previous) > (ratio - 1) * std::abs(previous);
    }

    void judge(const proto::Reading& reading, const char* rule, bool condition, bool& fires) {
        if (condition != fires) {
            fires = condition;
            transitions.push_back(
                {reading.sensor_id, rule, fires, reading.timestamp_ns, reading.value});
        }
    }

    std::unordered_map<std::uint64_t, Sensor> sensors_;
};

}  // namespace roda::appliance
