// SPDX-License-Identifier: Apache-2.0
// A whole shard, from Ethernet bytes to alert records in shared memory, makes no system call.
//
// Not built under ThreadSanitizer (meson.build): its runtime maps shadow memory on the way.
#include <gtest/gtest.h>
#include <array>
#include <memory>
#include <vector>

#include "appliance/shard_group.hpp"
#include "pipeline/store/broadcast_journal.hpp"
#include "tests/appliance/shard_frames.hpp"
#include "tests/appliance/shard_kinds.hpp"
#include "tests/pipeline/temporary_directory.hpp"
#include "tests/support/no_syscall.hpp"

namespace roda::appliance {
namespace {

constexpr std::uint64_t rounds = 200;
constexpr std::uint64_t sensors = 50;

/// Readings with jumps, ARP that is answered, and garbage that is counted.
void fill(MemorySource& source) {
    for (std::uint64_t round = 1; round <= rounds; ++round) {
        std::vector<Reading> readings;
        for (std::uint64_t sensor = 1; sensor <= sensors; ++sensor) {
            readings.push_back({sensor, round % 10 == 0 ? 100.0 : 10.0, round});
        }
        source.add(frame_of(readings, round));
        source.add(test::ethernet(test::ethertype_arp, test::arp(1)));
        source.add(test::bytes_of("garbage that is counted"));
    }
}

TEST(ShardNoSystemCall, FromFrameToAlert) {
    const TemporaryDirectory directory;
    EXPECT_EQ(first_system_call([&] {
                  auto lane = std::make_shared<BroadcastJournal<AlertRecord>>(
                      directory.file("alerts"), JournalOptions{.capacity_records = 65'536});
                  auto source = std::make_shared<MemorySource>();
                  fill(*source);
                  // The wall clock is read, as in service: alerts say when they were emitted.
                  auto shard = std::make_shared<Shard<MemorySource>>(
                      two_rules(), *source, *lane, EmitClock::wall);
                  return [lane, source, shard] {
                      while (shard->step() != 0) {
                      }
                      const DetectLedger detected = shard->detector().ledger();
                      return detected.readings_accepted == rounds * sensors &&
                             lane->written() > 1'000 && source->answered() == rounds &&
                             shard->ingest_ledger().frames_received == 3 * rounds;
                  };
              }),
              "none");
}

TEST(ShardNoSystemCall, BetweenShardsThatShareSensors) {
    const TemporaryDirectory directory;
    EXPECT_EQ(
        first_system_call([&] {
            using Lane = BroadcastJournal<AlertRecord>;
            const auto lane = [&](const char* name) {
                return std::make_shared<Lane>(directory.file(name),
                                              JournalOptions{.capacity_records = 65'536});
            };
            const std::array lanes = {lane("alerts.0"), lane("alerts.1")};
            auto sources = std::make_shared<std::array<MemorySource, 2>>();
            fill((*sources)[0]);
            fill((*sources)[1]);
            Config config = two_rules();
            config.pipeline.partition = Partition::sensor;
            auto shards = std::make_shared<ShardGroup<MemorySource>>(
                config,
                std::array{&(*sources)[0], &(*sources)[1]},
                std::array<AlertLane*, 2>{lanes[0].get(), lanes[1].get()},
                EmitClock::wall);
            SeriesRegistry series;
            shards->install(std::make_shared<RuleEdition>(load_rules(config, series), nullptr));
            return [lanes, sources, shards] {
                ShardGroup<MemorySource>& group = *shards;
                while (group[0].step() + group[1].step() != 0) {
                }
                const DetectLedger first = group[0].detector().ledger();
                const DetectLedger second = group[1].detector().ledger();
                return first.readings_accepted + second.readings_accepted == 2 * rounds * sensors &&
                       first.sensors + second.sensors == sensors && second.sensors != 0 &&
                       lanes[0]->written() > 100 && lanes[1]->written() > 100;
            };
        }),
        "none");
}

/// Each of so many series fired.
bool all_fired(const AlertTally& tally, std::uint32_t series) {
    bool all = true;
    for (std::uint32_t i = 0; i < series; ++i) {
        SeriesFigures figures;
        tally.add_to(figures, i);
        all = all && figures.transitions[static_cast<std::size_t>(Transition::firing)] != 0;
    }
    return all;
}

TEST(ShardNoSystemCall, OfRulesOfEveryKind) {
    const TemporaryDirectory directory;
    EXPECT_EQ(first_system_call([&] {
                  auto lane = std::make_shared<BroadcastJournal<AlertRecord>>(
                      directory.file("alerts"), JournalOptions{.capacity_records = 65'536});
                  auto source = std::make_shared<MemorySource>();
                  // After the wall clock, which moves time on only where nothing else does.
                  const std::uint64_t now_ns = unix_now_ns();
                  for (std::uint64_t round = 1; round <= kind_rounds; ++round) {
                      source->add(frame_of(kind_readings(round, 1, kind_sensors), round),
                                  now_ns + round * kind_step_ns);
                  }
                  auto group = std::make_shared<ShardGroup<MemorySource>>(
                      two_rules(),
                      std::array{source.get()},
                      std::array<AlertLane*, 1>{lane.get()},
                      EmitClock::wall);
                  SeriesRegistry series;
                  group->install(every_kind(series));
                  const auto rules = static_cast<std::uint32_t>(series.all().size());
                  return [lane, source, group, rules] {
                      while ((*group)[0].step() != 0) {
                      }
                      return all_fired((*group)[0].detector().tally(), rules) &&
                             source->polled() == kind_rounds;
                  };
              }),
              "none");
}

}  // namespace
}  // namespace roda::appliance
