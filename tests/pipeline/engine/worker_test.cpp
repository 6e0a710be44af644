// SPDX-License-Identifier: Apache-2.0
#include "pipeline/engine/worker.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "pipeline/base/clock.hpp"
#include "pipeline/base/error.hpp"
#include "pipeline/engine/idle.hpp"

namespace roda {
namespace {

using namespace std::chrono_literals;

void wait_until(const auto& condition) {
    const auto end = std::chrono::steady_clock::now() + 5s;
    while (!condition() && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(100us);
    }
    EXPECT_TRUE(condition());
}

std::uint32_t an_allowed_core() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    ::sched_getaffinity(0, sizeof(allowed), &allowed);
    std::uint32_t core = 0;
    while (!CPU_ISSET(core, &allowed)) {
        ++core;
    }
    return core;
}

TEST(Worker, TakesTurnsAndCountsBusyAndIdleOnes) {
    std::atomic<int> left{5};
    Worker worker({"counter", std::nullopt},
                  [&] { return left > 0 ? static_cast<std::size_t>(left--) : 0u; });
    wait_until([&] { return worker.counters().idle_turns > 3; });
    EXPECT_EQ(worker.counters().busy_turns, 5u);
    EXPECT_EQ(worker.failure(), "");
}

TEST(Worker, RemembersItsLongestBusyTurn) {
    std::atomic<bool> once{true};
    Worker worker({"slow", std::nullopt}, [&]() -> std::size_t {
        if (!once.exchange(false)) {
            return 0;
        }
        std::this_thread::sleep_for(5ms);
        return 1;
    });
    wait_until([&] { return worker.counters().idle_turns > 0; });
    EXPECT_GE(worker.counters().turn_max_ns, 5'000'000u);
}

TEST(Worker, DrainEndsWhenATurnFindsNothing) {
    std::atomic<int> left{1'000};
    Worker worker({"drain", std::nullopt},
                  [&] { return left > 0 ? static_cast<std::size_t>(left--) : 0u; });
    EXPECT_TRUE(worker.drain(5s));
    EXPECT_EQ(left, 0);
}

TEST(Worker, DrainGivesUpOnWorkWithoutEnd) {
    Worker worker({"endless", std::nullopt}, [] { return std::size_t{1}; });
    EXPECT_FALSE(worker.drain(10ms));
}

TEST(Worker, KeepsWhyItEndedWithItsName) {
    Worker worker({"poller", std::nullopt},
                  []() -> std::size_t { throw std::runtime_error("gone"); });
    wait_until([&] { return !worker.failure().empty(); });
    EXPECT_EQ(worker.failure(), "poller: gone");
    EXPECT_TRUE(worker.drain(5s)) << "an ended worker has nothing to drain";
}

TEST(Worker, KeepsThatItEndedForAnyKindOfException) {
    Worker worker({"poller", std::nullopt}, []() -> std::size_t { throw 42; });
    wait_until([&] { return !worker.failure().empty(); });
    EXPECT_EQ(worker.failure(), "poller: unknown exception");
}

TEST(Worker, RunsUnderItsNameOnItsCore) {
    const std::uint32_t core = an_allowed_core();
    std::atomic<int> seen_core{-1};
    std::atomic<bool> named{false};
    Worker worker({"a-name-longer-than-linux-keeps", core}, [&]() -> std::size_t {
        char name[16] = {};
        ::pthread_getname_np(::pthread_self(), name, sizeof(name));
        named = std::string(name) == "a-name-longer-t";
        cpu_set_t own;
        CPU_ZERO(&own);
        ::sched_getaffinity(0, sizeof(own), &own);
        seen_core = CPU_COUNT(&own) == 1 ? ::sched_getcpu() : -1;
        return 0;
    });
    wait_until([&] { return named && seen_core == static_cast<int>(core); });
}

TEST(Worker, MissingCoreIsAStartupError) {
    try {
        Worker worker({"poller", 1'000'000u}, [] { return std::size_t{0}; });
        FAIL() << "core 1000000";
    } catch (const StartupError& error) {
        EXPECT_STREQ(error.what(),
                     "worker poller: core 1000000 is not there for this process (choose one of "
                     "`taskset -p $$`, or leave the cores out)");
    }
}

TEST(Idle, SleepsOnlyAfterItsSpinAndPauseTurns) {
    Idle idle;
    for (std::uint32_t turn = 0; turn < Idle::spin_turns + Idle::pause_turns; ++turn) {
        idle.wait();
    }
    const std::uint64_t before_ns = monotonic_now_ns();
    idle.wait();
    EXPECT_GE(monotonic_now_ns() - before_ns, static_cast<std::uint64_t>(Idle::park_ns));
    idle.reset();
    std::uint64_t quickest_ns = ~std::uint64_t{0};  // others may take the core for a while
    for (int turn = 0; turn < 20; ++turn) {
        const std::uint64_t began_ns = monotonic_now_ns();
        idle.wait();
        quickest_ns = std::min(quickest_ns, monotonic_now_ns() - began_ns);
    }
    EXPECT_LT(quickest_ns, static_cast<std::uint64_t>(Idle::park_ns));
}

TEST(Worker, IdleWorkerCostsNextToNoCpu) {
    Worker worker({"idle", std::nullopt}, [] { return std::size_t{0}; });
    std::this_thread::sleep_for(10ms);
    const std::uint64_t before_ns = read_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    std::this_thread::sleep_for(100ms);
    EXPECT_LT(read_clock_ns(CLOCK_PROCESS_CPUTIME_ID) - before_ns, 50'000'000u);
}

}  // namespace
}  // namespace roda
