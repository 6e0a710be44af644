// SPDX-License-Identifier: Apache-2.0
// Local consumers that sleep on the alert lane are woken by the burst that wrote to it.
#include <gtest/gtest.h>
#include <chrono>
#include <filesystem>
#include <thread>

#include "appliance/alerting/detector.hpp"
#include "appliance/alerting/lane_path.hpp"
#include "appliance/ingest/inbox.hpp"
#include "appliance/rules/load_rules.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/fleet/lane_cursor.hpp"
#include "tests/pipeline/temporary_directory.hpp"

namespace roda::appliance {
namespace {

TEST(WakeConsumers, SleepingConsumerGetsTheAlertWithoutDelay) {
    const TemporaryDirectory directory;
    Config config;
    config.alerts.directory = directory.file("");
    config.pipeline.max_sensors = 100;
    Rule rule;
    rule.name = "value_jump";
    rule.ratio = 3.0;
    config.rules = {rule};
    BroadcastJournal<AlertRecord> lane(lane_path(config, 2),
                                       {.capacity_records = 64, .schema = alert_record_schema});
    Inbox inbox(0, 64, 64, BurstShape{.readings_per_datagram = 1});
    Inbox* const inboxes[] = {&inbox};
    Detector detector(config, inboxes, lane, 2, 3, EmitClock::none);
    SeriesRegistry series;
    detector.install(std::make_shared<RuleEdition>(load_rules(config, series), nullptr));
    using Cursor = LaneCursor<AlertRecord>;
    Cursor cursor(lane_prefix(config), alert_record_schema, Cursor::From::head);

    constexpr std::chrono::seconds patience(10);
    Cursor::Polled polled;
    AlertRecord alert{};
    std::uint64_t woken_ns = 0;
    std::thread consumer([&] {
        cursor.wait(patience);
        woken_ns = monotonic_now_ns();
        polled = cursor.poll({&alert, 1});
    });
    inbox.readings.append({5, 10.0, 100});
    EXPECT_EQ(detector.step(), 1u) << "nothing to alert about";
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    inbox.readings.append({5, 100.0, 200});
    const std::uint64_t stepped_ns = monotonic_now_ns();
    EXPECT_EQ(detector.step(), 1u);
    consumer.join();
    EXPECT_EQ(polled.lane, 2u);
    EXPECT_EQ(polled.records, 1u);
    EXPECT_EQ(alert.sensor_id, 5u);
    EXPECT_LT(woken_ns - stepped_ns, 5'000'000'000u) << "it slept to its patience's end";
}

}  // namespace
}  // namespace roda::appliance
