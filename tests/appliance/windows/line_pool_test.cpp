// SPDX-License-Identifier: Apache-2.0
#include "appliance/windows/line_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <vector>

#include "appliance/rules/alarm_point.hpp"

namespace roda::appliance {
namespace {

TEST(LinePool, GivesAllItsLinesAndNoMore) {
    LinePool pool(10 * LinePool::line_bytes + 63);
    EXPECT_EQ(pool.take(11), no_index);
    EXPECT_EQ(pool.take(4), 0u);
    EXPECT_EQ(pool.take(6), 4u);
    EXPECT_EQ(pool.take(1), no_index);
    EXPECT_EQ(pool.free_lines(), 0u);
}

TEST(LinePool, OfNoMemoryGivesNothing) {
    LinePool pool(0);
    EXPECT_EQ(pool.take(1), no_index);
}

TEST(LinePool, LinesGivenBackInAnyOrderAreOneRunAgain) {
    LinePool pool(100 * LinePool::line_bytes);
    std::vector<std::uint32_t> runs;
    for (int i = 0; i < 20; ++i) {
        runs.push_back(pool.take(5));
    }
    std::mt19937_64 random(1);
    std::shuffle(runs.begin(), runs.end(), random);
    for (const std::uint32_t run : runs) {
        EXPECT_EQ(pool.take(100), no_index);
        pool.give_back(run, 5);
    }
    EXPECT_EQ(pool.take(100), 0u);
}

TEST(LinePool, TakesFromRunsThatBarelyFit) {
    LinePool pool(300 * LinePool::line_bytes);
    const std::uint32_t first = pool.take(100);
    ASSERT_EQ(pool.take(200), 100u);
    pool.give_back(first, 100);
    EXPECT_EQ(pool.take(101), no_index);
    EXPECT_EQ(pool.take(99), first);
    EXPECT_EQ(pool.take(1), 99u);
}

/// Each run is filled with its own byte, and must still be when it goes.
TEST(LinePool, RunsNeverOverlap) {
    constexpr std::uint32_t size = 2000;
    LinePool pool(size * LinePool::line_bytes);
    std::map<std::uint32_t, std::pair<std::uint32_t, unsigned char>> taken;
    std::uint32_t free = size;
    std::mt19937_64 random(2);
    for (int step = 0; step < 20'000; ++step) {
        if (random() % 2 == 0) {
            const auto lines = static_cast<std::uint32_t>(1 + random() % (random() % 8 ? 20 : 200));
            const std::uint32_t run = pool.take(lines);
            if (run != no_index) {
                ASSERT_LE(run + lines, size);
                const auto mark = static_cast<unsigned char>(random());
                std::memset(pool.at(run), mark, lines * LinePool::line_bytes);
                ASSERT_TRUE(taken.try_emplace(run, lines, mark).second);
                free -= lines;
            }
        } else if (!taken.empty()) {
            auto run = taken.lower_bound(static_cast<std::uint32_t>(random() % size));
            run = run == taken.end() ? taken.begin() : run;
            const auto [lines, mark] = run->second;
            for (std::size_t i = 0; i < lines * LinePool::line_bytes; ++i) {
                ASSERT_EQ(static_cast<unsigned char>(pool.at(run->first)[i]), mark);
            }
            pool.give_back(run->first, lines);
            free += lines;
            taken.erase(run);
        }
        ASSERT_EQ(pool.free_lines(), free);
    }
    for (const auto& [run, rest] : taken) {
        pool.give_back(run, rest.first);
    }
    EXPECT_EQ(pool.take(size), 0u);
}

}  // namespace
}  // namespace roda::appliance
