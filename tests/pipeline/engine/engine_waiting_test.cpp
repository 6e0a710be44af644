// SPDX-License-Identifier: Apache-2.0
// Who waits sleeps, and who makes the wait pointless wakes him. Times are medians: a bell that is
// not rung costs half the patience on average, 25 ms.
#include <gtest/gtest.h>
#include <chrono>
#include <random>
#include <thread>
#include <vector>

#include "tests/pipeline/engine/engines.hpp"
#include "tests/pipeline/engine/host.hpp"

namespace roda {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST(EngineWaiting, IdleEngineAndItsReceiverUseNoCpu) {
    auto engine = counting_engine(256);
    engine->run();
    std::thread receiver([&] { EXPECT_EQ(engine->receive(), 42u); });
    std::this_thread::sleep_for(20ms);
    EXPECT_LT(cpu_used_during(300ms), 6ms);
    EXPECT_TRUE(engine->send(40));
    receiver.join();
}

TEST(EngineWaiting, EngineHeldBackByItsReceiverUsesNoCpuNorDoesItsSender) {
    auto engine = counting_engine(256);
    engine->run();
    std::thread sender([&] {
        for (std::uint64_t value = 0; value < 2'000; ++value) {
            ASSERT_TRUE(engine->send(value));
        }
    });
    std::this_thread::sleep_for(50ms);
    EXPECT_LT(cpu_used_during(300ms), 6ms);
    for (std::uint64_t value = 0; value < 2'000; ++value) {
        ASSERT_EQ(engine->receive(), value + 2);
    }
    sender.join();
}

// Both stages and the receiver are asleep before each record.
TEST(EngineWaiting, RecordAfterAPauseIsReceivedAtOnce) {
    constexpr std::uint64_t count = 60;
    auto engine = counting_engine(256);
    engine->run();
    std::vector<Clock::time_point> sent(count);
    std::vector<Clock::time_point> received(count);
    std::thread receiver([&] {
        for (std::uint64_t value = 0; value < count; ++value) {
            ASSERT_EQ(engine->receive(), value + 2);
            received[value] = Clock::now();
        }
    });
    for (std::uint64_t value = 0; value < count; ++value) {
        std::this_thread::sleep_for(10ms);
        sent[value] = Clock::now();
        ASSERT_TRUE(engine->send(value));
    }
    receiver.join();
    std::vector<std::chrono::nanoseconds> delays;
    for (std::uint64_t value = 0; value < count; ++value) {
        delays.push_back(received[value] - sent[value]);
    }
    EXPECT_LT(median(delays), 8ms) << "a bell that is lost costs 25 ms";
    for (const auto& worker : engine->workers()->all()) {
        EXPECT_GT(worker->counters().parks, count / 2) << worker->options().name;
    }
}

// All are held back and asleep. One output taken makes room through the whole chain, up to the
// sender.
TEST(EngineWaiting, RoomMadeByTheReceiverReachesTheSenderAtOnce) {
    auto engine = counting_engine(256);
    engine->run();
    for (std::uint64_t value = 0; value < 3 * 256; ++value) {
        ASSERT_TRUE(engine->send(value));
    }
    std::vector<std::chrono::nanoseconds> delays;
    for (std::uint64_t value = 0; value < 40; ++value) {
        Clock::time_point sent;
        std::thread sender([&] {
            ASSERT_TRUE(engine->send(3 * 256 + value));
            sent = Clock::now();
        });
        std::this_thread::sleep_for(3ms);
        const auto began = Clock::now();
        EXPECT_EQ(engine->receive(), value + 2);
        sender.join();
        delays.push_back(sent - began);
    }
    EXPECT_LT(median(delays), 10ms);
}

TEST(EngineWaiting, StopEndsAReceiverThatWaits) {
    std::vector<std::chrono::nanoseconds> delays;
    for (int round = 0; round < 9; ++round) {
        auto engine = counting_engine(256);
        engine->run();
        std::thread receiver([&] { EXPECT_EQ(engine->receive(), std::nullopt); });
        std::this_thread::sleep_for(2ms);
        const auto began = Clock::now();
        EXPECT_EQ(engine->stop(), DrainResult::idle);
        receiver.join();
        delays.push_back(Clock::now() - began);
    }
    EXPECT_LT(median(delays), 15ms);
}

/// Pauses of all kinds, so that each side catches the others spinning, pausing, falling asleep and
/// asleep.
class Pauses {
  public:
    explicit Pauses(std::uint32_t seed) : random_(seed) {}

    void maybe() {
        const auto draw = random_() % 20'000;
        if (draw < 20) {
            std::this_thread::sleep_for(std::chrono::microseconds(random_() % 300));
        } else if (draw < 200) {
            const auto until = Clock::now() + std::chrono::microseconds(random_() % 60);
            while (Clock::now() < until) {
            }
        }
    }

  private:
    std::mt19937 random_;
};

// A lost wake-up costs 50 ms each time; without one the whole takes some seconds at most.
TEST(EngineWaiting, NoWakeUpIsLostThroughTinyJournalsWithRandomPauses) {
    constexpr std::uint64_t count = 1'000'000;
    auto engine = roda::engine<std::uint64_t>({.journal_records = 256})
                      .stage({.name = "first"}, map([pauses = Pauses(1)](std::uint64_t value) {
                                 const_cast<Pauses&>(pauses).maybe();
                                 return value + 1;
                             }))
                      .stage({.name = "second"}, map(plus_one))
                      .build();
    engine->run();
    std::thread sender([&] {
        Pauses pauses(2);
        for (std::uint64_t value = 0; value < count; ++value) {
            ASSERT_TRUE(engine->send(value));
            pauses.maybe();
        }
    });
    Pauses pauses(3);
    const auto began = Clock::now();
    for (std::uint64_t value = 0; value < count; ++value) {
        ASSERT_EQ(engine->receive(), value + 2);
        pauses.maybe();
    }
    sender.join();
    EXPECT_EQ(engine->stop(), DrainResult::idle);
    EXPECT_GT(engine->workers()->counters().parks, 100u);
    EXPECT_LT(Clock::now() - began, 60s);
}

}  // namespace
}  // namespace roda
