// SPDX-License-Identifier: Apache-2.0
#include "pipeline/engine/workers.hpp"

#include <gtest/gtest.h>
#include <atomic>
#include <chrono>
#include <stdexcept>

#include "pipeline/base/error.hpp"
#include "pipeline/store/journal.hpp"
#include "tests/pipeline/engine/host.hpp"

namespace roda {
namespace {

using namespace std::chrono_literals;

TEST(Workers, AllFaultsOfThePlacementComeAtOnceAndNoThreadRuns) {
    const std::uint32_t core = an_allowed_core();
    std::atomic<int> turns{0};
    const auto turn = [&] {
        ++turns;
        return std::size_t{0};
    };
    Workers workers;
    workers.add({.name = "one", .core = core}, turn);
    workers.add({.name = "two", .core = core}, turn);
    workers.add({.name = "three", .core = 4'000}, turn);
    try {
        workers.start();
        FAIL() << "two faults";
    } catch (const StartupError& error) {
        const std::string said = error.what();
        EXPECT_NE(said.find("two: core " + std::to_string(core) + " is one's already"),
                  std::string::npos)
            << said;
        EXPECT_NE(said.find("three: core 4000 "), std::string::npos) << said;
    }
    EXPECT_TRUE(workers.stop(0ms));
    EXPECT_EQ(turns, 0);
}

// The low-level form: a store, two turns, a bell.
TEST(Workers, StopDrainsThroughAJournalInTheOrderOfAdding) {
    constexpr std::uint64_t count = 100'000;
    Journal<std::uint64_t, FullPolicy::wait> journal({.capacity_records = 256});
    auto reader = journal.reader();
    Bell journal_bell;
    std::uint64_t produced = 0;
    std::atomic<std::uint64_t> consumed{0};
    Workers workers;
    workers.add({.name = "produce"}, [&]() -> std::size_t {
        const std::span<std::uint64_t> slot = journal.claim(1);
        if (produced == count) {
            return 0;
        }
        if (!slot.empty()) {
            slot[0] = ++produced;
            journal.publish(1);
            journal_bell.ring();
        }
        return 1;
    });
    workers.add({.name = "consume", .bell = &journal_bell}, [&] {
        const std::size_t taken = reader.peek(64).size();
        reader.advance(taken);
        consumed += taken;
        return taken;
    });
    workers.start();
    EXPECT_TRUE(workers.stop(10s));
    EXPECT_EQ(consumed, count);
    EXPECT_EQ(workers.failure(), "");
    EXPECT_GE(workers.counters().busy_turns, count) << "over both";
}

TEST(Workers, StopTellsThatThereWasStillWork) {
    Workers workers;
    workers.add({.name = "endless"}, [] { return std::size_t{1}; });
    workers.start();
    EXPECT_FALSE(workers.stop(5ms));
}

TEST(Workers, FailureIsTheOneOfTheWorkerThatFailed) {
    Workers workers;
    workers.add({.name = "well"}, [] { return std::size_t{0}; });
    workers.add({.name = "ill"}, []() -> std::size_t { throw std::runtime_error("fever"); });
    workers.start();
    wait_until([&] { return !workers.failure().empty(); });
    EXPECT_EQ(workers.failure(), "ill: fever");
    wait_until([&] { return workers.counters().idle_turns > 0; });
}

TEST(Workers, DestructionEndsWorkWithoutEnd) {
    Workers workers;
    workers.add({.name = "endless"}, [] { return std::size_t{1}; });
    workers.start();
}

}  // namespace
}  // namespace roda
