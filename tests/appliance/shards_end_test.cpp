// SPDX-License-Identifier: Apache-2.0
// Several shards under load, on threads and at their end: nothing is lost, and all end.
#include "appliance/shard_group.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/appliance/shard_kinds.hpp"
#include "tests/appliance/shards_fixture.hpp"
#include "tests/support/no_alloc.hpp"

namespace roda::appliance {
namespace {

using namespace std::chrono_literals;

/// The workers of a running group. Two for each shard as two cores would have it: fewer cores than
/// that are here.
void add_workers(Fixture& fixture, Workers& workers, bool two_each) {
    if (!two_each) {
        fixture.group().add_workers(workers, {});
        return;
    }
    for (std::size_t i = 0; i < fixture.group().size(); ++i) {
        Shard<MemorySource>& shard = fixture.group()[i];
        workers.add({.name = "ingest"}, [&shard] { return shard.ingest_turn(); });
    }
    for (std::size_t i = 0; i < fixture.group().size(); ++i) {
        Shard<MemorySource>& shard = fixture.group()[i];
        workers.add({.name = "detect"}, [&shard] { return shard.detect_step(); });
    }
}

TEST(Shards, BySensorOneElephantIsJudgedByAll) {
    constexpr std::uint64_t rounds = 400;
    const auto to_the_first = [](std::uint64_t) { return std::size_t{0}; };
    Fixture alone(config_of(Partition::sensor), 1);
    for (std::uint64_t round = 1; round <= rounds; ++round) {
        send_round(alone, round, to_the_first);
    }
    alone.run();
    const auto expected = of_all_lanes(alone);
    for (const bool two_each : {false, true}) {
        Fixture several(config_of(Partition::sensor), 2);
        for (std::uint64_t round = 1; round <= rounds; ++round) {
            send_round(several, round, to_the_first);
        }
        Workers workers;
        add_workers(several, workers, two_each);
        workers.start();
        several.group().drain(workers, 10s);
        EXPECT_EQ(workers.failure(), "");
        EXPECT_EQ(of_all_lanes(several), expected);
        const Status status = several.status();
        EXPECT_TRUE(status.ledger.balanced()) << status.ledger.to_text();
        EXPECT_EQ(status.shards[0].frames, rounds * sensors / 10);
        EXPECT_EQ(status.shards[1].frames, 0u);
        EXPECT_EQ(status.shards[0].readings + status.shards[1].readings, rounds * sensors);
        EXPECT_GT(status.shards[0].readings, rounds * sensors / 8);
        EXPECT_GT(status.shards[1].readings, rounds * sensors / 8);
    }
}

TEST(Shards, OnThreadsEveryReadingIsJudgedAndTheLedgerBalances) {
    for (const Partition partition : {Partition::gateway, Partition::sensor}) {
        for (const bool two_each : {false, true}) {
            Config config = config_of(partition);
            config.pipeline.journal_records = 1024;  // as small as a burst allows
            constexpr std::size_t shards = 3;
            constexpr std::uint64_t rounds = 3000;
            Fixture fixture(config, shards);
            for (std::uint64_t round = 1; round <= rounds; ++round) {
                send_round(fixture, round, [&](std::uint64_t sensor) {
                    return (round + sensor) % shards;
                });
            }
            Workers workers;
            add_workers(fixture, workers, two_each);
            workers.start();
            fixture.group().drain(workers, 20s);
            EXPECT_EQ(workers.failure(), "");
            const Status status = fixture.status();
            EXPECT_TRUE(status.ledger.balanced()) << status.ledger.to_text();
            EXPECT_EQ(status.ledger.ingest.frames_received, status.ledger.port.received);
            EXPECT_EQ(status.ledger.detect.readings_accepted, rounds * sensors);
            EXPECT_EQ(status.ledger.detect.sensors,
                      partition == Partition::sensor ? sensors : shards * sensors);
        }
    }
}

/// More than the inboxes hold, of the sensors 1 to 40.
void overfill(Fixture& fixture, std::size_t queue) {
    for (std::uint64_t round = 1; round <= 4000; ++round) {
        std::vector<Reading> readings;
        for (std::uint64_t sensor = 1; sensor <= sensors; ++sensor) {
            readings.push_back({sensor, 10.0, round});
        }
        fixture.send(queue, readings);
    }
}

TEST(Shards, AFullInboxKeepsItsQueueFromBeingPolledAndNothingIsLost) {
    Config config = config_of(Partition::sensor);
    config.pipeline.journal_records = 1024;
    Fixture fixture(config, 2);
    overfill(fixture, 1);
    // Only the second shard's worker runs: the first one's inbox fills.
    std::size_t turns = 0;
    while (fixture.group()[1].step() != 0) {
        ++turns;
    }
    const Status held = fixture.status();
    EXPECT_GT(turns, 4u);  // how the sensors fall to the two is luck
    EXPECT_LT(fixture.source(1).polled(), 4000u);
    EXPECT_EQ(held.shards[1].waits_for_room, 1u);
    EXPECT_EQ(held.shards[0].waits_for_room, 0u);
    EXPECT_EQ(held.shards[0].readings, 0u);
    EXPECT_GT(held.ledger.ingest.readings_received, held.ledger.detect.readings_accepted);
    EXPECT_TRUE(held.ledger.balanced_so_far());
    EXPECT_EQ(fixture.group()[1].ingest_turn(), 1u);           // to wait is work
    EXPECT_EQ(fixture.status().shards[1].waits_for_room, 1u);  // of the same wait

    fixture.run();
    const Status done = fixture.status();
    EXPECT_TRUE(done.ledger.balanced()) << done.ledger.to_text();
    EXPECT_EQ(done.ledger.detect.readings_accepted, 4000 * sensors);
    EXPECT_GT(done.shards[0].readings, 0u);
}

TEST(Shards, TheEndTakesWhatWorkersThatEndedEarlierCannot) {
    Config config = config_of(Partition::sensor);
    config.pipeline.journal_records = 1024;
    Fixture fixture(config, 2);
    overfill(fixture, 1);
    Workers workers;
    fixture.group().add_workers(workers, {});  // never started: as if they had ended
    fixture.group().drain(workers, 10s);
    const Status status = fixture.status();
    EXPECT_TRUE(status.ledger.balanced()) << status.ledger.to_text();
    EXPECT_EQ(status.ledger.detect.readings_accepted, 4000 * sensors);
}

/// A flood: there is always another datagram.
class FloodSource : public FramesOnly {
  public:
    std::size_t poll(std::span<proto::FrameView> frames) noexcept {
        for (proto::FrameView& frame : frames) {
            frame = test::view(frame_);
            frame.receive_ns = receive_ns;
        }
        polled_ += frames.size();
        return frames.size();
    }

