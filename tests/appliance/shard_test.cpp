// SPDX-License-Identifier: Apache-2.0
// A whole shard on frames in memory: from Ethernet bytes to alert records.
#include "appliance/shard.hpp"

#include <gtest/gtest.h>
#include <array>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "tests/appliance/shard_frames.hpp"
#include "tests/support/frame_builder.hpp"
#include "tests/support/no_alloc.hpp"

namespace roda::appliance {
namespace {

/// A shard with its source and lane, and the alerts that came out.
class Fixture {
  public:
    explicit Fixture(const Config& config = two_rules())
        : lane_({.capacity_records = 65'536}),
          reader_(lane_.reader()),
          shard_(std::make_unique<Shard<MemorySource>>(config, source, lane_, EmitClock::none)) {}

    MemorySource source;

    Shard<MemorySource>& shard() { return *shard_; }

    void run() {
        while (shard_->step() != 0) {
        }
    }

    std::vector<AlertRecord> alerts() {
        std::vector<AlertRecord> all(1000);
        all.resize(reader_.poll(all).records);
        return all;
    }

    Ledger ledger() const {
        Ledger ledger;
        ledger.port.received = source.polled();
        ledger.ingest = shard_->ingest_ledger();
        ledger.detect = shard_->detector().ledger();
        return ledger;
    }

  private:
    AlertLane lane_;
    AlertLane::Reader reader_;
    std::unique_ptr<Shard<MemorySource>> shard_;
};

TEST(Shard, AnAlertNamesItsReadingItsDeviceAndItsArrival) {
    Fixture fixture;
    fixture.source.add(frame_of({{5, 10.0, 100}, {6, 50.0, 100}}));
    fixture.source.add(frame_of({{6, 50.0, 200}, {5, 100.0, 201}}));
    fixture.run();
    const std::vector<AlertRecord> alerts = fixture.alerts();
    ASSERT_EQ(alerts.size(), 2u);
    const AlertRecord& value = alerts[0];
    EXPECT_STREQ(value.rule_name.data(), "value_jump");
    EXPECT_EQ(value.transition, Transition::firing);
    EXPECT_EQ(value.severity, Severity::warning);
    EXPECT_EQ(value.sensor_id, 5u);
    EXPECT_EQ(value.device_id, 7u);
    EXPECT_EQ(value.value, 100.0);
    EXPECT_EQ(value.reference, 10.0);
    EXPECT_EQ(value.limit, 3.0);
    EXPECT_EQ(value.event_ns, 201u);
    EXPECT_EQ(value.receive_ns, receive_ns);
    EXPECT_EQ(value.cause, 3u);
    const AlertRecord& mean = alerts[1];
    EXPECT_STREQ(mean.rule_name.data(), "mean_jump");
    EXPECT_EQ(mean.value, 55.0);
    EXPECT_EQ(mean.cause, 3u);
    EXPECT_NE(mean.id, value.id);
}

TEST(Shard, EveryFrameEndsInOneCounterAndTheLedgerBalances) {
    Fixture fixture;
    fixture.source.add(frame_of({{1, 10.0, 1}}, 1));
    fixture.source.add(frame_of({{1, 10.0, 1}}, 1));  // duplicate
    fixture.source.add(frame_of({{1, 10.0, 3}}, 3));  // 2 is missing
    fixture.source.add(test::telemetry_frame(test::bytes_of("no protobuf at all")));
    fixture.source.add(test::telemetry_frame({}, {.destination_port = 9}));
    fixture.source.add(test::ethernet(test::ethertype_arp, test::arp(1)));
    fixture.source.add(test::bytes_of({1, 2, 3}));
    fixture.run();
    const Ledger ledger = fixture.ledger();
    EXPECT_TRUE(ledger.balanced()) << ledger.to_text();
    EXPECT_EQ(ledger.ingest.frames_received, 7u);
    EXPECT_EQ(ledger.ingest.frames_neighbour, 1u);
    EXPECT_EQ(ledger.ingest.datagrams_received, 4u);
    EXPECT_EQ(ledger.ingest.datagrams_accepted, 2u);
    EXPECT_EQ(ledger.ingest.datagrams_not_admitted[0], 1u);
    EXPECT_EQ(ledger.ingest.datagrams_lost, 1u);
    EXPECT_EQ(ledger.detect.readings_accepted, 2u);
    EXPECT_EQ(fixture.source.answered(), 1u);
}

TEST(Shard, FromFrameToAlertNothingIsAllocated) {
    Fixture fixture;
    for (std::uint64_t round = 1; round <= 200; ++round) {
        std::vector<Reading> readings;
        for (std::uint64_t sensor = 1; sensor <= 50; ++sensor) {
            readings.push_back({sensor, round % 10 == 0 ? 100.0 : 10.0, round});
        }
        fixture.source.add(frame_of(readings, round));
        fixture.source.add(test::bytes_of("garbage that is counted"));
    }
    std::uint64_t heap_calls = 0;
    {
        const NoAllocation guard;
        fixture.run();
        heap_calls = guard.violations();
    }
    EXPECT_EQ(heap_calls, 0u);
    EXPECT_EQ(fixture.ledger().detect.readings_accepted, 10'000u);
    EXPECT_GT(fixture.ledger().detect.alerts_emitted, 1'000u);
}

TEST(Shard, WhatDoesNotFitTheJournalStaysInTheSource) {
    Config config = two_rules();
    config.pipeline.journal_records = 2048;
    config.port.options.reassembly.enabled = false;
    Fixture fixture(config);
    for (std::uint64_t sequence = 1; sequence <= 500; ++sequence) {
        fixture.source.add(frame_of(std::vector<Reading>(50, {sequence, 10.0, 1}), sequence));
    }
    std::size_t taken = 0;
    while (const std::size_t frames = fixture.shard().ingest_step()) {
        taken += frames;
    }
    EXPECT_LT(taken, 300u);
    EXPECT_EQ(fixture.source.polled(), taken);
    fixture.run();
    EXPECT_EQ(fixture.ledger().detect.readings_accepted, 25'000u);
    EXPECT_TRUE(fixture.ledger().balanced());
}

TEST(Shard, TwoThreadsGiveTheSameAlertsAsOne) {
    const auto fill = [](MemorySource& source) {
        for (std::uint64_t round = 1; round <= 300; ++round) {
            source.add(frame_of({{round % 7, round % 31 == 0 ? 90.0 : 9.0, round},
                                 {8, round % 50 == 0 ? 70.0 : 7.0, round}},
                                round));
        }
    };
    Fixture alone;
    fill(alone.source);
    alone.run();

    Fixture split;
    fill(split.source);
    std::thread ingest([&] {
        while (split.source.polled() < 300) {
            split.shard().ingest_step();
        }
    });
    while (split.shard().detector().ledger().readings_accepted < 600) {
        split.shard().detect_step();
    }
    ingest.join();

    const std::vector<AlertRecord> expected = alone.alerts();
    const std::vector<AlertRecord> actual = split.alerts();
    ASSERT_EQ(actual.size(), expected.size());
    EXPECT_GT(actual.size(), 20u);
    for (std::size_t i = 0; i < actual.size(); ++i) {
        EXPECT_EQ(std::memcmp(&actual[i], &expected[i], sizeof(AlertRecord)), 0) << i;
    }
}

}  // namespace
}  // namespace roda::appliance
