// SPDX-License-Identifier: Apache-2.0
// The state of sensors as a plain program keeps it, in std::unordered_map. The arithmetic is ours
// (Summary, RuleSet), so that decisions must be equal to the bit and only the machinery differs.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>

#include "appliance/alerting/rules.hpp"
#include "appliance/alerting/summary.hpp"
#include "appliance/config/config.hpp"
#include "proto/decoder.hpp"

namespace roda::bench {

/// Which rules hold for a sensor now, held before, and the figures that say so.
struct PlainChange {
    appliance::Judgement now;
    appliance::RuleMask was;
};

/// All that is known of a sensor in one map: what a careful user writes.
class OneMap {
  public:
    explicit OneMap(const appliance::Config& config)
        : rules_(config.rules), weights_(config.pipeline.ewma_weight) {
        sensors_.reserve(config.pipeline.max_sensors);
    }

    PlainChange take(const proto::Reading& reading) {
        const auto [at, born] =
            sensors_.try_emplace(reading.sensor_id, appliance::Summary::first(reading));
        Sensor& sensor = at->second;
        if (born) {
            return {rules_.judge(nullptr, sensor.summary, reading), 0};
        }
        const appliance::Summary before = sensor.summary;
        sensor.summary.add(reading.value, weights_);
        const appliance::Judgement now = rules_.judge(&before, sensor.summary, reading);
        return {now, std::exchange(sensor.firing, now.firing)};
    }

  private:
    struct Sensor {
        explicit Sensor(const appliance::Summary& first) noexcept : summary(first) {}

        appliance::Summary summary;
        appliance::RuleMask firing = 0;
    };

    appliance::RuleSet rules_;
    appliance::EwmaWeights weights_;
    std::unordered_map<std::uint64_t, Sensor> sensors_;
};

/// A map for each operator, as in the seed system: state kept, previous item kept, last judgement
/// kept.
class MapForEachOperator {
  public:
    explicit MapForEachOperator(const appliance::Config& config)
        : rules_(config.rules), weights_(config.pipeline.ewma_weight) {
        summaries_.reserve(config.pipeline.max_sensors);
        previous_.reserve(config.pipeline.max_sensors);
        judgements_.reserve(config.pipeline.max_sensors);
    }

    PlainChange take(const proto::Reading& reading) {
        const auto [summary, born] =
            summaries_.try_emplace(reading.sensor_id, appliance::Summary::first(reading));
        if (!born) {
            summary->second.add(reading.value, weights_);
        }
        const auto [previous, first] = previous_.try_emplace(reading.sensor_id, summary->second);
        const appliance::Judgement now =
            rules_.judge(first ? nullptr : &previous->second, summary->second, reading);
        previous->second = summary->second;
        const auto [last, fresh] = judgements_.try_emplace(reading.sensor_id, now);
        const appliance::RuleMask was = fresh ? appliance::RuleMask{0} : last->second.firing;
        last->second = now;
        return {now, was};
    }

  private:
    appliance::RuleSet rules_;
    appliance::EwmaWeights weights_;
    std::unordered_map<std::uint64_t, appliance::Summary> summaries_;
    std::unordered_map<std::uint64_t, appliance::Summary> previous_;
    std::unordered_map<std::uint64_t, appliance::Judgement> judgements_;
};

}  // namespace roda::bench
