// SPDX-License-Identifier: Apache-2.0
// What an engine tells about its stages while it runs.
#include <gtest/gtest.h>
#include <atomic>
#include <chrono>
#include <thread>

#include "tests/pipeline/engine/engines.hpp"
#include "tests/pipeline/engine/host.hpp"

namespace roda {
namespace {

using namespace std::chrono_literals;

TEST(EngineCounters, TellWhatEachStageTookEmittedAndRefused) {
    auto engine =
        roda::engine<std::uint64_t>({.journal_records = 1'024})
            .stage({.name = "odd"}, filter([](std::uint64_t value) { return value % 2 == 1; }))
            .stage({.name = "changes"},
                   dedup_by({.max_keys = 100}, [](std::uint64_t value) { return value; }))
            .build();
    for (std::uint64_t value = 0; value < 400; ++value) {
        ASSERT_TRUE(engine->try_send(value));
    }
    EXPECT_EQ(engine->await_idle(5s), DrainResult::idle);
    const auto [odd, changes] = engine->counters();
    EXPECT_EQ(odd.name, "odd");
    EXPECT_EQ(odd.counters.taken, 400u);
    EXPECT_EQ(odd.counters.emitted, 200u);
    EXPECT_EQ(odd.counters.keys, 0u);
    EXPECT_EQ(odd.counters.steps, 2u);
    EXPECT_GT(odd.counters.step_max_ns, 0u);
    EXPECT_EQ(changes.name, "changes");
    EXPECT_EQ(changes.counters.taken, 200u);
    EXPECT_EQ(changes.counters.keys + changes.counters.refused, 200u);
    EXPECT_GE(changes.counters.keys, 100u);
    EXPECT_GT(changes.counters.refused, 0u);
    EXPECT_EQ(changes.counters.emitted, changes.counters.keys);
}

TEST(EngineCounters, LongStepsAreStallsOfTheStageThatSetsALimit) {
    const auto slow = [](std::uint64_t value) {
        std::this_thread::sleep_for(std::chrono::milliseconds(value));
        return value;
    };
    auto engine = roda::engine<std::uint64_t>({.journal_records = 256})
                      .stage({.name = "limited", .stall_ns = 5'000'000}, map(slow))
                      .stage({.name = "unlimited"}, map(slow))
                      .build();
    ASSERT_TRUE(engine->send(10));
    EXPECT_EQ(engine->step(), 2u);
    const auto [limited, unlimited] = engine->counters();
    EXPECT_EQ(limited.counters.stalls, 1u);
    EXPECT_GE(limited.counters.step_max_ns, 10'000'000u);
    EXPECT_EQ(unlimited.counters.stalls, 0u);
    EXPECT_GE(unlimited.counters.step_max_ns, 10'000'000u);
}

// Two stages in one turn: each is charged with its own time.
TEST(EngineCounters, StagesOfOneThreadAreTimedApart) {
    const std::uint32_t core = an_allowed_core();
    auto engine = roda::engine<std::uint64_t>({.journal_records = 256})
                      .stage({.name = "slow", .core = core}, map([](std::uint64_t value) {
                                 std::this_thread::sleep_for(100ms);
                                 return value;
                             }))
                      .stage({.name = "fast", .core = core}, map(plus_one))
                      .build();
    engine->run();
    ASSERT_TRUE(engine->send(1));
    EXPECT_EQ(engine->receive(), 2u);
    EXPECT_EQ(engine->stop(), DrainResult::idle);
    const auto [slow, fast] = engine->counters();
    EXPECT_GE(slow.counters.step_max_ns, 100'000'000u);
    EXPECT_LT(fast.counters.step_max_ns, 100'000'000u);
}

TEST(EngineCounters, CountHowOftenAStageWasHeldBack) {
    auto engine = roda::engine<std::uint64_t>({.journal_records = 256})
                      .stage({.name = "only"}, map(plus_one))
                      .build();
    for (int round = 0; round < 2; ++round) {
        while (engine->send(0)) {
        }
        EXPECT_EQ(take_all(*engine).size(), 256u);
        EXPECT_EQ(engine->step(), 256u);
        EXPECT_EQ(take_all(*engine).size(), 256u);
    }
    EXPECT_EQ(engine->counters()[0].counters.held_back, 2u);
}

TEST(EngineCounters, AreConsistentWhileTheEngineRuns) {
    auto engine = counting_engine(256);
    engine->run();
    std::atomic<bool> over{false};
    std::thread observer([&] {
        std::uint64_t before = 0;
        while (!over) {
            for (const StageStatus& stage : engine->counters()) {
                ASSERT_EQ(stage.counters.emitted, stage.counters.taken);
                ASSERT_LE(stage.counters.steps, stage.counters.taken);
            }
            const std::uint64_t taken = engine->counters()[1].counters.taken;
            ASSERT_GE(taken, before);
            before = taken;
        }
    });
    for (std::uint64_t value = 0; value < 50'000; ++value) {
        ASSERT_TRUE(engine->send(value));
        (void)engine->try_receive();
    }
    over = true;
    observer.join();
}

TEST(EngineCounters, StepThatHangsIsSeenWhileItHangs) {
    std::atomic<bool> hangs{true};
    auto engine = roda::engine<std::uint64_t>({.journal_records = 256})
                      .stage({.name = "hangs"}, inspect([&](std::uint64_t) {
                                 while (hangs) {
                                     std::this_thread::sleep_for(1ms);
                                 }
                             }))
                      .build();
    EXPECT_EQ(engine->workers(), nullptr);
    engine->run();
    ASSERT_TRUE(engine->send(1));
    wait_until([&] { return engine->workers()->all()[0]->in_turn_ns() > 20'000'000; });
    EXPECT_EQ(engine->counters()[0].counters.steps, 0u);
    hangs = false;
    EXPECT_EQ(engine->receive(), 1u);
}

}  // namespace
}  // namespace roda
