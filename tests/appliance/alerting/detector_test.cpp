// SPDX-License-Identifier: Apache-2.0
// A detector on its inboxes: however readings fall into bursts, and whatever is asked of it between
// them.
#include "appliance/alerting/detector.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>
#include <thread>

#include "tests/appliance/shard_kinds.hpp"

namespace roda::appliance {
namespace {

using namespace std::chrono_literals;
using proto::Reading;

constexpr std::uint64_t epoch_ns = 1'700'000'000'000'000'000;

class Bench {
  public:
    explicit Bench(std::shared_ptr<RuleEdition> edition) {
        if (edition != nullptr) {
            detector_.install(std::move(edition));
        }
    }

    /// A datagram.
    void receive(const std::vector<Reading>& readings, std::uint64_t receive_ns) {
        inbox_.arrivals.append({sent_, readings.size(), {7, receive_ns, {}}});
        for (const Reading& reading : readings) {
            inbox_.readings.append(reading);
        }
        sent_ += readings.size();
    }

    void run() {
        while (detector_.step() != 0) {
        }
    }

    std::vector<AlertRecord> alerts() {
        std::vector<AlertRecord> all(1 << 16);
        all.resize(reader_.poll(all).records);
        return all;
    }

    Detector& detector() { return detector_; }

  private:
    static Config config() {
        Config config;
        config.pipeline.max_sensors = 1000;
        config.pipeline.window_memory_mb = 4;
        return config;
    }

    Inbox inbox_{3, 1 << 16, 1 << 12, BurstShape{.readings_per_datagram = 64}};
    Inbox* inboxes_[1] = {&inbox_};
    AlertLane lane_{{.capacity_records = 1 << 16}};
    AlertLane::Reader reader_ = lane_.reader();
    Detector detector_{config(), inboxes_, lane_, 0, 1, EmitClock::none};
    std::uint64_t sent_ = 0;
};

std::shared_ptr<RuleEdition> high_rules(SeriesRegistry& series,
                                        const std::vector<std::pair<std::string, double>>& rules,
                                        const RuleEdition* before = nullptr) {
    std::vector<Rule> all;
    for (const auto& [name, limit] : rules) {
        all.push_back(kind_rule(RuleKind::limits, name));
        all.back().hi = LevelLimit{limit};
    }
    return std::make_shared<RuleEdition>(
        std::make_shared<const RuleBook>(all, std::make_shared<const Inventory>(), series), before);
}

TEST(Detector, BurstsOfAnySizeGiveTheSameRecords) {
    std::vector<AlertRecord> expected;
    for (const std::uint64_t most : {1, 2, 7, 1000}) {
        SeriesRegistry series;
        Bench bench(every_kind(series));
        std::mt19937_64 random(most);
        for (std::uint64_t round = 1; round <= kind_rounds; ++round) {
            // Not at ticks: a datagram's readings come between two of them.
            bench.receive(kind_readings(round, 1, kind_sensors),
                          epoch_ns + round * kind_step_ns + 3'333'333);
            if (round % (1 + random() % most) == 0) {
                bench.run();
            }
        }
        bench.run();
        const std::vector<AlertRecord> alerts = bench.alerts();
        if (expected.empty()) {
            expected = alerts;
            EXPECT_GT(alerts.size(), 1000u);
        }
        ASSERT_EQ(alerts.size(), expected.size()) << most;
        for (std::size_t i = 0; i < alerts.size(); ++i) {
            ASSERT_EQ(std::memcmp(&alerts[i], &expected[i], sizeof(AlertRecord)), 0) << i;
        }
    }
}

TEST(Detector, TimePassesBeforeTheDatagramBehindIt) {
    SeriesRegistry series;
    Bench bench(every_kind(series));  // `delayed`: above 9 for three steps
    bench.receive({{100, 9.5, 1'000'000'000}}, epoch_ns);
    bench.receive({{200, 8.0, 1'000'000'000}}, epoch_ns + 3 * kind_step_ns);
    bench.receive({{100, 8.0, 1'000'000'000 + 3 * kind_step_ns}}, epoch_ns + 4 * kind_step_ns);
    bench.run();
    std::vector<std::pair<Transition, std::uint64_t>> told;
    for (const AlertRecord& alert : bench.alerts()) {
        if (std::string(alert.rule_name.data()) == "delayed" && alert.sensor_id == 100) {
            told.emplace_back(alert.transition, alert.event_ns);
        }
    }
    EXPECT_EQ(told,
              (std::vector<std::pair<Transition, std::uint64_t>>{
                  {Transition::pending, 1'000'000'000},
                  {Transition::firing, 1'000'000'000 + 3 * kind_step_ns}}));
}

TEST(Detector, AReloadUnderReadingsLosesNoneAndEndsNoAlertOfARuleThatStays) {
    constexpr std::uint64_t sensors = 900;
    SeriesRegistry series;
    const auto first = high_rules(series, {{"stays", 10.0}, {"goes", 10.0}});
    const auto second = high_rules(series, {{"new", 20.0}, {"stays", 10.0}}, first.get());
    Bench bench(first);
    const auto send = [&](double value, std::uint64_t at) {
        for (std::uint64_t sensor = 0; sensor < sensors; sensor += 50) {
            std::vector<Reading> readings;
            for (std::uint64_t i = sensor; i < sensor + 50; ++i) {
                readings.push_back({i, value, at});
            }
            bench.receive(readings, epoch_ns + at);
        }
    };
    send(11.0, 1);
    bench.run();
    EXPECT_EQ(bench.alerts().size(), 2 * sensors);
    bench.detector().install(second);
    EXPECT_FALSE(bench.detector().is_settled());
    send(12.0, 2);
    send(30.0, 3);
    bench.run();
    while (!bench.detector().is_settled()) {
        bench.detector().step();
    }
    send(30.0, 4);  // of a sensor that was not shown yet, the reading before was quiet
    bench.run();
    std::map<std::string, std::uint64_t> told;
    for (const AlertRecord& alert : bench.alerts()) {
        ++told[std::string(transition_names[static_cast<std::size_t>(alert.transition)]) + ' ' +
               alert.rule_name.data()];
    }
    EXPECT_EQ(told,
              (std::map<std::string, std::uint64_t>{{"firing new", sensors},
                                                    {"resolved goes", sensors}}));
    EXPECT_EQ(bench.detector().ledger().readings_accepted, 4 * sensors);
}

TEST(Detector, AnErrandRunsBetweenTwoBursts) {
    SeriesRegistry series;
    const auto edition = high_rules(series, {{"high", 10.0}});
    Bench bench(edition);
    bench.receive({{5, 11.0, 1}}, epoch_ns);
    std::atomic<bool> is_over{false};
    std::thread worker([&] {
        while (!is_over) {
            bench.detector().step();
        }
    });
    SensorExplanation explanation;
    explanation.sensor_id = 5;
    const auto explain = [&](Detector& detector) {
        detector.explain(explanation);
        return explanation.known;  // once its reading was taken
    };
    EXPECT_TRUE(bench.detector().errands().run(explain, 10s));
    is_over = true;
    worker.join();
    ASSERT_EQ(explanation.points.size(), 1u);
    EXPECT_EQ(explanation.points[0].cell.state, AlarmState::firing);
}

TEST(Detector, AnErrandWithoutAWorkerIsGivenUp) {
    SeriesRegistry series;
    Bench bench(high_rules(series, {{"high", 10.0}}));
    bool ran = false;
    EXPECT_FALSE(bench.detector().errands().run([&](Detector&) { return ran = true; }, 5ms));
    bench.run();
    EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace roda::appliance
