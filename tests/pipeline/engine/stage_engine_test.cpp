// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <chrono>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "pipeline/roda.hpp"

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

template <class Engine>
auto take_all(Engine& engine) {
    std::vector<typename Engine::Output> outputs;
    while (auto output = engine.try_receive()) {
        outputs.push_back(*output);
    }
    return outputs;
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
        EXPECT_TRUE(engine->await_idle(5s));
        const std::vector<Alert> alerts = take_all(*engine);
        EXPECT_EQ(engine->failure(), "");
        engine->stop();
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
        EXPECT_TRUE(engine->await_idle(5s));
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
    EXPECT_TRUE(engine->await_idle(0ms));
    EXPECT_EQ(engine->receive(), 7u);
    engine->run();
    EXPECT_TRUE(engine->send(8));
    EXPECT_EQ(engine->receive(), 8u);
    EXPECT_EQ(engine->receive(), std::nullopt);
    engine->stop();
}

constexpr auto plus_one = [](std::uint64_t value) { return value + 1; };

auto counting_engine(std::uint64_t journal_records) {
    return roda::engine<std::uint64_t>({.journal_records = journal_records})
        .stage({.name = "first"}, map(plus_one))
        .stage({.name = "second"}, map(plus_one))
        .build();
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
    EXPECT_TRUE(engine->await_idle(5s));
    EXPECT_EQ(take_all(*engine).size(), 600u);
}

TEST(StageEngine, TrySendIsRefusedWhileTheInputIsFull) {
    auto engine = counting_engine(4);
    for (std::uint64_t value = 0; value < 4; ++value) {
        EXPECT_TRUE(engine->try_send(value));
    }
    EXPECT_FALSE(engine->try_send(4));
    EXPECT_EQ(engine->step(), 8u);
    EXPECT_TRUE(engine->try_send(4));
}

// Nobody receives: the journals fill from the last to the first, and send() says so.
TEST(StageEngine, InlineSendEndsWhenTheOutputIsFullAndNothingIsLost) {
    auto engine = counting_engine(256);
    std::uint64_t sent = 0;
    while (engine->send(sent)) {
        ++sent;
    }
    EXPECT_EQ(sent, 3u * 256);
    EXPECT_FALSE(engine->await_idle(1ms));
    for (std::uint64_t value = 0; value < sent; ++value) {
        ASSERT_EQ(engine->receive(), value + 2);
    }
    EXPECT_EQ(engine->receive(), std::nullopt);
    EXPECT_TRUE(engine->send(sent));
}

TEST(StageEngine, ThreadedSendWaitsForRoomAndLosesNothing) {
    auto engine = counting_engine(256);
    engine->run();
    constexpr std::uint64_t count = 100'000;
    std::thread receiver([&] {
        for (std::uint64_t value = 0; value < count; ++value) {
            ASSERT_EQ(engine->receive(), value + 2);
        }
    });
    for (std::uint64_t value = 0; value < count; ++value) {
        ASSERT_TRUE(engine->send(value));
    }
    receiver.join();
    EXPECT_TRUE(engine->await_idle(5s));
    engine->stop();
    EXPECT_EQ(engine->try_receive(), std::nullopt);
}

TEST(StageEngine, ReceiveWaitsForAnOutput) {
    auto engine = counting_engine(256);
    engine->run();
    std::thread sender([&] {
        std::this_thread::sleep_for(10ms);
        engine->send(40);
    });
    EXPECT_EQ(engine->receive(), 42u);
    sender.join();
}

TEST(StageEngine, AwaitIdleTellsIdleFromTimeOut) {
    auto engine = roda::engine<std::uint64_t>()
                      .stage({.name = "slow"}, map([](std::uint64_t value) {
                                 std::this_thread::sleep_for(std::chrono::milliseconds(value));
                                 return value;
                             }))
                      .build();
    engine->run();
    EXPECT_TRUE(engine->await_idle(0ms));
    EXPECT_TRUE(engine->send(60));
    EXPECT_FALSE(engine->await_idle(5ms));
    EXPECT_TRUE(engine->await_idle(5s));
    EXPECT_EQ(engine->try_receive(), 60u) << "idle means the outputs are there";
}

