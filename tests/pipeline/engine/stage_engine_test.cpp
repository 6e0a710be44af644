// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <chrono>
#include <random>
#include <thread>
#include <vector>

#include "tests/pipeline/engine/engines.hpp"

namespace roda {
namespace {

using namespace std::chrono_literals;

struct Reading {
    std::uint64_t sensor_id;
    double value;
    std::uint64_t timestamp_ns;
};

struct Summary {
    std::uint64_t sensor_id;
    double mean;
    std::uint64_t count;
};

struct Alert {
    std::uint64_t sensor_id;
    std::uint64_t severity;

    friend bool operator==(const Alert&, const Alert&) = default;
};

/// The seeds' example: alert when the running mean rises by more than half.
auto sensor_engine(std::uint64_t journal_records) {
    const auto init = [](const Reading& r) { return Summary{r.sensor_id, r.value, 1}; };
    const auto fold = [](Summary& s, const Reading& r) {
        s.count += 1;
        s.mean += (r.value - s.mean) / static_cast<double>(s.count);
    };
    const auto logic = [](const Summary& now, const Summary* before) -> std::optional<Alert> {
        if (before == nullptr || now.mean <= before->mean * 1.5) {
            return std::nullopt;
        }
        return Alert{now.sensor_id, 1 + now.count % 2};
    };
    return roda::engine<Reading>({.journal_records = journal_records})
        .stage({.name = "aggregate"},
               pipe(stateful({.max_keys = 1'000}, &Reading::sensor_id, init, fold)))
        .stage({.name = "detect"},
               pipe(delta({.max_keys = 1'000}, &Summary::sensor_id, logic),
                    dedup_by({.max_keys = 1'000}, &Alert::sensor_id)))
        .build();
}

enum class Mode { inline_steps, threads };

class SeedExample : public ::testing::TestWithParam<Mode> {
  protected:
    static std::vector<Alert> alerts_of(double first, double second) {
        auto engine = sensor_engine(1'000);
        if (GetParam() == Mode::threads) {
            engine->run();
        }
        EXPECT_TRUE(engine->send({1, first, 1}));
        EXPECT_TRUE(engine->send({1, second, 2}));
        EXPECT_EQ(engine->await_idle(5s), DrainResult::idle);
        const std::vector<Alert> alerts = take_all(*engine);
        EXPECT_EQ(engine->failure(), "");
        EXPECT_EQ(engine->stop(), DrainResult::idle);
        return alerts;
    }
};

TEST_P(SeedExample, TenThenTwentyIsNoAlert) {
    EXPECT_TRUE(alerts_of(10, 20).empty());
}

TEST_P(SeedExample, TenThenHundredIsOne) {
    EXPECT_EQ(alerts_of(10, 100), (std::vector<Alert>{{1, 1}}));
}

INSTANTIATE_TEST_SUITE_P(StageEngine,
                         SeedExample,
                         ::testing::Values(Mode::inline_steps, Mode::threads));

std::vector<Reading> random_readings(std::size_t count) {
    std::mt19937 random(7);
    std::vector<Reading> readings;
    for (std::size_t i = 0; i < count; ++i) {
        const double value = random() % 20 == 0 ? 10'000 : 1;
        readings.push_back({random() % 900, value, i});
    }
    return readings;
}

TEST(StageEngine, ThreadsGiveTheSameAsInlineThroughSmallJournals) {
    const std::vector<Reading> readings = random_readings(50'000);
    const auto outputs_of = [&](bool threads) {
        auto engine = sensor_engine(64);
        if (threads) {
            engine->run();
        }
        std::vector<Alert> alerts;
        for (const Reading& reading : readings) {
            EXPECT_TRUE(engine->send(reading));
            while (const auto alert = engine->try_receive()) {
                alerts.push_back(*alert);
            }
        }
        EXPECT_EQ(engine->await_idle(5s), DrainResult::idle);
        const std::vector<Alert> rest = take_all(*engine);
        alerts.insert(alerts.end(), rest.begin(), rest.end());
        return alerts;
    };
    const std::vector<Alert> inline_alerts = outputs_of(false);
    EXPECT_GT(inline_alerts.size(), 100u);
    EXPECT_EQ(outputs_of(true), inline_alerts);
}

TEST(StageEngine, WithoutStagesPassesThrough) {
    auto engine = roda::engine<std::uint64_t>({.journal_records = 4}).build();
    EXPECT_EQ(engine->try_receive(), std::nullopt);
    EXPECT_TRUE(engine->send(7));
    EXPECT_EQ(engine->await_idle(0ms), DrainResult::idle);
    EXPECT_EQ(engine->receive(), 7u);
    engine->run();
    std::thread sender([&] {
        for (std::uint64_t value = 0; value < 100; ++value) {
            EXPECT_TRUE(engine->send(value));
        }
    });
    for (std::uint64_t value = 0; value < 100; ++value) {
        EXPECT_EQ(engine->receive(), value);
    }
    sender.join();
    EXPECT_EQ(engine->stop(), DrainResult::idle);
    EXPECT_EQ(engine->receive(), std::nullopt);
}

TEST(StageEngine, StepRunsEachStageOnceFromTheFirstToTheLast) {
    auto engine = counting_engine(1'024);
    EXPECT_EQ(engine->step(), 0u);
    EXPECT_TRUE(engine->try_send(10));
    EXPECT_TRUE(engine->try_send(20));
    EXPECT_EQ(engine->try_receive(), std::nullopt) << "nothing runs by itself";
    EXPECT_EQ(engine->step(), 4u) << "two records through two stages";
    EXPECT_EQ(engine->step(), 0u);
    EXPECT_EQ(take_all(*engine), (std::vector<std::uint64_t>{12, 22}));
}

TEST(StageEngine, StepTakesAtMostABurstPerStage) {
    auto engine = counting_engine(1'024);
    for (std::uint64_t value = 0; value < 600; ++value) {
        ASSERT_TRUE(engine->try_send(value));
    }
    EXPECT_EQ(engine->step(), 2u * 256);
    EXPECT_EQ(engine->await_idle(5s), DrainResult::idle);
    EXPECT_EQ(take_all(*engine).size(), 600u);
}

TEST(StageEngine, RunsAgainAfterStopWithItsState) {
    auto engine = sensor_engine(256);
    for (const double value : {10.0, 100.0}) {
        engine->run();
        EXPECT_TRUE(engine->send({1, value, 0}));
        EXPECT_EQ(engine->stop(), DrainResult::idle);
    }
    EXPECT_EQ(take_all(*engine), (std::vector<Alert>{{1, 1}}));
}

TEST(StageEngineDeathTest, StepReadersAndRunBesideThreadsAbort) {
    auto engine = counting_engine(256);
    EXPECT_DEATH((engine->run(), engine->step()), "step\\(\\) is for an engine without threads");
    EXPECT_DEATH((engine->run(), engine->run()), "an engine runs once at a time");
    EXPECT_DEATH((engine->run(), engine->output_reader()), "readers are made before run\\(\\)");
    EXPECT_DEATH(engine->claim(257), "a claim is at most max_claim\\(\\) records");
}

TEST(StageEngine, DestructionWithWorkPendingJoinsItsThreads) {
    auto engine = counting_engine(256);
    engine->run();
    for (std::uint64_t value = 0; value < 100; ++value) {
        ASSERT_TRUE(engine->send(value));
    }
    engine.reset();
}

}  // namespace
}  // namespace roda
