// SPDX-License-Identifier: Apache-2.0
// How waiting for an engine ends, and what stays for later.
#include <gtest/gtest.h>
#include <atomic>
#include <chrono>
#include <thread>

#include "tests/pipeline/engine/engines.hpp"

namespace roda {
namespace {

using namespace std::chrono_literals;

/// One stage that calls `work` with each value and hands it on.
template <class Work>
auto slow_engine(Work work) {
    return roda::engine<std::uint64_t>({.journal_records = 256})
        .stage({.name = "slow"}, map([work](std::uint64_t value) {
                   work(value);
                   return value;
               }))
        .build();
}

TEST(EngineDrain, AwaitIdleTellsIdleFromTimeOut) {
    std::atomic<bool> go{false};
    auto engine = slow_engine([&go](std::uint64_t) {
        while (!go) {
            std::this_thread::sleep_for(1ms);
        }
    });
    engine->run();
    EXPECT_EQ(engine->await_idle(0ms), DrainResult::idle);
    EXPECT_TRUE(engine->send(60));
    EXPECT_EQ(engine->await_idle(5ms), DrainResult::timed_out);
    go = true;
    EXPECT_EQ(engine->await_idle(5s), DrainResult::idle);
    EXPECT_EQ(engine->try_receive(), 60u) << "idle means the outputs are there";
}

// Many short sleeps: a pause of the whole process cuts only one of them short.
TEST(EngineDrain, StopTellsATimeOutAndKeepsWhatWasSent) {
    auto engine = slow_engine([](std::uint64_t value) {
        for (std::uint64_t i = 0; i < value; ++i) {
            std::this_thread::sleep_for(1ms);
        }
    });
    engine->run();
    for (const std::uint64_t value : {400u, 0u}) {
        EXPECT_TRUE(engine->send(value));
    }
    EXPECT_EQ(engine->stop(1ms), DrainResult::timed_out);
    EXPECT_EQ(engine->receive(), 400u);
    EXPECT_EQ(engine->receive(), 0u);
    EXPECT_EQ(engine->receive(), std::nullopt);
}

// The first stage is far ahead of the second, with little room between them.
TEST(EngineDrain, StopFinishesWhatWasSent) {
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
    EXPECT_EQ(engine->stop(), DrainResult::idle);
    EXPECT_EQ(take_all(*engine).size(), 4'096u);
}

TEST(EngineDrain, StopWithAFullOutputSaysSoSoonAndKeepsTheRestForLater) {
    auto engine = counting_engine(256);
    engine->run();
    for (std::uint64_t value = 0; value < 700; ++value) {
        ASSERT_TRUE(engine->send(value));
    }
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(engine->stop(60s), DrainResult::output_full);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
    for (std::uint64_t value = 0; value < 700; ++value) {
        ASSERT_EQ(engine->receive(), value + 2);
    }
}

TEST(EngineDrain, StopWaitsForAReceiverThatIsSlowButAlive) {
    auto engine = counting_engine(256);
    engine->run();
    for (std::uint64_t value = 0; value < 700; ++value) {
        ASSERT_TRUE(engine->send(value));
    }
    std::uint64_t received = 0;
    std::thread receiver([&] {
        while (const auto output = engine->receive()) {
            ASSERT_EQ(*output, received + 2);
            if (++received % 64 == 0) {
                std::this_thread::sleep_for(1ms);
            }
        }
    });
    EXPECT_EQ(engine->stop(60s), DrainResult::idle);
    receiver.join();
    EXPECT_EQ(received, 700u) << "receive() ends after the last output of a stopped engine";
}

}  // namespace
}  // namespace roda
