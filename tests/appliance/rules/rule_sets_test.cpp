// SPDX-License-Identifier: Apache-2.0
#include "appliance/rules/rule_sets.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "pipeline/base/error.hpp"
#include "tests/appliance/rules/rule_samples.hpp"

namespace roda::appliance {
namespace {

using Numbers = std::vector<std::uint32_t>;

constexpr double infinity = std::numeric_limits<double>::infinity();

Numbers list(std::span<const std::uint32_t> numbers) {
    return {numbers.begin(), numbers.end()};
}

Rule rate_of(double per_second) {
    Rule rule = rule_of(RuleKind::rate, "rate");
    rule.per_second = per_second;
    return rule;
}

Rule deviation_of(double sigmas) {
    Rule rule = rule_of(RuleKind::deviation, "deviation");
    rule.sigmas = sigmas;
    return rule;
}

/// A figure that is less than this one, but by no more than what some roundings make.
void expect_just_below(double figure, double rules) {
    EXPECT_LT(figure, rules);
    EXPECT_GT(figure, rules * (1.0 - 1e-14));
}

TEST(RuleSets, TheEmptySetIsThereFromTheBeginning) {
    RuleSets sets(4);
    EXPECT_EQ(sets.size(), 1u);
    EXPECT_EQ(sets.intern({}), 0u);
    EXPECT_EQ(list(sets[0].points), Numbers{});
    EXPECT_EQ(sets.watch_of(0).rate_per_ns, infinity);
    EXPECT_EQ(sets.watch_of(0).variances, infinity);
    EXPECT_FALSE(sets[0].is_watched);
}

TEST(RuleSets, EqualSetsAreOne) {
    const SampleBook sample(std::vector<Rule>(8, high_limit("rule")));
    RuleSets sets(1000);
    sets.clear(sample.book);
    std::map<Numbers, std::uint32_t> known = {{{}, 0}};
    std::mt19937 random(5);
    for (int i = 0; i < 2000; ++i) {
        Numbers points;
        for (std::uint32_t bits = random() % 256, point = 0; point < 8; ++point) {
            if ((bits >> point & 1) != 0) {
                points.push_back(point);
            }
        }
        const auto next = static_cast<std::uint32_t>(known.size());
        ASSERT_EQ(sets.intern(points), known.emplace(points, next).first->second);
    }
    ASSERT_EQ(known.size(), 256u);
    EXPECT_EQ(sets.size(), 256u);
    EXPECT_EQ(sets.refused(), 0u);
    for (const auto& [points, number] : known) {
        EXPECT_EQ(list(sets[number].points), points);
    }
}

TEST(RuleSets, WatchesForTheLeastRateAndTheLeastDeviation) {
    const SampleBook sample({rate_of(3e9),
                             rate_of(2e9),
                             deviation_of(5.0),
                             deviation_of(4.0),
                             high_limit("limit"),
                             rate_of(0.0)});
    RuleSets sets(8);
    sets.clear(sample.book);
    const std::uint32_t limit = sets.intern(Numbers{4});
    EXPECT_EQ(sets.watch_of(limit).rate_per_ns, infinity);
    EXPECT_EQ(sets.watch_of(limit).variances, infinity);
    EXPECT_FALSE(sets[limit].is_watched);
    const std::uint32_t rates = sets.intern(Numbers{0, 1, 4});
    expect_just_below(sets.watch_of(rates).rate_per_ns, 2.0);
    EXPECT_EQ(sets.watch_of(rates).variances, infinity);
    EXPECT_TRUE(sets[rates].is_watched);
    const std::uint32_t all = sets.intern(Numbers{0, 2, 3, 4});
    expect_just_below(sets.watch_of(all).rate_per_ns, 3.0);
    expect_just_below(sets.watch_of(all).variances, 16.0);
    EXPECT_TRUE(sets[all].is_watched);
    EXPECT_EQ(sets.watch_of(sets.intern(Numbers{5})).rate_per_ns, 0.0);
}

TEST(RuleSets, AreWatchedWhereNoQuietIntervalCanSpeak) {
    Rule of_window = high_limit("of_window");
    of_window.of = Figure::window_count;
    Rule of_average = high_limit("of_average");
    of_average.of = Figure::average;
    Rule three_of_five = high_limit("three_of_five");
    three_of_five.life.at_least = 3;
    three_of_five.life.of_last = 5;
    Rule delayed = high_limit("delayed");
    delayed.life.on_delay_ns = 5;
    const SampleBook sample({rate_of(1.0),
                             deviation_of(1.0),
                             rule_of(RuleKind::flatline, "flatline"),
                             of_window,
                             three_of_five,
                             high_limit("limit"),
                             of_average,
                             delayed,
                             rule_of(RuleKind::jump, "jump"),
                             rule_of(RuleKind::quality, "quality"),
                             rule_of(RuleKind::absence, "absence")});
    RuleSets sets(16);
    sets.clear(sample.book);
    std::set<std::uint32_t> watched;
    for (std::uint32_t point = 0; point < sample.book.points().size(); ++point) {
        if (sets[sets.intern(Numbers{point})].is_watched) {
            watched.insert(point);
        }
    }
    EXPECT_EQ(watched, (std::set<std::uint32_t>{0, 1, 2, 3}));
    EXPECT_TRUE(sets[sets.intern(Numbers{2, 5, 10})].is_watched);
}

TEST(RuleSets, RefuseAndCountASetTooMany) {
    const SampleBook sample(std::vector<Rule>(4, high_limit("rule")));
    RuleSets sets(2);
    sets.clear(sample.book);
    EXPECT_EQ(sets.intern(Numbers{0}), 1u);
    EXPECT_EQ(sets.intern(Numbers{1}), 2u);
    EXPECT_EQ(sets.intern(Numbers{2}), no_index);
    EXPECT_EQ(sets.intern(Numbers{0}), 1u);
    EXPECT_EQ(sets.intern({}), 0u);
    EXPECT_EQ(sets.refused(), 1u);
    EXPECT_EQ(sets.size(), 3u);
}

TEST(RuleSets, RefuseAndCountAPointTooMany) {
    const SampleBook sample(std::vector<Rule>(40, high_limit("rule")));
    RuleSets sets(2);  // and 32 points
    sets.clear(sample.book);
    Numbers many(31);
    std::iota(many.begin(), many.end(), 0);
    EXPECT_EQ(sets.intern(many), 1u);
    EXPECT_EQ(sets.intern(Numbers{38, 39}), no_index);
    EXPECT_EQ(sets.intern(Numbers{38}), 2u);
    EXPECT_EQ(sets.refused(), 1u);
    EXPECT_EQ(list(sets[1].points), many);
    EXPECT_EQ(list(sets[2].points), Numbers{38});
}

TEST(RuleSets, StartAnewForAnotherBook) {
    const SampleBook quiet(std::vector<Rule>(32, high_limit("rule")));
    const SampleBook watchful({high_limit("a"), rate_of(1e9)});
    RuleSets sets(2);
    sets.clear(quiet.book);
    Numbers many(31);
    std::iota(many.begin(), many.end(), 0);
    EXPECT_EQ(sets.intern(many), 1u);
    EXPECT_EQ(sets.intern(Numbers{1}), 2u);
    EXPECT_FALSE(sets[2].is_watched);
    sets.clear(watchful.book);
    EXPECT_EQ(sets.size(), 1u);
    EXPECT_EQ(sets.intern(Numbers{1}), 1u);
    EXPECT_TRUE(sets[1].is_watched);
    expect_just_below(sets.watch_of(1).rate_per_ns, 1.0);
    EXPECT_EQ(sets.intern(Numbers{0, 1}), 2u);
}

TEST(RuleSets, RefuseASizeThatIsAMistake) {
    EXPECT_THROW(RuleSets((1u << 24) + 1), StartupError);
    EXPECT_THROW(RuleSets(~std::uint32_t{0}), StartupError);
}

}  // namespace
}  // namespace roda::appliance
