// SPDX-License-Identifier: Apache-2.0
// A judge with its pipeline and lane, fed reading by reading; what it tells, as short text.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "appliance/alerting/detection.hpp"
#include "appliance/alerting/rule_edition.hpp"

namespace roda::appliance {

inline constexpr std::uint64_t ms = 1'000'000;
inline constexpr std::uint64_t bench_epoch_ns = 1'700'000'000'000 * ms;

inline ControlRequest order_of(ControlVerb verb, std::uint64_t for_ns = 0) {
    ControlRequest request;
    request.verb = verb;
    request.for_ns = for_ns;
    return request;
}

/// Times are milliseconds of the bench, from 0; a reading's receive time is its event time unless
/// it is given.
class JudgeBench final : public OriginSource {
  public:
    explicit JudgeBench(std::vector<Rule> rules,
                        std::vector<InventoryEntry> inventory = {},
                        const PipelineConfig& pipeline = small(),
                        std::uint16_t shard = 0,
                        std::uint16_t shards = 1)
        : config_(config_of(pipeline)),
          lane_({.capacity_records = 1 << 16}),
          reader_(lane_.reader()),
          writer_(lane_, 0, shard, EmitClock::none),
          judge_(config_, writer_, shard, shards),
          detection_(detection(config_.pipeline, judge_)) {
        judge_.take_from(*this);
        judge_.pass_time(bench_epoch_ns);
        load(std::move(rules), std::move(inventory));
    }

    /// One shard of several, by the edition of another.
    JudgeBench(const JudgeBench& other, std::uint16_t shard, std::uint16_t shards)
        : JudgeBench({}, {}, small(), shard, shards) {
        install(other.edition_);
        settle();
    }

    static PipelineConfig small() {
        PipelineConfig pipeline;
        pipeline.max_sensors = 4096;
        pipeline.max_alarms = 4096;
        pipeline.max_rule_sets = 256;
        pipeline.window_memory_mb = 1;
        return pipeline;
    }

    /// As a reload does, sensors and all.
    void load(std::vector<Rule> rules, std::vector<InventoryEntry> inventory = {}) {
        install(edition_of(std::move(rules), std::move(inventory)));
        settle();
    }

    std::shared_ptr<RuleEdition> edition_of(std::vector<Rule> rules,
                                            std::vector<InventoryEntry> inventory = {}) {
        auto sensors = std::make_shared<const Inventory>(std::move(inventory));
        return std::make_shared<RuleEdition>(
            std::make_shared<const RuleBook>(std::move(rules), std::move(sensors), series_),
            edition_.get());
    }

    void install(std::shared_ptr<RuleEdition> edition) {
        judge_.install(*edition);
        before_ = std::move(edition_);
        edition_ = std::move(edition);
    }

    void settle() {
        if (judge_.is_migrating()) {
            detection_.visit_some(
                ~0u, [&](std::uint64_t id, SensorState& sensor) { judge_.migrate(id, sensor); });
            judge_.end_migration();
        }
        for (const ExpectedSensor& expected : edition_->book->expected()) {
            const auto id = edition_->book->inventory().entries()[expected.entry].sensor_id;
            judge_.expect(expected, *detection_.find_or_insert(id));
        }
    }

    JudgeBench& read(std::uint64_t sensor, double value, double at_ms) {
        return read(sensor, value, at_ms, at_ms);
    }

    JudgeBench& read(std::uint64_t sensor, double value, double at_ms, double received_ms) {
        receive_ns_ = of_ms(received_ms);
        judge_.pass_time(receive_ns_);
        const proto::Reading reading{sensor, value, of_ms(at_ms)};
        return read(std::span(&reading, 1));
    }

    /// A burst, received when the last one was.
    JudgeBench& read(std::span<const proto::Reading> readings) {
        auto nothing = [](const proto::Reading&, Cause) {};
        detection_.run(
            readings, fed_, [](const proto::Reading&) { return true; }, nothing);
        fed_ += readings.size();
        return *this;
    }

    JudgeBench& pass(double to_ms) {
        judge_.pass_time(of_ms(to_ms));
        return *this;
    }

    /// As the detector does for a person. Returns how many alarms and rules it concerned.
    std::uint64_t order(const ControlRequest& request) {
        std::uint64_t done = 0;
        if (request.verb != ControlVerb::acknowledge && !request.alarms.id) {
            done += judge_.shelve_ahead(
                request,
                request.alarms.sensor_id ? detection_.find(*request.alarms.sensor_id) : nullptr);
        }
        std::uint32_t next = 0;
        while ((next = judge_.order(request, next, done)) != no_index) {
        }
        return done;
    }

    void from_device(std::uint64_t device) { device_ = device; }

    /// Since the last call: "firing high 7 at 12", the level and the group's name where there is
    /// one: "firing press.hi 7 at 12".
    std::vector<std::string> lines() {
        std::vector<std::string> all;
        for (const AlertRecord& record : records()) {
            all.push_back(line_of(record));
        }
        return all;
    }

    std::vector<AlertRecord> records() {
        std::vector<AlertRecord> all;
        std::array<AlertRecord, 64> some;
        while (const std::size_t count = reader_.poll(some).records) {
            all.insert(all.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(count));
        }
        return all;
    }

    ReadingOrigin origin_of(Cause cause) noexcept override {
        return {cause, device_, receive_ns_, 3};
    }

    static std::uint64_t of_ms(double at_ms) {
        return bench_epoch_ns + static_cast<std::uint64_t>(at_ms * 1e6 + 0.5);
    }

    Judge& judge() { return judge_; }

    Detection& sensors() { return detection_; }

    const RuleEdition& edition() const { return *edition_; }

    SeriesFigures figures(std::uint32_t series) const {
        SeriesFigures sum;
        writer_.tally().add_to(sum, series);
        return sum;
    }

  private:
    static Config config_of(const PipelineConfig& pipeline) {
        Config config;
        config.pipeline = pipeline;
        return config;
    }

    static std::string line_of(const AlertRecord& record) {
        std::string line(transition_names[static_cast<std::size_t>(record.transition)]);
        line += ' ' + std::string(record.rule_name.data());
        if (record.level != Level::none) {
            line += '.' + std::string(level_names[static_cast<std::size_t>(record.level)]);
        }
        line += ' ' + (record.group == no_index ? std::to_string(record.sensor_id)
                                                : std::string(record.subject.data()));
        const double at_ms =
            static_cast<double>(static_cast<std::int64_t>(record.event_ns - bench_epoch_ns)) * 1e-6;
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), " at %.6g", at_ms);
        return line + text.data();
    }

    Config config_;
    AlertLane lane_;
    AlertLane::Reader reader_;
    AlertWriter writer_;
    SeriesRegistry series_;
    std::shared_ptr<RuleEdition> before_;
    std::shared_ptr<RuleEdition> edition_;
    Judge judge_;
    Detection detection_;
    std::uint64_t fed_ = 0;
    std::uint64_t device_ = 0;
    std::uint64_t receive_ns_ = bench_epoch_ns;
};

using Lines = std::vector<std::string>;

}  // namespace roda::appliance