// The first stage is far ahead of the second, with little room between them.
TEST(StageEngine, StopFinishesWhatWasSent) {
    auto engine =
        roda::engine<std::uint64_t>({.journal_records = 4'096})
            .stage({.name = "fast", .journal_records = 256}, map(plus_one))
            .stage({.name = "slow", .journal_records = 4'096}, map([](std::uint64_t value) {
                       if (value % 256 == 0) {
                           std::this_thread::sleep_for(2ms);
                       }
                       return value;
                   }))
            .build();
    for (std::uint64_t value = 0; value < 4'096; ++value) {
        ASSERT_TRUE(engine->try_send(value));
    }
    engine->run();
    engine->stop();
    EXPECT_EQ(take_all(*engine).size(), 4'096u);
}

TEST(StageEngine, StopWithAFullOutputKeepsTheRestForLater) {
    auto engine = counting_engine(256);
    engine->run();
    for (std::uint64_t value = 0; value < 700; ++value) {
        ASSERT_TRUE(engine->send(value));
    }
    engine->stop();
    for (std::uint64_t value = 0; value < 700; ++value) {
        ASSERT_EQ(engine->receive(), value + 2);
    }
}

TEST(StageEngine, RunsAgainAfterStopWithItsState) {
    auto engine = sensor_engine(256);
    for (const double value : {10.0, 100.0}) {
        engine->run();
        EXPECT_TRUE(engine->send({1, value, 0}));
        engine->stop();
    }
    EXPECT_EQ(take_all(*engine), (std::vector<Alert>{{1, 1}}));
}

auto failing_engine() {
    return roda::engine<std::uint64_t>({.journal_records = 256})
        .stage({.name = "first"}, map(plus_one))
        .stage({.name = "judge"}, map([](std::uint64_t value) {
                   if (value == 14) {
                       throw std::runtime_error("unlucky reading");
                   }
                   return value;
               }))
        .build();
}

TEST(StageEngine, ExceptionOfAStageIsReportedWithItsNameAndEndsWaiting) {
    auto engine = failing_engine();
    engine->run();
    EXPECT_TRUE(engine->send(1));
    EXPECT_EQ(engine->receive(), 2u);
    EXPECT_TRUE(engine->send(13));
    EXPECT_EQ(engine->receive(), std::nullopt);
    EXPECT_EQ(engine->failure(), "judge: unlucky reading");
    EXPECT_FALSE(engine->await_idle(60s)) << "what lies before the dead stage stays there";
    const auto send_ends = [&] {  // there may be room for some, but no more will come
        for (int sent = 0; sent < 10'000; ++sent) {
            if (!engine->send(1)) {
                return true;
            }
        }
        return false;
    };
    EXPECT_TRUE(send_ends());
    engine->stop();
    EXPECT_EQ(engine->failure(), "judge: unlucky reading") << "stop() does not forget";
    EXPECT_TRUE(send_ends()) << "nor does a failed engine go on inline";
}

TEST(StageEngine, InlineExceptionReachesTheCaller) {
    auto engine = failing_engine();
    EXPECT_TRUE(engine->send(13));
    EXPECT_THROW(engine->step(), std::runtime_error);
}

TEST(StageEngine, MissingCoreIsAStartupErrorAndNothingRuns) {
    auto engine = counting_engine(256);
    try {
        engine->run({.cores = {0, 4'000}});
        FAIL() << "core 4000";
    } catch (const StartupError& error) {
        EXPECT_STREQ(error.what(),
                     "worker second: core 4000 is not there for this process (choose one of "
                     "`taskset -p $$`, or leave the cores out)");
    }
    EXPECT_TRUE(engine->send(1));
    EXPECT_EQ(engine->step(), 2u) << "the caller's thread may still run it";
}

TEST(StageEngineDeathTest, StepBesideThreadsAndASecondRunAbort) {
    EXPECT_DEATH(
        {
            auto engine = counting_engine(256);
            engine->run();
            engine->step();
        },
        "step\\(\\) is for an engine without threads");
    EXPECT_DEATH(
        {
            auto engine = counting_engine(256);
            engine->run();
            engine->run();
        },
        "an engine runs once at a time");
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
