// SPDX-License-Identifier: Apache-2.0
// Which stage runs on which thread and core, and where its memory is taken.
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>
#include <string>
#include <thread>

#include "tests/pipeline/engine/engines.hpp"
#include "tests/pipeline/engine/host.hpp"

namespace roda {
namespace {

/// Where user code ran.
struct Seen {
    int thread = -1;
    int core = -1;

    friend bool operator==(const Seen&, const Seen&) = default;
};

Seen here() {
    return {::gettid(), ::sched_getcpu()};
}

TEST(EngineThreads, StagesThatNameTheSameCoreShareAThreadThere) {
    const std::uint32_t core = an_allowed_core();
    Seen first;
    Seen other;
    Seen last;
    const auto note = [](Seen& seen) { return inspect([&seen](std::uint64_t) { seen = here(); }); };
    auto engine = roda::engine<std::uint64_t>({.journal_records = 256})
                      .stage({.name = "a", .core = core}, note(first))
                      .stage({.name = "b"}, note(other))
                      .stage({.name = "c", .core = core}, note(last))
                      .build();
    engine->run();
    ASSERT_TRUE(engine->send(1));
    EXPECT_EQ(engine->receive(), 1u);
    EXPECT_EQ(engine->stop(), DrainResult::idle);
    EXPECT_EQ(first, last);
    EXPECT_EQ(first.core, static_cast<int>(core));
    EXPECT_NE(first.thread, other.thread);
    EXPECT_EQ(engine->workers()->all().size(), 2u);
}

TEST(EngineThreads, StagesOnASharedCoreLoseNothingThroughSmallJournals) {
    const std::uint32_t core = an_allowed_core();
    auto engine = roda::engine<std::uint64_t>({.journal_records = 256})
                      .stage({.name = "a", .core = core}, map(plus_one))
                      .stage({.name = "b", .core = core}, map(plus_one))
                      .stage({.name = "c"}, map(plus_one))
                      .build();
    engine->run();
    constexpr std::uint64_t count = 50'000;
    std::thread sender([&] {
        for (std::uint64_t value = 0; value < count; ++value) {
            ASSERT_TRUE(engine->send(value));
        }
    });
    for (std::uint64_t value = 0; value < count; ++value) {
        ASSERT_EQ(engine->receive(), value + 3);
    }
    sender.join();
}

/// Notes on which core it is copied: into the stage, while the stage's memory is taken.
struct CoreWitness {
    int* copied_on;

    explicit CoreWitness(int* where) : copied_on(where) {}

    CoreWitness(const CoreWitness& other) : copied_on(other.copied_on) { *copied_on = here().core; }

    std::uint64_t operator()(std::uint64_t value) const { return value; }
};

TEST(EngineThreads, MemoryOfAStageIsTakenOnItsCoreAndTheBuilderPutBack) {
    cpu_set_t before;
    ::sched_getaffinity(0, sizeof(before), &before);
    for (const std::uint32_t core : CoreMap::of_this_host().allowed) {
        int copied_on = -1;
        const auto engine = roda::engine<std::uint64_t>({.journal_records = 256})
                                .stage({.name = "a", .core = core}, map(CoreWitness(&copied_on)))
                                .build();
        EXPECT_EQ(copied_on, static_cast<int>(core));
    }
    cpu_set_t after;
    ::sched_getaffinity(0, sizeof(after), &after);
    EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

TEST(EngineThreads, FaultsOfTheCoresAreAStartupErrorBeforeMemoryIsTaken) {
    auto builder = roda::engine<std::uint64_t>({.journal_records = std::uint64_t{1} << 50})
                       .stage({.name = "first", .core = 4'000}, map(plus_one))
                       .stage({.name = "second", .core = 5'000}, map(plus_one));
    try {
        (void)std::move(builder).build();
        FAIL() << "cores 4000 and 5000";
    } catch (const StartupError& error) {
        const std::string said = error.what();
        EXPECT_NE(said.find("first: core 4000 "), std::string::npos) << said;
        EXPECT_NE(said.find("second: core 5000 "), std::string::npos) << said;
    }
}

}  // namespace
}  // namespace roda
