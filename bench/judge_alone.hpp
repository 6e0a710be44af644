// SPDX-License-Identifier: Apache-2.0
// Readings in memory to alerts: detection without ingest, inboxes and devices.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "appliance/alerting/detection.hpp"
#include "appliance/rules/load_rules.hpp"
#include "bench/appliance_runs.hpp"

namespace roda::bench {

class JudgeAlone {
  public:
    /// So many readings of config.pipeline.max_sensors sensors in a run.
    JudgeAlone(const Array<proto::Reading>& readings, const appliance::Config& config)
        : readings_(readings),
          followed_(config),
          writer_(followed_.lane(), config.node, 0, appliance::EmitClock::wall),
          judge_(config, writer_, 0, 1),
          detection_(appliance::detection(config.pipeline, judge_)) {
        appliance::SeriesRegistry series;
        edition_ = std::make_unique<appliance::RuleEdition>(load_rules(config, series), nullptr);
        judge_.install(*edition_);
        judge_.take_from(origins_);
    }

    /// The readings come again in each run: later, for time must not go back.
    Variant variant(std::string name) {
        return {.name = std::move(name),
                .run = [this] { run(); },
                .result = [this] { return followed_.value(); },
                .prepare = [this] { go_on(); }};
    }

    std::uint64_t alerts() const noexcept { return followed_.alerts(); }

  private:
    class Origins final : public appliance::OriginSource {
      public:
        appliance::ReadingOrigin origin_of(Cause cause) noexcept override {
            return {.sequence = cause, .receive_ns = receive_ns};
        }

        std::uint64_t receive_ns = 0;
    };

    void run() {
        constexpr std::size_t burst_readings = 1824;  // 32 frames
        followed_.restart();
        for (std::size_t at = 0; at < readings_.size(); at += burst_readings) {
            const std::size_t count = std::min(burst_readings, readings_.size() - at);
            origins_.receive_ns = readings_[at + count - 1].timestamp_ns;
            judge_.pass_time(origins_.receive_ns);
            auto nothing = [](const proto::Reading&, Cause) {};
            detection_.run(
                std::span(readings_.data() + at, count),
                at,
                [](const proto::Reading&) { return true; },
                nothing);
            followed_.read_all();
        }
    }

    /// Other variants run on the same readings, and may have moved them on.
    void go_on() noexcept {
        const proto::Reading& newest = readings_[readings_.size() - 1];
        if (newest.timestamp_ns == newest_ns_) {
            for (proto::Reading& reading : readings_) {
                reading.timestamp_ns += readings_.size() * SensorLoad::step_ns;
            }
        }
        newest_ns_ = newest.timestamp_ns;
    }

    const Array<proto::Reading>& readings_;
    FollowedLane followed_;
    appliance::AlertWriter writer_;
    appliance::Judge judge_;
    appliance::Detection detection_;
    Origins origins_;
    std::unique_ptr<appliance::RuleEdition> edition_;
    std::uint64_t newest_ns_ = 0;
};

}  // namespace roda::bench
