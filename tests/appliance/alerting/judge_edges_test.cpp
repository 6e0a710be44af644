// SPDX-License-Identifier: Apache-2.0
// Where each kind of rule is easily wrong: first readings, equal stamps, gaps, what is late, no
// number, or a counter that wraps.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "tests/appliance/alerting/judge_bench.hpp"
#include "tests/appliance/rules/rule_forms.hpp"

namespace roda::appliance {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

Rule high(double limit) {
    Rule rule = rule_of(RuleKind::limits);
    rule.hi = LevelLimit{limit};
    return rule;
}

Rule windowed(Figure of, double limit) {
    Rule rule = high(limit);
    rule.of = of;
    rule.window = {1000 * ms, 1000 * ms, 200 * ms};
    return rule;
}

/// A value and when it was measured.
using Values = std::vector<std::pair<double, double>>;

Lines lines_of(const Rule& rule, const Values& values) {
    JudgeBench bench({rule});
    double received = 0;
    for (const auto& [value, at_ms] : values) {
        received = std::max(received, at_ms);
        bench.read(1, value, at_ms, received);
    }
    return bench.lines();
}

TEST(LimitEdges, AFirstReadingMayFire) {
    EXPECT_EQ(lines_of(high(10.0), {{10.5, 3}}), (Lines{"firing rule.hi 1 at 3"}));
}

TEST(LimitEdges, ZeroHasNoSign) {
    Rule rule = rule_of(RuleKind::limits);
    rule.lo = LevelLimit{0.0};
    EXPECT_EQ(lines_of(rule, {{0.0, 0}, {-0.0, 1}}), Lines{});
    EXPECT_EQ(lines_of(rule, {{0.0, 0}, {-1e-300, 1}}), (Lines{"firing rule.lo 1 at 1"}));
}

TEST(LimitEdges, BeyondTheGreatestFloatLimitsAreExactToo) {
    EXPECT_EQ(lines_of(high(1e300), {{9.99e299, 0}, {1e300, 1}, {1.01e300, 2}}),
              (Lines{"firing rule.hi 1 at 2"}));
    const double close = std::nextafter(0.1, 1.0);  // no float lies between
    EXPECT_EQ(lines_of(high(0.1), {{0.1, 0}, {0.1, 1}, {close, 2}}),
              (Lines{"firing rule.hi 1 at 2"}));
}

TEST(LimitEdges, TheSameReadingTwiceIsOneAlert) {
    EXPECT_EQ(lines_of(high(10.0), {{11, 5}, {11, 5}, {1, 5}, {1, 5}}),
              (Lines{"firing rule.hi 1 at 5", "resolved rule.hi 1 at 5"}));
}

TEST(LimitEdges, WhatIsNoNumberNeitherFiresNorResolves) {
    EXPECT_EQ(lines_of(high(10.0), {{1, 0}, {infinity, 1}, {nan, 2}, {11, 3}, {-infinity, 4}}),
              (Lines{"firing rule.hi 1 at 3"}));
}

TEST(LimitEdges, OfTheMeanMoveWithEveryReading) {
    Rule rule = high(5.0);
    rule.of = Figure::mean;
    EXPECT_EQ(lines_of(rule, {{0, 0}, {10, 1}, {6, 2}, {5.2, 3}, {-20, 4}}),
              (Lines{"firing rule.hi 1 at 2", "resolved rule.hi 1 at 4"}));
}

TEST(RateEdges, AFirstReadingAndOneOfTheSameTimeHaveNoRate) {
    Rule rule = rule_of(RuleKind::rate);
    rule.per_second = 1.0;
    EXPECT_EQ(lines_of(rule, {{100, 0}, {500, 0}}), Lines{});
    EXPECT_EQ(lines_of(rule, {{0, 0}, {1, 1000}, {3, 2000}, {900, 2000}, {901, 3000}}),
              (Lines{"firing rule 1 at 2000", "resolved rule 1 at 3000"}));
}

TEST(RateEdges, AfterAGapTheWholeGapCounts) {
    Rule rule = rule_of(RuleKind::rate);
    rule.per_second = 1.0;
    EXPECT_EQ(lines_of(rule, {{0, 0}, {100, 100'000}, {-1, 200'000}}),
              (Lines{"firing rule 1 at 200000"}));
}

TEST(RateEdges, OfARisingCounterAWrapIsNoAlert) {
    Rule rule = rule_of(RuleKind::rate);
    rule.per_second = 1000.0;
    const Values values = {{4294967290.0, 0}, {4294967295.0, 1000}, {0, 2000}, {5, 3000}};
    rule.direction = Direction::rising;
    EXPECT_EQ(lines_of(rule, values), Lines{});
    rule.direction = Direction::falling;
    EXPECT_EQ(lines_of(rule, values), (Lines{"firing rule 1 at 2000", "resolved rule 1 at 3000"}));
}

TEST(RateEdges, IsMeasuredBetweenNumbersThatCameInOrder) {
    Rule rule = rule_of(RuleKind::rate);
    rule.per_second = 10.0;
    EXPECT_EQ(lines_of(rule, {{0, 0}, {nan, 500}, {10, 1000}, {0, 900}, {20, 2000}}), Lines{});
    EXPECT_EQ(lines_of(rule, {{0, 0}, {0, 900}, {nan, 950}, {10, 1000}, {10, 2000}}),
              (Lines{"firing rule 1 at 1000", "resolved rule 1 at 2000"}));
}

TEST(JumpEdges, ARatioOfOneAsksForTheAmountAlone) {
    Rule rule = rule_of(RuleKind::jump);
    rule.ratio = 1.0;
    rule.absolute = 2.0;
    EXPECT_EQ(lines_of(rule, {{-1, 0}, {1, 1}, {-1, 2}, {1.5, 3}, {1.5, 4}}),
              (Lines{"firing rule 1 at 3", "resolved rule 1 at 4"}));
}

TEST(JumpEdges, AgainstTheMeanIsAgainstTheMeanBefore) {
    Rule rule = rule_of(RuleKind::jump);
    rule.against = Reference::mean;
    rule.ratio = 2.0;
    EXPECT_EQ(lines_of(rule, {{10, 0}, {20, 1}, {30, 2}, {41, 3}, {10, 4}}),
              (Lines{"firing rule 1 at 3", "resolved rule 1 at 4"}));
}

TEST(DeviationEdges, OfAConstantAnyDifferenceIsOne) {
    Rule rule = rule_of(RuleKind::deviation);
    rule.min_readings = 3;
    EXPECT_EQ(lines_of(rule, {{5, 0}, {6, 1}}), Lines{});
    EXPECT_EQ(lines_of(rule, {{5, 0}, {5, 1}, {5, 2}, {5.001, 3}}), (Lines{"firing rule 1 at 3"}));
}

TEST(DeviationEdges, AnAverageThatIsRoundedIsNotOff) {
    Rule rule = rule_of(RuleKind::deviation);
    rule.min_readings = 2;
    PipelineConfig pipeline = JudgeBench::small();
    pipeline.ewma_weight = 0.3;
    JudgeBench bench({rule}, {}, pipeline);
    const std::vector<double> scales = {1.0, 1e20, 1e-24, 1e150, 1e-150};
    for (std::uint64_t id = 1; id < 2000; ++id) {
        const double value = static_cast<double>(id) * 0.1371 * scales[id % scales.size()];
        for (int at = 0; at < 20; ++at) {
            bench.read(id, value, at, 100.0 * static_cast<double>(id));
        }
    }
    EXPECT_EQ(bench.lines(), Lines{});
}

TEST(DeviationEdges, WhatIsTooSmallOrTooLargeForItsVarianceIsNotOff) {
    Rule rule = rule_of(RuleKind::deviation);
    rule.min_readings = 5;
    for (const double scale : {1e18, 1e19, 1e20, 1e-18, 1e-19, 1e-20, 1e-22, 1e150, 1e-150}) {
        Values values;
        for (int at = 0; at < 200; ++at) {
            values.emplace_back(scale * (5.0 + 0.7 * (at % 5)), at);
        }
        EXPECT_EQ(lines_of(rule, values), Lines{}) << scale;
    }
    for (const double scale : {1e17, 1e-17}) {
        Values values;
        for (int at = 0; at < 200; ++at) {
            values.emplace_back(scale * (5.0 + 0.7 * (at % 5)), at);
        }
        values.emplace_back(scale * 50.0, 200);
        EXPECT_EQ(lines_of(rule, values), (Lines{"firing rule 1 at 200"})) << scale;
    }
}

TEST(FlatlineEdges, TwoReadingsFarApartAreALine) {
    Rule rule = rule_of(RuleKind::flatline);
    rule.for_ns = 1000 * ms;
    EXPECT_EQ(lines_of(rule, {{5, 0}, {5, 999}}), Lines{});
    EXPECT_EQ(lines_of(rule, {{5, 0}, {5, 1000}}), (Lines{"firing rule 1 at 1000"}));
    EXPECT_EQ(lines_of(rule, {{5, 0}, {5, 60'000}}), (Lines{"firing rule 1 at 1000"}));
    EXPECT_EQ(lines_of(rule, {{5, 0}, {6, 60'000}}), Lines{});
}

TEST(FlatlineEdges, SmallStepsAwayEndTheLineAtTheTolerance) {
    Rule rule = rule_of(RuleKind::flatline);
    rule.for_ns = 1000 * ms;
    rule.tolerance = 1.0;
    EXPECT_EQ(lines_of(rule, {{5, 0}, {5.6, 400}, {6.2, 800}, {6.8, 1200}, {7.3, 1700}}), Lines{});
    EXPECT_EQ(lines_of(rule, {{5, 0}, {6, 400}, {4, 1000}, {3.9, 1100}}),
              (Lines{"firing rule 1 at 1000", "resolved rule 1 at 1100"}));
}

TEST(QualityEdges, TheFirstReadingMayBeNoNumber) {
    EXPECT_EQ(lines_of(rule_of(RuleKind::quality), {{nan, 0}, {nan, 1}, {0, 2}}),
              (Lines{"firing rule 1 at 0", "resolved rule 1 at 2"}));
}

TEST(QualityEdges, MOfNCountsWhatIsNoNumberAndWhatIs) {
    Rule rule = rule_of(RuleKind::quality);
    rule.life.at_least = 2;
    rule.life.of_last = 4;
    EXPECT_EQ(
        lines_of(rule, {{1, 0}, {nan, 1}, {1, 2}, {1, 3}, {1, 4}, {nan, 5}, {1, 6}, {nan, 7}}),
        (Lines{"firing rule 1 at 7"}));
}

TEST(WindowEdges, AReadingOfTheEndIsOfTheNextWindow) {
    const Rule rule = windowed(Figure::window_count, 2.0);
    EXPECT_EQ(lines_of(rule, {{1, 0}, {1, 999}, {1, 1000}, {1, 1001}, {1, 1200}}), Lines{});
    EXPECT_EQ(lines_of(rule, {{1, 0}, {1, 1}, {1, 999}, {1, 1200}}),
              (Lines{"firing rule.hi 1 at 1000"}));
}

TEST(WindowEdges, LateReadingsCountWhileTheirWindowIsOpen) {
    JudgeBench bench({windowed(Figure::window_count, 2.0)});
    bench.read(1, 1, 500).read(1, 1, 1100).read(1, 1, 900, 1100).read(1, 1, 990, 1190);
    bench.read(1, 1, 1200);
    EXPECT_EQ(bench.lines(), (Lines{"firing rule.hi 1 at 1000"}));
    EXPECT_EQ(bench.judge().counters().late, 2u);
    EXPECT_EQ(bench.judge().windows().late(), 0u);
    bench.read(1, 1, 999, 1200);
    EXPECT_EQ(bench.judge().windows().late(), 1u);
    EXPECT_EQ(bench.judge().counters().late, 3u);
}

TEST(WindowEdges, ReadingsWithinLatenessAreNoClockThatWasSetBack) {
    JudgeBench bench({windowed(Figure::window_count, 12.0)});
    bench.read(1, 1, 1150);
    for (int i = 0; i < 12; ++i) {
        bench.read(1, 1, 950 + i, 1150);
    }
    EXPECT_EQ(bench.judge().counters().late, 12u);
    EXPECT_EQ(bench.judge().counters().clock_steps, 0u);
    for (int i = 0; i < 8; ++i) {
        EXPECT_EQ(bench.judge().counters().clock_steps, 0u);
        bench.read(1, 1, 949, 1150);
    }
    EXPECT_EQ(bench.judge().counters().clock_steps, 1u);
    EXPECT_EQ(bench.judge().windows().late(), 0u);
}

TEST(WindowEdges, AWindowWithoutReadingsEndsItsAlert) {
    JudgeBench bench({windowed(Figure::window_maximum, 10.0)});
    bench.read(1, 11, 500).pass(60'000).read(1, 11, 60'000).pass(70'000);
    EXPECT_EQ(bench.lines(),
              (Lines{"firing rule.hi 1 at 1000",
                     "resolved rule.hi 1 at 2000",
                     "firing rule.hi 1 at 61000"}));
}

TEST(WindowEdges, AnyOrderOfArrivalWithinLatenessTellsTheSame) {
    constexpr std::size_t readings = 300;
    std::mt19937_64 random(5);
    for (int run = 0; run < 40; ++run) {
        std::vector<Rule> rules;
        for (const Figure figure : {Figure::window_count,
                                    Figure::window_maximum,
                                    Figure::window_minimum,
                                    Figure::window_p90}) {
            rules.push_back(windowed(figure, figure == Figure::window_count ? 9.0 : 50.0));
            rules.back().name = figure_names[static_cast<std::size_t>(figure)];
            rules.back().life.on_delay_ns = random() % 2 * 1000 * ms;
        }
        std::vector<proto::Reading> sent;
        std::uint64_t at_ms = 0;
        for (std::size_t i = 0; i < readings; ++i) {
            at_ms += 20 + random() % 160;
            sent.push_back({1,
                            static_cast<double>(random() % 60),
                            JudgeBench::of_ms(static_cast<double>(at_ms))});
        }
        sent.push_back({1, 0.0, JudgeBench::of_ms(100'000)});  // closes all windows
        JudgeBench in_order(rules);
        in_order.read(sent);
        std::vector<std::pair<std::uint64_t, proto::Reading>> arriving;
        for (const proto::Reading& reading : sent) {
            arriving.emplace_back(reading.timestamp_ns + random() % 199 * ms, reading);
        }
        std::sort(arriving.begin(), arriving.end(), [](const auto& a, const auto& b) {
            return a.first < b.first;
        });
        JudgeBench shuffled(rules);
        for (const auto& [received_ns, reading] : arriving) {
            shuffled.read(std::span(&reading, 1));
        }
        const Lines expected = in_order.lines();
        EXPECT_GT(expected.size(), 20u);
        const Lines told = shuffled.lines();
        const auto at = std::mismatch(told.begin(), told.end(), expected.begin(), expected.end());
        EXPECT_TRUE(told == expected)
            << "run " << run << ": " << (at.first == told.end() ? "the end" : *at.first)
            << ", expected " << (at.second == expected.end() ? "the end" : *at.second);
        EXPECT_GT(shuffled.judge().counters().late, 20u);
        EXPECT_EQ(shuffled.judge().windows().late(), 0u);
        EXPECT_EQ(shuffled.judge().counters().clock_steps, 0u);
    }
}

}  // namespace
}  // namespace roda::appliance
