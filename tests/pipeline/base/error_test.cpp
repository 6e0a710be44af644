// SPDX-License-Identifier: Apache-2.0
#include "pipeline/base/error.hpp"

#include <gtest/gtest.h>

#include "pipeline/base/check.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/base/pod.hpp"

namespace roda {
namespace {

TEST(StartupError, SaysWhereWhatAndWhatToDo) {
    const StartupError error("cannot open", "/some/file", "check the permissions");
    EXPECT_STREQ(error.what(), "/some/file: cannot open (check the permissions)");
    EXPECT_EQ(error.where(), "/some/file");
    EXPECT_EQ(error.hint(), "check the permissions");
}

TEST(StartupError, LeavesOutWhatIsNotKnown) {
    EXPECT_STREQ(StartupError("cannot open", "", "").what(), "cannot open");
    EXPECT_STREQ(StartupError("cannot open", "here", "").what(), "here: cannot open");
    EXPECT_STREQ(StartupError("cannot open", "", "look").what(), "cannot open (look)");
}

TEST(CheckDeathTest, AbortsWithFileLineAndInvariant) {
    check(true, "one is one");
    EXPECT_DEATH(check(false, "one is two"),
                 "error_test\\.cpp:[0-9]+: broken invariant: one is two");
}

TEST(Clock, UnixTimeAndMonotonicTimeGoOn) {
    EXPECT_GT(unix_now_ns(), 1'600'000'000'000'000'000u);
    const std::uint64_t before = monotonic_now_ns();
    EXPECT_LE(before, monotonic_now_ns());
}

struct Padded {
    std::uint8_t a;
    std::uint32_t b;
};

struct TwoWords {
    std::uint64_t a;
    std::uint64_t b;
};

struct Virtual {
    virtual ~Virtual() = default;
};

static_assert(Key<std::uint64_t> && Key<TwoWords> && Key<std::uint8_t>);
static_assert(!Key<Padded> && !Key<double>);
static_assert(Pod<Padded> && Pod<double> && !Pod<Virtual> && !Pod<int*>);
static_assert(SharedPod<TwoWords> && !SharedPod<Padded> && !SharedPod<std::uint32_t>);

}  // namespace
}  // namespace roda