    void release() noexcept {}

    std::uint64_t polled() const noexcept { return polled_; }

  private:
    test::Bytes frame_ = frame_from(
        1, 0, {{1, 1.0, 1}, {2, 1.0, 1}, {3, 1.0, 1}, {4, 1.0, 1}, {5, 1.0, 1}, {6, 1.0, 1}});
    std::uint64_t polled_ = 0;
};

TEST(Shards, AFloodEndsWithPatienceAndNoInboxHoldsAReading) {
    for (const Partition partition : {Partition::gateway, Partition::sensor}) {
        std::array<FloodSource, 2> sources;
        AlertLane lane({.capacity_records = 1024});
        AlertLane other({.capacity_records = 1024});
        ShardGroup<FloodSource> group(config_of(partition),
                                      std::array{&sources[0], &sources[1]},
                                      std::array{&lane, &other},
                                      EmitClock::none);
        SeriesRegistry series;
        group.install(
            std::make_shared<RuleEdition>(load_rules(config_of(partition), series), nullptr));
        Workers workers;
        group.add_workers(workers, {});
        workers.start();
        const auto began = std::chrono::steady_clock::now();
        group.drain(workers, 100ms);
        EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
        Status status;
        group.add_to(status);
        status.ledger.port.received = sources[0].polled() + sources[1].polled();
        EXPECT_TRUE(status.ledger.balanced()) << status.ledger.to_text();
        EXPECT_GT(status.shards[0].frames, 0u);
    }
}

TEST(Shards, NoQueueWaitsBehindTheReadingsOfAnother) {
    Config config = config_of(Partition::sensor);
    config.pipeline.journal_records = std::uint32_t{1} << 20;
    Fixture fixture(config, 2);
    overfill(fixture, 1);
    while (fixture.group()[1].ingest_step() != 0) {
    }
    fixture.send(0, {{1, 10.0, 1}});
    // The first shard has far more than a burst waiting for it from the other queue: its own queue
    // is polled first nevertheless, and one turn ends.
    const std::size_t burst = BurstShape::of(host_identity(config), false).readings();
    const std::size_t work = fixture.group()[0].step();
    EXPECT_EQ(fixture.source(0).polled(), 1u);
    EXPECT_GE(work, burst);
    EXPECT_LE(work, burst + Detector::burst_records + 1);
}

TEST(Shards, BySensorNothingIsAllocated) {
    Fixture fixture(config_of(Partition::sensor), 3);
    for (std::uint64_t round = 1; round <= 100; ++round) {
        send_round(fixture, round, [&](std::uint64_t sensor) { return (round + sensor) % 3; });
    }
    std::uint64_t heap_calls = 0;
    {
        const NoAllocation guard;
        fixture.run();
        heap_calls = guard.violations();
    }
    EXPECT_EQ(heap_calls, 0u);
    EXPECT_EQ(fixture.status().ledger.detect.readings_accepted, 100 * sensors);
    EXPECT_GT(fixture.status().ledger.detect.alerts_emitted, 100u);
}

TEST(Shards, OfRulesOfEveryKindNothingIsAllocated) {
    Config config = config_of(Partition::sensor);
    config.pipeline.window_memory_mb = 4;
    SeriesRegistry series;
    const auto edition = every_kind(series);
    Fixture fixture(config, 3, edition);
    for (std::uint64_t round = 1; round <= kind_rounds; ++round) {
        for (std::size_t queue = 0; queue < 3; ++queue) {
            const auto from = static_cast<std::uint64_t>(queue) * 17 + 1;
            fixture.source(queue).add(
                frame_from(queue + 1, round, kind_readings(round, from, from + 16)),
                receive_ns + round * kind_step_ns);
        }
    }
    std::uint64_t heap_calls = 0;
    {
        const NoAllocation guard;
        fixture.run();
        heap_calls = guard.violations();
    }
    EXPECT_EQ(heap_calls, 0u);
    std::set<std::string> fired;
    for (std::size_t lane = 0; lane < 3; ++lane) {
        for (const AlertRecord& alert : fixture.alerts(lane)) {
            if (alert.transition == Transition::firing) {
                fired.insert(alert.rule_name.data());
            }
        }
    }
    EXPECT_EQ(fired, names_of(*edition));
    EXPECT_EQ(fixture.status().ledger.detect.windows_refused, 0u);
}

TEST(Shards, WorkersAreNamedPlacedAndOrderedByTheirWork) {
    const auto plan = [](std::vector<std::uint32_t> cores) {
        Fixture fixture(config_of(Partition::gateway), 2);
        Workers workers;
        fixture.group().add_workers(workers, cores);
        std::vector<std::pair<std::string, std::uint32_t>> planned;
        for (const auto& worker : workers.all()) {
            planned.emplace_back(worker->options().name, worker->options().core.value_or(99));
        }
        return planned;
    };
    using Planned = std::vector<std::pair<std::string, std::uint32_t>>;
    EXPECT_EQ(plan({}), (Planned{{"rd:shard0", 99}, {"rd:shard1", 99}}));
    EXPECT_EQ(plan({4, 5}), (Planned{{"rd:shard0", 4}, {"rd:shard1", 5}}));
    EXPECT_EQ(
        plan({4, 5, 6, 7}),
        (Planned{{"rd:ingest0", 4}, {"rd:ingest1", 6}, {"rd:detect0", 5}, {"rd:detect1", 7}}));
    EXPECT_THROW(plan({4, 5, 6}), StartupError);
    EXPECT_THROW(plan({4}), StartupError);
}

}  // namespace
}  // namespace roda::appliance
