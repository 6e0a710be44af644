// SPDX-License-Identifier: Apache-2.0
#include "pipeline/engine/thread_plan.hpp"

#include <gtest/gtest.h>

#include "pipeline/base/error.hpp"
#include "tests/pipeline/engine/host.hpp"

namespace roda {
namespace {

TEST(ThreadPlan, StageWithoutACoreHasAThreadOfItsOwn) {
    const std::vector<StageOptions> stages{{.name = "a"}, {.name = "b"}};
    const ThreadPlan plan(stages, false);
    ASSERT_EQ(plan.threads().size(), 2u);
    EXPECT_EQ(plan.threads()[0].name, "a");
    EXPECT_EQ(plan.threads()[1].name, "b");
    EXPECT_EQ(plan.threads()[0].core, std::nullopt);
    EXPECT_EQ(plan.thread_of(0), 0u);
    EXPECT_EQ(plan.thread_of(1), 1u);
}

TEST(ThreadPlan, StagesThatNameTheSameCoreShareAThread) {
    const std::uint32_t core = an_allowed_core();
    const std::vector<StageOptions> stages{
        {.name = "a", .core = core}, {.name = "b"}, {.name = "c", .core = core}};
    const ThreadPlan plan(stages, false);
    ASSERT_EQ(plan.threads().size(), 2u);
    EXPECT_EQ(plan.threads()[0].name, "a+c");
    EXPECT_EQ(plan.threads()[0].core, core);
    EXPECT_EQ(plan.thread_of(0), 0u);
    EXPECT_EQ(plan.thread_of(1), 1u);
    EXPECT_EQ(plan.thread_of(2), 0u);
}

TEST(ThreadPlan, CoresAreChecked) {
    const std::vector<StageOptions> stages{{.name = "a", .core = 1'000'000}};
    EXPECT_THROW(ThreadPlan(stages, false), StartupError);
}

}  // namespace
}  // namespace roda
