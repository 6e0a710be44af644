// SPDX-License-Identifier: Apache-2.0
// User code that throws: who is told, who goes on, who stops waiting.
#include <gtest/gtest.h>
#include <atomic>
#include <chrono>
#include <thread>

#include "tests/pipeline/engine/engines.hpp"
#include "tests/pipeline/engine/host.hpp"

namespace roda {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t unlucky = 14;
constexpr auto judge = [](std::uint64_t value) {
    if (value == unlucky) {
        throw std::runtime_error("unlucky reading");
    }
    return value;
};

auto failing_engine() {
    return roda::engine<std::uint64_t>({.journal_records = 256})
        .stage({.name = "first"}, map(plus_one))
        .stage({.name = "judge"}, map(judge))
        .build();
}

TEST(EngineFailure, IsReportedWithTheStagesNameAndEndsWaiting) {
    auto engine = failing_engine();
    engine->run();
    EXPECT_EQ(engine->failure(), "");
    EXPECT_TRUE(engine->send(1));
    EXPECT_EQ(engine->receive(), 2u);
    EXPECT_TRUE(engine->send(unlucky - 1));
    EXPECT_EQ(engine->receive(), std::nullopt);
    EXPECT_EQ(engine->failure(), "judge: unlucky reading");
    EXPECT_EQ(engine->await_idle(60s), DrainResult::failed);
    EXPECT_FALSE(engine->send(1)) << "what nobody will process is not taken";
    EXPECT_EQ(engine->send(std::vector<std::uint64_t>{1, 2}), 0u);
    EXPECT_TRUE(engine->claim(1).empty());
    EXPECT_EQ(engine->stop(), DrainResult::failed);
    EXPECT_EQ(engine->failure(), "judge: unlucky reading") << "stop() does not forget";
    EXPECT_FALSE(engine->send(1)) << "nor does a failed engine go on inline";
    EXPECT_EQ(engine->receive(), std::nullopt);
}

TEST(EngineFailure, AnyKindOfExceptionIsReported) {
    auto engine =
        roda::engine<std::uint64_t>()
            .stage({.name = "odd"}, map([](std::uint64_t value) -> std::uint64_t { throw value; }))
            .build();
    engine->run();
    EXPECT_TRUE(engine->send(1));
    EXPECT_EQ(engine->receive(), std::nullopt);
    EXPECT_EQ(engine->failure(), "odd: unknown exception");
}

TEST(EngineFailure, SenderAsleepForRoomIsToldAtOnce) {
    std::atomic<bool> go{false};
    auto engine = roda::engine<std::uint64_t>({.journal_records = 256})
                      .stage({.name = "late"}, map([&](std::uint64_t value) {
                                 while (!go) {
                                     std::this_thread::sleep_for(100us);
                                 }
                                 throw std::runtime_error("too late");
                                 return value;
                             }))
                      .build();
    engine->run();
    std::atomic<std::uint64_t> sent{0};
    std::thread sender([&] {
        while (engine->send(sent)) {
            ++sent;
        }
    });
    wait_until([&] { return sent == 256; });
    go = true;
    sender.join();
    EXPECT_EQ(sent, 256u);
    EXPECT_EQ(engine->failure(), "late: too late");
}

// The stage behind the failed one is slow: what reached it is finished and can be received.
TEST(EngineFailure, StagesBehindFinishWhatTheyHave) {
    auto engine = roda::engine<std::uint64_t>({.journal_records = 256})
                      .stage({.name = "judge"}, map(judge))
                      .stage({.name = "slow"}, map([](std::uint64_t value) {
                                 std::this_thread::sleep_for(2ms);
                                 return value;
                             }))
                      .build();
    engine->run();
    for (std::uint64_t value = 0; value < unlucky; ++value) {
        ASSERT_TRUE(engine->send(value));
        wait_until([&] { return engine->counters()[0].counters.taken == value + 1; });
    }
    ASSERT_TRUE(engine->send(unlucky));
    for (std::uint64_t value = 0; value < unlucky; ++value) {
        ASSERT_EQ(engine->receive(), value);
    }
    EXPECT_EQ(engine->receive(), std::nullopt);
    EXPECT_EQ(engine->failure(), "judge: unlucky reading");
}

TEST(EngineFailure, WhatReachedTheStagesBehindIsReceivedEvenAfterAFullOutputAndAStop) {
    auto engine =
        roda::engine<std::uint64_t>({.journal_records = 1'024})
            .stage({.name = "fails late", .journal_records = 512}, map([](std::uint64_t value) {
                       return value < 2 * burst_records ? value : throw value;
                   }))
            .stage({.name = "behind", .journal_records = burst_records}, map(plus_one))
            .build();
    for (std::uint64_t value = 0; value < 600; ++value) {
        ASSERT_TRUE(engine->try_send(value));
    }
    engine->run();
    EXPECT_EQ(engine->stop(60s), DrainResult::failed);
    for (std::uint64_t value = 0; value < 2 * burst_records; ++value) {
        ASSERT_EQ(engine->receive(), value + 1);
    }
    EXPECT_EQ(engine->receive(), std::nullopt);
}

TEST(EngineFailure, StagesBeforeItGoOnUntilThereIsNoRoomAndStopIsClean) {
    std::atomic<std::uint64_t> seen{0};
    auto engine = roda::engine<std::uint64_t>({.journal_records = 1'024})
                      .stage({.name = "before", .journal_records = 512},
                             inspect([&](std::uint64_t) { ++seen; }))
                      .stage({.name = "fails"},
                             map([](std::uint64_t value) -> std::uint64_t { throw value; }))
                      .build();
    for (std::uint64_t value = 0; value < 1'000; ++value) {
        ASSERT_TRUE(engine->try_send(value));
    }
    engine->run();
    EXPECT_EQ(engine->stop(60s), DrainResult::failed);
    EXPECT_EQ(seen, 512u);
}

TEST(EngineFailure, StageOnTheSameThreadGoesOn) {
    const std::uint32_t core = an_allowed_core();
    std::atomic<std::uint64_t> seen{0};
    auto engine =
        roda::engine<std::uint64_t>({.journal_records = 1'024})
            .stage({.name = "before", .core = core}, inspect([&](std::uint64_t) { ++seen; }))
            .stage({.name = "fails", .core = core},
                   map([](std::uint64_t value) -> std::uint64_t { throw value; }))
            .build();
    for (std::uint64_t value = 0; value < 1'000; ++value) {
        ASSERT_TRUE(engine->try_send(value));
    }
    engine->run();
    EXPECT_EQ(engine->stop(60s), DrainResult::failed);
    EXPECT_EQ(seen, 1'000u);
    EXPECT_EQ(engine->failure(), "fails: unknown exception");
}

TEST(EngineFailure, InlineExceptionReachesTheCallerAndIsKept) {
    auto engine = failing_engine();
    EXPECT_TRUE(engine->send(unlucky - 1));
    EXPECT_THROW(engine->step(), std::runtime_error);
    EXPECT_EQ(engine->failure(), "judge: unlucky reading");
    EXPECT_EQ(engine->step(), 0u) << "its burst is half folded: not run twice";
    EXPECT_EQ(engine->await_idle(60s), DrainResult::failed);
}

TEST(EngineFailureDeathTest, FailedEngineDoesNotRunAgain) {
    auto engine = failing_engine();
    EXPECT_TRUE(engine->send(unlucky - 1));
    EXPECT_THROW(engine->step(), std::runtime_error);
    EXPECT_DEATH(engine->run(), "a failed engine does not run again");
}

}  // namespace
}  // namespace roda
