// SPDX-License-Identifier: Apache-2.0
#include "appliance/windows/quantile_sketch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <vector>

namespace roda::appliance {
namespace {

constexpr double bound = 0.0193;
constexpr double one_sign_range = 7'500.0;
constexpr double both_signs_range = 83.0;

QuantileSketch sketch_of(const std::vector<double>& values) {
    QuantileSketch sketch;
    for (const double value : values) {
        sketch.add(value);
    }
    return sketch;
}

double exact(std::vector<double> values, std::uint32_t percent) {
    std::sort(values.begin(), values.end());
    const std::size_t rank = std::max<std::size_t>((values.size() * percent + 99) / 100, 1);
    return values[rank - 1];
}

std::vector<double> answers(const QuantileSketch& sketch) {
    std::vector<double> all;
    for (std::uint32_t percent = 0; percent <= 100; ++percent) {
        all.push_back(sketch.percentile(percent));
    }
    return all;
}

void expect_within_bound(const std::vector<double>& values) {
    const QuantileSketch sketch = sketch_of(values);
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    const double greatest = std::max(std::abs(*least), std::abs(*most));
    const double range = *least < 0.0 && *most > 0.0 ? both_signs_range : one_sign_range;
    for (std::uint32_t percent = 0; percent <= 100; ++percent) {
        const double expected = exact(values, percent);
        const double error = std::abs(sketch.percentile(percent) - expected);
        const bool is_small = std::abs(expected) < greatest / range;
        ASSERT_LE(error, is_small ? greatest / range : bound * std::abs(expected))
            << percent << " % of " << values.size() << " values is " << expected;
    }
}

std::vector<double> draw(std::size_t count, const std::function<double(std::mt19937_64&)>& one) {
    std::mt19937_64 random(count);
    std::vector<double> values;
    for (std::size_t i = 0; i < count; ++i) {
        values.push_back(one(random));
    }
    return values;
}

TEST(QuantileSketch, AnswersZeroOfNothing) {
    EXPECT_EQ(QuantileSketch{}.percentile(50), 0.0);
}

TEST(QuantileSketch, OneValueOfAnyMagnitudeIsWithinTheBound) {
    for (double value = 3e-308; value < 1e308; value *= 1.0037) {
        ASSERT_NEAR(sketch_of({value}).percentile(50) / value, 1.0, bound) << value;
        ASSERT_NEAR(sketch_of({-value}).percentile(99) / -value, 1.0, bound) << value;
    }
}

TEST(QuantileSketch, BordersOfItsBucketsAreWithinTheBound) {
    for (int i = 0; i <= 18; ++i) {
        const double border = std::exp2(i / 18.0);
        for (const double value : {std::nextafter(border, 0.0), border, border * (1 + 1e-15)}) {
            ASSERT_NEAR(sketch_of({value}).percentile(50) / value, 1.0, bound) << value;
        }
    }
}

TEST(QuantileSketch, GreatestDoublesStayFinite) {
    constexpr double greatest = std::numeric_limits<double>::max();
    const QuantileSketch sketch = sketch_of({-greatest, greatest});
    EXPECT_NEAR(sketch.percentile(50) / -greatest, 1.0, bound);
    EXPECT_NEAR(sketch.percentile(99) / greatest, 1.0, bound);
}

TEST(QuantileSketch, ZeroAndWhatIsNearlyZeroAreZero) {
    constexpr double tiny = std::numeric_limits<double>::denorm_min();
    EXPECT_EQ(answers(sketch_of({0.0, -0.0, tiny, -tiny})), std::vector<double>(101, 0.0));
}

TEST(QuantileSketch, QuantilesAreOfNearestRank) {
    const QuantileSketch sketch = sketch_of({-8.0, -1.0, 0.0, 1.0, 8.0});
    EXPECT_NEAR(sketch.percentile(20), -8.0, 8.0 * bound);
    EXPECT_NEAR(sketch.percentile(21), -1.0, bound);
    EXPECT_EQ(sketch.percentile(50), 0.0);
    EXPECT_NEAR(sketch.percentile(80), 1.0, bound);
    EXPECT_NEAR(sketch.percentile(81), 8.0, 8.0 * bound);
}

TEST(QuantileSketch, ManyValuesAreWithinTheBound) {
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> decades(-6.0, 6.0);
    expect_within_bound(draw(1000, [&](auto& random) { return 20.0 + normal(random); }));
    expect_within_bound(draw(1001, [&](auto& random) { return normal(random); }));
    expect_within_bound(draw(1002, [&](auto& random) { return -std::exp(normal(random)); }));
    expect_within_bound(draw(1003, [&](auto& random) { return std::pow(10.0, decades(random)); }));
    expect_within_bound(draw(1004, [&](auto& random) {
        return std::copysign(std::pow(10.0, decades(random)), normal(random));
    }));
}

TEST(QuantileSketch, ValuesBelowItsRangeAreCountedAsZero) {
    std::vector<double> values(90, 1e-9);
    values.insert(values.end(), 10, 1e9);
    const QuantileSketch sketch = sketch_of(values);
    EXPECT_EQ(sketch.percentile(90), 0.0);
    EXPECT_NEAR(sketch.percentile(91), 1e9, 1e9 * bound);
}

TEST(QuantileSketch, AnyOrderAndAnyMergeGiveTheSameAnswers) {
    std::mt19937_64 random(5);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> decades(-3.0, 3.0);
    for (std::size_t round = 0; round < 200; ++round) {
        std::vector<double> values;
        const double lean = normal(random);
        for (std::size_t i = 0; i < 1 + round; ++i) {
            values.push_back(std::copysign(std::pow(10.0, decades(random)), normal(random) + lean));
        }
        const std::vector<double> expected = answers(sketch_of(values));
        std::shuffle(values.begin(), values.end(), random);
        ASSERT_EQ(answers(sketch_of(values)), expected);

        QuantileSketch merged;
        for (std::size_t begin = 0; begin < values.size();) {
            const std::size_t end = std::min(values.size(), begin + 1 + random() % 50);
            merged.merge(sketch_of({values.data() + begin, values.data() + end}));
            begin = end;
        }
        ASSERT_EQ(answers(merged), expected);
    }
}

TEST(QuantileSketch, CountsThatAreFullStayFull) {
    QuantileSketch sketch = sketch_of({1.0});
    for (int doubling = 0; doubling < 40; ++doubling) {
        sketch.merge(QuantileSketch(sketch));
    }
    sketch.add(1.0);
    sketch.add(100.0);
    EXPECT_NEAR(sketch.percentile(99), 1.0, bound);
    EXPECT_NEAR(sketch.percentile(100), 100.0, 100.0 * bound);
}

}  // namespace
}  // namespace roda::appliance
