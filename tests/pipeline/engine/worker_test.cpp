// SPDX-License-Identifier: Apache-2.0
#include "pipeline/engine/worker.hpp"
#include "pipeline/base/error.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/pipeline/engine/host.hpp"

namespace roda {
namespace {

using namespace std::chrono_literals;

/// A turn that finds work `left` times.
auto turns(std::atomic<int>& left) {
    return [&left] { return left > 0 ? static_cast<std::size_t>(left--) : 0u; };
}

TEST(Worker, TakesTurnsAndCountsBusyAndIdleOnes) {
    std::atomic<int> left{5};
    Worker worker({.name = "counter"}, turns(left));
    worker.start();
    wait_until([&] { return worker.counters().idle_turns > 3; });
    EXPECT_EQ(worker.counters().busy_turns, 5u);
    EXPECT_EQ(worker.failure(), "");
}

TEST(Worker, RunsNothingBeforeItIsStarted) {
    std::atomic<int> left{5};
    Worker worker({.name = "later"}, turns(left));
    EXPECT_TRUE(worker.drain(0ms));
    EXPECT_EQ(left, 5);
}

TEST(Worker, RemembersItsLongestBusyTurnAndCountsStalls) {
    std::atomic<int> left{3};
    Worker worker({.name = "slow", .stall_ns = 2'000'000}, [&]() -> std::size_t {
        if (left == 0) {
            return 0;
        }
        std::this_thread::sleep_for(left == 2 ? 5ms : 0ms);
        --left;
        return 1;
    });
    worker.start();
    wait_until([&] { return worker.counters().idle_turns > 0; });
    EXPECT_GE(worker.counters().turn_max_ns, 5'000'000u);
    EXPECT_GE(worker.counters().stalls, 1u);
}

TEST(Worker, WithoutALimitNoTurnIsAStall) {
    std::atomic<bool> once{true};
    Worker worker({.name = "slow"}, [&]() -> std::size_t {
        std::this_thread::sleep_for(1ms);
        return once.exchange(false) ? 1 : 0;
    });
    worker.start();
    wait_until([&] { return worker.counters().idle_turns > 0; });
    EXPECT_EQ(worker.counters().stalls, 0u);
}

TEST(Worker, TurnThatHangsIsSeenWhileItHangs) {
    std::atomic<bool> hangs{true};
    std::atomic<bool> entered{false};
    Worker worker({.name = "hangs"}, [&]() -> std::size_t {
        entered = true;
        while (hangs) {
            std::this_thread::sleep_for(1ms);
        }
        return 0;
    });
    EXPECT_EQ(worker.in_turn_ns(), 0u);
    worker.start();
    wait_until([&] { return entered.load() && worker.in_turn_ns() > 10'000'000; });
    hangs = false;
    EXPECT_TRUE(worker.drain(5s));
    EXPECT_EQ(worker.in_turn_ns(), 0u);
}

TEST(Worker, TurnKnowsWhenItBegan) {
    Worker* self = nullptr;
    std::atomic<bool> right{true};
    std::atomic<std::uint64_t> turns_taken{0};
    Worker worker({.name = "knows"}, [&]() -> std::size_t {
        const std::uint64_t now_ns = monotonic_now_ns();
        const std::uint64_t began_ns = self->turn_began_ns();
        if (began_ns > now_ns || now_ns - began_ns > 5'000'000'000) {
            right = false;
        }
        return ++turns_taken < 100 ? 1 : 0;
    });
    self = &worker;
    worker.start();
    wait_until([&] { return turns_taken > 100; });
    EXPECT_TRUE(right);
}

TEST(Worker, DrainEndsWhenATurnFindsNothing) {
    std::atomic<int> left{1'000};
    Worker worker({.name = "drain"}, turns(left));
    worker.start();
    EXPECT_TRUE(worker.drain(5s));
    EXPECT_EQ(left, 0);
}

TEST(Worker, DrainGivesUpOnWorkWithoutEnd) {
    Worker worker({.name = "endless"}, [] { return std::size_t{1}; });
    worker.start();
    EXPECT_FALSE(worker.drain(10ms));
}

TEST(Worker, KeepsWhyItEndedWithItsName) {
    Worker worker({.name = "poller"}, []() -> std::size_t { throw std::runtime_error("gone"); });
    worker.start();
    wait_until([&] { return !worker.failure().empty(); });
    EXPECT_EQ(worker.failure(), "poller: gone");
    EXPECT_TRUE(worker.drain(5s)) << "an ended worker has nothing to drain";
    EXPECT_EQ(worker.in_turn_ns(), 0u) << "nor is it in a turn";
}

TEST(Worker, KeepsThatItEndedForAnyKindOfException) {
    Worker worker({.name = "poller"}, []() -> std::size_t { throw 42; });
    worker.start();
    wait_until([&] { return !worker.failure().empty(); });
    EXPECT_EQ(worker.failure(), "poller: unknown exception");
}

TEST(Worker, IsOnItsCoreUnderItsNameFromTheFirstTurnOn) {
    const std::uint32_t core = an_allowed_core();
    std::atomic<int> first{0};  // 1: as it should be, 2: not
    Worker worker({.name = "a-name-longer-than-linux-keeps", .core = core}, [&]() -> std::size_t {
        char name[16] = {};
        ::pthread_getname_np(::pthread_self(), name, sizeof(name));
        cpu_set_t own;
        CPU_ZERO(&own);
        ::sched_getaffinity(0, sizeof(own), &own);
        const bool right = std::string(name) == "a-name-longer-t" && CPU_COUNT(&own) == 1 &&
                           ::sched_getcpu() == static_cast<int>(core);
        int none = 0;
        first.compare_exchange_strong(none, right ? 1 : 2);
        return 0;
    });
    worker.start();
    wait_until([&] { return first != 0; });
    EXPECT_EQ(first, 1);
}

TEST(Worker, CoreThatTheKernelRefusesIsSaidAtStart) {
    Worker worker({.name = "poller", .core = 1'000'000}, [] { return std::size_t{0}; });
    try {
        worker.start();
        FAIL() << "started";
    } catch (const StartupError& error) {
        EXPECT_EQ(std::string(error.what()),
                  "worker poller: the kernel refuses core 1000000 (a cpuset or a container's "
                  "limits: see `taskset -p`)");
    }
}

TEST(Worker, NappingWorkerCostsLittleCpu) {
    Worker worker({.name = "naps"}, [] { return std::size_t{0}; });
    worker.start();
    std::this_thread::sleep_for(10ms);
    EXPECT_LT(cpu_used_during(100ms), 50ms);
    EXPECT_EQ(worker.counters().parks, 0u);
}

TEST(Worker, ParkedWorkerCostsNoCpu) {
    Bell bell;
    Worker worker({.name = "parks", .bell = &bell}, [] { return std::size_t{0}; });
    worker.start();
    wait_until([&] { return worker.counters().parks > 0; });
    EXPECT_LT(cpu_used_during(300ms), 5ms);
    EXPECT_EQ(worker.in_turn_ns(), 0u) << "asleep is not in a turn";
}

// The bell's patience alone would bring each piece of work within 50 ms, 25 ms on average.
TEST(Worker, RingWakesAParkedWorkerAtOnce) {
    Bell bell;
    std::atomic<int> left{0};
    Worker worker({.name = "parks", .bell = &bell}, turns(left));
    worker.start();
    std::vector<std::chrono::nanoseconds> delays;
    for (int round = 0; round < 15; ++round) {
        const std::uint64_t parks = worker.counters().parks;
        wait_until([&] { return worker.counters().parks > parks; });
        const auto began = std::chrono::steady_clock::now();
        left = 1;
        worker.ring();
        while (left != 0) {
            std::this_thread::yield();
        }
        delays.push_back(std::chrono::steady_clock::now() - began);
    }
    EXPECT_LT(median(delays), 10ms);
}

TEST(Worker, StoppingAParkedWorkerDoesNotWaitForItsPatience) {
    std::vector<std::chrono::nanoseconds> delays;
    for (int round = 0; round < 9; ++round) {
        Bell bell;
        Worker worker({.name = "parks", .bell = &bell}, [] { return std::size_t{0}; });
        worker.start();
        wait_until([&] { return worker.counters().parks > 0; });
        const auto began = std::chrono::steady_clock::now();
        EXPECT_TRUE(worker.drain(5s));
        delays.push_back(std::chrono::steady_clock::now() - began);
    }
    EXPECT_LT(median(delays), 10ms);
}

TEST(WorkerDeathTest, StartsOnce) {
    EXPECT_DEATH(
        {
            Worker worker({.name = "twice"}, [] { return std::size_t{0}; });
            worker.start();
            worker.start();
        },
        "a worker starts once");
}

}  // namespace
}  // namespace roda
