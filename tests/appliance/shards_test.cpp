// SPDX-License-Identifier: Apache-2.0
// Several shards on frames in memory: what each judges, and what they hand to each other.
#include "appliance/shard_group.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "tests/appliance/shards_fixture.hpp"
#include "tests/support/no_alloc.hpp"

namespace roda::appliance {
namespace {

using namespace std::chrono_literals;

/// By series, in the order of the config's rules.
std::vector<std::array<std::uint64_t, transition_count>> transitions(const Status& status) {
    std::vector<std::array<std::uint64_t, transition_count>> all;
    for (const SeriesFigures& series : status.alerts) {
        all.push_back(series.transitions);
    }
    return all;
}

TEST(Shards, ByGatewayEachJudgesWhatItsQueueBrings) {
    Fixture fixture(config_of(Partition::gateway), 2);
    fixture.send(0, {{5, 10.0, 1}, {5, 100.0, 2}});
    fixture.send(1, {{5, 10.0, 3}, {6, 50.0, 4}, {6, 500.0, 5}});
    fixture.run();
    const std::vector<AlertRecord> first = fixture.alerts(0);
    const std::vector<AlertRecord> second = fixture.alerts(1);
    ASSERT_EQ(first.size(), 2u);
    ASSERT_EQ(second.size(), 2u);
    EXPECT_EQ(std::tuple(first[0].sensor_id, first[0].queue, first[0].cause, first[0].device_id),
              std::tuple(5u, 0u, 1u, 1u));
    EXPECT_EQ(
        std::tuple(second[0].sensor_id, second[0].queue, second[0].cause, second[0].device_id),
        std::tuple(6u, 1u, 2u, 2u));
    const Status status = fixture.status();
    EXPECT_TRUE(status.ledger.balanced()) << status.ledger.to_text();
    EXPECT_EQ(status.ledger.detect.sensors, 3u);  // 5 is known to both
    EXPECT_EQ(transitions(status)[0][static_cast<std::size_t>(Transition::firing)], 2u);
    ASSERT_EQ(status.shards.size(), 2u);
    EXPECT_EQ(status.shards[0].frames, 1u);
    EXPECT_EQ(status.shards[0].readings, 2u);
    EXPECT_EQ(status.shards[1].readings, 3u);
    EXPECT_EQ(status.shards[1].sensors, 2u);
}

TEST(Shards, NoTwoLanesGiveOneIdToTwoAlerts) {
    Config config = config_of(Partition::gateway);
    config.node = 3;
    Fixture fixture(config, 2);
    for (std::size_t queue = 0; queue < 2; ++queue) {
        fixture.send(queue, {{5, 10.0, 1}, {5, 100.0, 2}});
    }
    fixture.run();
    EXPECT_EQ(fixture.alerts(0)[0].id, NetId64::make(1, 3, 0).bits);
    EXPECT_EQ(fixture.alerts(1)[0].id, NetId64::make(1, 3, std::uint64_t{1} << 34).bits);
    EXPECT_EQ(alert_net_id(3, 63, 7).counter(), (std::uint64_t{63} << 34) + 7);
    EXPECT_EQ(alert_net_id(3, 63, 7).node(), 3);
    EXPECT_NE(alert_net_id(3, 0, ~std::uint64_t{0}), alert_net_id(3, 1, ~std::uint64_t{0}));
}

TEST(Shards, BySensorThoseThatRoamAreJudgedAsByOneShard) {
    constexpr std::uint64_t rounds = 60;
    for (const std::size_t shards : {2, 3, 5}) {
        Fixture alone(config_of(Partition::sensor), 1);
        Fixture several(config_of(Partition::sensor), shards);
        for (std::uint64_t round = 1; round <= rounds; ++round) {
            send_round(alone, round, [](std::uint64_t) { return std::size_t{0}; });
            send_round(several, round, [&](std::uint64_t sensor) {
                return (round * sensor + sensor / 3) % shards;
            });
            several.run();  // a sensor's rounds come one after the other
        }
        alone.run();
        auto expected = of_all_lanes(alone);
        auto actual = of_all_lanes(several);
        const auto forget_devices = [](auto& alerts) {  // they are others: a device for each queue
            for (auto& [sensor, all] : alerts) {
                for (Said& said : all) {
                    std::get<5>(said) = 0;
                }
            }
        };
        forget_devices(expected);
        forget_devices(actual);
        EXPECT_EQ(expected.size(), sensors);
        EXPECT_EQ(actual, expected) << shards;
        const Status status = several.status();
        EXPECT_TRUE(status.ledger.balanced()) << status.ledger.to_text();
        EXPECT_EQ(status.ledger.detect.sensors, sensors);
        EXPECT_EQ(status.ledger.detect.readings_accepted, rounds * sensors);
        EXPECT_EQ(transitions(status), transitions(alone.status()));
    }
}

TEST(Shards, WhatNoWorkerAnswersIsNotCalledUnknown) {
    Fixture fixture(config_of(Partition::sensor), 1);
    EXPECT_FALSE(fixture.group().explain(1).has_value()) << "no worker runs";
    std::atomic<bool> is_over{false};
    std::thread worker([&] {
        while (!is_over) {
            fixture.group()[0].step();
        }
    });
    const auto explained = fixture.group().explain(1);
    is_over = true;
    worker.join();
    ASSERT_TRUE(explained.has_value());
    EXPECT_TRUE(explained->empty()) << "never heard of";
}

TEST(Shards, BySensorAnAlertNamesTheQueueAndTheReadingThatCausedIt) {
    constexpr std::size_t shards = 3;
    Fixture fixture(config_of(Partition::sensor), shards);
    // What came through each queue, in order: sensor and event time.
    std::array<std::vector<std::pair<std::uint64_t, std::uint64_t>>, shards> sent;
    for (std::uint64_t round = 1; round <= 30; ++round) {
        const auto queue_of = [&](std::uint64_t sensor) { return (round + sensor) % shards; };
        send_round(fixture, round, queue_of);
        for (std::uint64_t sensor = 1; sensor <= sensors; ++sensor) {
            sent[queue_of(sensor)].emplace_back(sensor, round * 1000 + sensor);
        }
        fixture.run();
    }
    std::size_t checked = 0;
    for (std::size_t lane = 0; lane < shards; ++lane) {
        const std::vector<AlertRecord> alerts = fixture.alerts(lane);
        std::set<std::uint64_t> kept;  // all of them have alerts
        for (const AlertRecord& alert : alerts) {
            kept.insert(alert.sensor_id);
        }
        for (const AlertRecord& alert : alerts) {
            std::vector<std::uint64_t> events;  // of the readings from that queue to this lane
            for (const auto& [sensor, event_ns] : sent[alert.queue]) {
                if (kept.contains(sensor)) {
                    events.push_back(event_ns);
                }
            }
            ASSERT_LT(alert.cause, events.size());
            EXPECT_EQ(events[alert.cause], alert.event_ns);
            EXPECT_EQ(alert.device_id, alert.queue + 1u);
            EXPECT_EQ(alert.receive_ns, receive_ns);
            ++checked;
        }
    }
    EXPECT_GT(checked, 200u);
}

}  // namespace
}  // namespace roda::appliance
