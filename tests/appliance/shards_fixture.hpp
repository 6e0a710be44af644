// SPDX-License-Identifier: Apache-2.0
// A group of shards, each with frames in memory and a lane; and what its alerts say.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "appliance/ingest/ledger.hpp"
#include "appliance/shard_group.hpp"
#include "tests/appliance/shard_frames.hpp"

namespace roda::appliance {

inline test::Bytes frame_from(std::uint64_t device,
                              std::uint64_t sequence,
                              const std::vector<Reading>& readings) {
    std::array<std::byte, 1472> payload;
    const std::size_t bytes =
        proto::encode_datagram({.device_id = device, .sequence = sequence, .boot_id = 1},
                               readings,
                               proto::Form::columns,
                               payload);
    return test::telemetry_frame(std::span(payload).first(bytes));
}

inline constexpr std::size_t lane_records = 16'384;  // more than any of these tests causes

inline Config config_of(Partition partition) {
    Config config = two_rules();
    config.pipeline.partition = partition;
    config.port.options.reassembly.enabled = false;  // a burst is small, so inboxes can be
    return config;
}

/// Shards with a source and a lane for each.
class Fixture {
  public:
    /// By the config's rules, where no others are given.
    Fixture(const Config& config,
            std::size_t shards,
            std::shared_ptr<RuleEdition> edition = nullptr)
        : sequences_(shards) {
        for (std::size_t i = 0; i < shards; ++i) {
            sources_.push_back(std::make_unique<MemorySource>());
            lanes_.push_back(
                std::make_unique<AlertLane>(JournalOptions{.capacity_records = lane_records}));
            readers_.push_back(lanes_.back()->reader());
        }
        std::vector<MemorySource*> sources;
        std::vector<AlertLane*> lanes;
        for (std::size_t i = 0; i < shards; ++i) {
            sources.push_back(sources_[i].get());
            lanes.push_back(lanes_[i].get());
        }
        group_ =
            std::make_unique<ShardGroup<MemorySource>>(config, sources, lanes, EmitClock::none);
        if (edition == nullptr) {
            edition = std::make_shared<RuleEdition>(load_rules(config, series_), nullptr);
        }
        group_->install(edition);
    }

    ShardGroup<MemorySource>& group() { return *group_; }

    MemorySource& source(std::size_t queue) { return *sources_[queue]; }

    /// One datagram of the device that sends to this queue: its id is the queue's number + 1.
    void send(std::size_t queue, const std::vector<Reading>& readings) {
        sources_[queue]->add(frame_from(queue + 1, ++sequences_[queue], readings));
    }

    /// All shards in turn on this thread, until none finds anything.
    void run() {
        std::size_t work = 0;
        do {
            work = 0;
            for (std::size_t i = 0; i < group_->size(); ++i) {
                work += (*group_)[i].step();
            }
        } while (work != 0);
    }

    std::vector<AlertRecord> alerts(std::size_t lane) {
        std::vector<AlertRecord> all(lane_records);
        all.resize(readers_[lane].poll(all).records);
        return all;
    }

    Status status() const {
        Status status;
        status.alerts.resize(series_.all().size());
        group_->add_to(status);
        for (const auto& source : sources_) {
            status.ledger.port.received += source->polled();
        }
        return status;
    }

  private:
    SeriesRegistry series_;
    std::vector<std::unique_ptr<MemorySource>> sources_;
    std::vector<std::unique_ptr<AlertLane>> lanes_;
    std::vector<AlertLane::Reader> readers_;
    std::vector<std::uint64_t> sequences_;
    std::unique_ptr<ShardGroup<MemorySource>> group_;
};

/// What an alert says about its sensor, wherever it was judged.
using Said = std::tuple<std::uint64_t, Transition, double, double, std::uint64_t, std::uint64_t>;

/// By sensor, in the order of its lane.
inline std::map<std::uint64_t, std::vector<Said>> by_sensor(
    const std::vector<AlertRecord>& alerts) {
    std::map<std::uint64_t, std::vector<Said>> sorted;
    for (const AlertRecord& alert : alerts) {
        sorted[alert.sensor_id].emplace_back(alert.rule,
                                             alert.transition,
                                             alert.value,
                                             alert.reference,
                                             alert.event_ns,
                                             alert.device_id);
    }
    return sorted;
}

/// The alerts of all lanes; a sensor that is judged by two shards is a failure.
inline std::map<std::uint64_t, std::vector<Said>> of_all_lanes(Fixture& fixture) {
    std::map<std::uint64_t, std::vector<Said>> all;
    for (std::size_t lane = 0; lane < fixture.group().size(); ++lane) {
        for (auto& [sensor, said] : by_sensor(fixture.alerts(lane))) {
            EXPECT_TRUE(all.emplace(sensor, std::move(said)).second) << sensor;
        }
    }
    return all;
}

/// A value that jumps now and then, at another time for each sensor.
inline double value_of(std::uint64_t sensor, std::uint64_t round) {
    return (round * 7 + sensor) % 13 == 0 ? 100.0 + static_cast<double>(sensor) : 10.0;
}

inline constexpr std::uint64_t sensors = 40;

/// One round of all sensors, each at the queue that `queue_of(sensor)` says, ten to a datagram.
template <class QueueOf>
void send_round(Fixture& fixture, std::uint64_t round, QueueOf&& queue_of) {
    std::vector<std::vector<Reading>> readings(fixture.group().size());
    for (std::uint64_t sensor = 1; sensor <= sensors; ++sensor) {
        std::vector<Reading>& datagram = readings[queue_of(sensor)];
        datagram.push_back({sensor, value_of(sensor, round), round * 1000 + sensor});
        if (datagram.size() == 10) {
            fixture.send(queue_of(sensor), std::exchange(datagram, {}));
        }
    }
    for (std::size_t queue = 0; queue < readings.size(); ++queue) {
        if (!readings[queue].empty()) {
            fixture.send(queue, readings[queue]);
        }
    }
}

}  // namespace roda::appliance
