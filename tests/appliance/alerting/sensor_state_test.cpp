// SPDX-License-Identifier: Apache-2.0
// A sensor's figures against the obvious formulas in long double, and the word of count and flags.
#include "appliance/alerting/sensor_state.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace roda::appliance {
namespace {

struct Figures {
    long double mean = 0.0L;
    long double average = 0.0L;
    long double variance = 0.0L;
};

// All values again, each time.
Figures model_of(const std::vector<double>& values, long double weight) {
    Figures figures{.mean = 0.0L, .average = values.front(), .variance = 0.0L};
    for (std::size_t i = 0; i < values.size(); ++i) {
        figures.mean += values[i] / static_cast<long double>(values.size());
        if (i != 0) {
            const long double off = values[i] - figures.average;
            figures.variance = (1.0L - weight) * (figures.variance + weight * off * off);
            figures.average += weight * off;
        }
    }
    return figures;
}

SensorState state_of(const std::vector<double>& values, double weight) {
    SensorState state{};
    state.begin(values.front(), 1);
    for (std::size_t i = 1; i < values.size(); ++i) {
        state.add(values[i], i + 1, weight);
    }
    return state;
}

TEST(SensorState, FiguresAreThoseOfTheModelOnRandomValues) {
    std::mt19937_64 random(21);
    for (const double weight : {1e-6, 0.1, 0.5, 1.0}) {
        for (const double scale : {1e-12, 1.0, 1e12}) {
            std::normal_distribution<double> normal(3.0 * scale, scale);
            std::vector<double> values;
            while (values.size() < 300) {
                values.push_back(normal(random));
                const SensorState state = state_of(values, weight);
                const Figures model = model_of(values, weight);
                const double near = 1e-12 * scale;
                ASSERT_EQ(state.count(), values.size());
                ASSERT_EQ(state.last, values.back());
                ASSERT_EQ(state.newest_ns, values.size());
                ASSERT_NEAR(state.mean, static_cast<double>(model.mean), near);
                ASSERT_NEAR(state.average, static_cast<double>(model.average), near);
                const auto variance = static_cast<double>(model.variance);
                ASSERT_NEAR(static_cast<double>(state.variance), variance, 1e-4 * variance + near);
                ASSERT_NEAR(state.deviation(), std::sqrt(static_cast<double>(state.variance)), 0.0);
            }
        }
    }
}

TEST(SensorState, BeginsWithAllFiguresAtTheFirstValueAndKeepsFlagsAndRules) {
    SensorState state{};
    EXPECT_EQ(state.count(), 0u);
    state.put(sensor_watched, true);
    state.set = 7;
    state.variance = 3.0F;
    state.begin(-2.5, 9);
    EXPECT_EQ(state.last, -2.5);
    EXPECT_EQ(state.mean, -2.5);
    EXPECT_EQ(state.average, -2.5);
    EXPECT_EQ(state.newest_ns, 9u);
    EXPECT_EQ(state.variance, 0.0F);
    EXPECT_EQ(state.count(), 1u);
    EXPECT_EQ(state.set, 7u);
    EXPECT_TRUE(state.has(sensor_watched));
    EXPECT_TRUE(state.has(sensor_heard));
    EXPECT_FALSE(state.has(sensor_edition));
}

TEST(SensorState, BeginsAnewWithACountOfOne) {
    SensorState state = state_of({1.0, 2.0, 3.0}, 0.5);
    state.put(sensor_edition, true);
    state.begin(10.0, 20);
    EXPECT_EQ(state.count_and_flags, SensorState::one_reading | sensor_heard | sensor_edition);
}

TEST(SensorState, FlagsAreEachTheirOwnAndLeaveTheCountAlone) {
    const std::vector<SensorFlag> flags = {
        sensor_heard, sensor_watched, sensor_unresolved, sensor_edition};
    for (std::uint32_t sum = 0; sum < 16; ++sum) {
        SensorState state{};
        state.count_and_flags = 5 * SensorState::one_reading;
        for (const SensorFlag flag : flags) {
            state.put(flag, (sum & flag) != 0);
        }
        EXPECT_EQ(state.count_and_flags, 5 * SensorState::one_reading + sum);
        for (const SensorFlag flag : flags) {
            EXPECT_EQ(state.has(flag), (sum & flag) != 0);
        }
        for (const SensorFlag flag : flags) {
            state.put(flag, false);
        }
        EXPECT_EQ(state.count_and_flags, 5 * SensorState::one_reading);
    }
}

TEST(SensorState, LateReadingsInARowAreCountedBesideFlagsAndCount) {
    SensorState state{};
    const std::uint32_t others = 5 * SensorState::one_reading + sensor_heard + sensor_edition;
    state.count_and_flags = others;
    for (const std::uint32_t late : {1u, 15u, 8u, 0u}) {
        state.put_late_in_a_row(late);
        EXPECT_EQ(state.late_in_a_row(), late);
        EXPECT_EQ(state.count_and_flags, others + late * sensor_late);
    }
}

TEST(SensorState, TheCountStopsAtItsMostAndFlagsStay) {
    SensorState state{};
    state.begin(4.0, 1);
    state.count_and_flags = (SensorState::most_readings - 1) << SensorState::flag_bits;
    state.put(sensor_watched, true);
    state.put_late_in_a_row(15);
    const std::uint32_t flags = sensor_heard | sensor_watched | 15u * sensor_late;
    const std::uint32_t full = SensorState::most_readings << SensorState::flag_bits;
    for (int i = 0; i < 3; ++i) {
        state.put(sensor_heard, false);
        state.add(5.0, 2, 0.5);
        ASSERT_EQ(state.count_and_flags, full | flags);
        ASSERT_EQ(state.count(), SensorState::most_readings);
    }
    EXPECT_NEAR(state.mean, 4.0 + 3.0 / SensorState::most_readings, 1e-9);
}

TEST(SensorState, TheMeanOfHugeValuesStaysFiniteAndComesBack) {
    const double most = std::numeric_limits<double>::max();
    SensorState state{};
    state.begin(most, 1);
    state.add(-most, 2, 0.5);
    EXPECT_EQ(state.mean, 0.0);
    for (int i = 0; i < 100; ++i) {
        state.add(i % 2 == 0 ? most : -most, 3, 0.5);
        ASSERT_TRUE(std::isfinite(state.mean));
        ASSERT_TRUE(std::isfinite(state.average));
    }
    EXPECT_NEAR(state.mean / most, 0.0, 1e-12);
}

// What the quiet interval rests on (quiet.cpp), also where halves are not exact.
TEST(SensorState, TheMeanNeverLeavesItsValues) {
    std::mt19937_64 random(22);
    for (const double unit : {std::numeric_limits<double>::denorm_min(), 0.1, 1e307}) {
        std::uniform_int_distribution<int> small(-9, 9);
        for (int run = 0; run < 3'000; ++run) {
            double low = small(random) * unit;
            double high = low;
            SensorState state{};
            state.begin(low, 1);
            for (int i = 0; i < 30; ++i) {
                const double value = small(random) * unit;
                low = std::min(low, value);
                high = std::max(high, value);
                state.add(value, 1, 0.5);
                ASSERT_LE(low, state.mean);
                ASSERT_GE(high, state.mean);
            }
        }
    }
}

}  // namespace
}  // namespace roda::appliance
