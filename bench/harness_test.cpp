// SPDX-License-Identifier: Apache-2.0
// The judge judged: what a benchmark says must follow from what was measured.
#include "bench/harness.hpp"

#include <gtest/gtest.h>

#include <set>

#include "bench/judge.hpp"

namespace roda::bench {
namespace {

Variant that_gives(std::string name, std::uint64_t digest) {
    return {.name = std::move(name), .run = [] {}, .result = [digest] { return digest; }};
}

Result measured(const Comparison& comparison) {
    Options smoke;
    smoke.smoke = true;
    return Measurement(smoke, comparison).run();
}

Result with_times(std::string comparison, const Gate& gate, double variant_ns, double base_ns) {
    return {.name = std::move(comparison),
            .records = 1,
            .rows = {{std::string(gate.base), false, {base_ns}, {}},
                     {std::string(gate.variant), true, {variant_ns}, {}}},
            .round_trips_ns = {}};
}

TEST(Spread, IsMedianAndExtremes) {
    const Spread odd = Spread::of({3, 1, 9});
    EXPECT_EQ(odd.median, 3);
    EXPECT_EQ(odd.min, 1);
    EXPECT_EQ(odd.max, 9);
    EXPECT_EQ(Spread::of({4, 1, 9, 2}).median, 3);
}

TEST(Ratio, IsTakenWithinRoundsSoThatASlowRoundCancelsOut) {
    const Result::Row twice{"twice", true, {2, 4, 200}, {}};
    const Result::Row once{"once", true, {1, 2, 100}, {}};
    const Spread ratio = Result::ratio(twice, once);
    EXPECT_EQ(ratio.median, 2);
    EXPECT_EQ(ratio.min, 2);
    EXPECT_EQ(ratio.max, 2);
}

TEST(Measurement, FindsVariantsThatDoNotDoTheSameWork) {
    EXPECT_TRUE(
        measured(Comparison("c", 1).same_work(that_gives("a", 1)).same_work(that_gives("b", 2)))
            .disagreement);
    EXPECT_FALSE(
        measured(Comparison("c", 1).same_work(that_gives("a", 1)).same_work(that_gives("b", 1)))
            .disagreement);
}

TEST(Measurement, AYardstickMayGiveAnything) {
    const Result result =
        measured(Comparison("c", 1).same_work(that_gives("a", 1)).yardstick(that_gives("b", 2)));
    EXPECT_FALSE(result.disagreement);
    EXPECT_EQ(result.base().name, "b");
}

TEST(Judge, TimeGatesWantSmallRatiosAndSpeedGatesLargeOnes) {
    for (const Gate& gate : gates) {
        const std::string comparison(gate.comparison);
        const std::string bench = comparison.substr(0, comparison.find('.'));
        const bool is_time = gate.kind == GateKind::time;
        const std::vector good = {
            with_times(comparison, gate, is_time ? gate.aim : 1, is_time ? 1 : gate.aim)};
        const std::vector bad = {with_times(
            comparison, gate, is_time ? gate.gate * 1.01 : 1.01, is_time ? 1 : gate.gate)};
        for (const Judged& judged : judge(bench, good, {})) {
            if (judged.gate->name == gate.name) {
                EXPECT_EQ(judged.verdict, Verdict::met) << gate.name;
                EXPECT_DOUBLE_EQ(judged.factor_from_aim, 1) << gate.name;
            }
        }
        for (const Judged& judged : judge(bench, bad, {})) {
            if (judged.gate->name == gate.name) {
                EXPECT_EQ(judged.verdict,
                          gate.state == GateState::landed ? Verdict::short_of : Verdict::awaited)
                    << gate.name;
            }
        }
    }
}

TEST(Judge, AGateWithoutItsComparisonIsUnnamedUnlessItWasSkipped) {
    const std::vector<std::string> skipped = {"journal.latency"};
    const std::vector<Judged> without = judge("journal", {}, {});
    const std::vector<Judged> left_out = judge("journal", {}, skipped);
    ASSERT_EQ(without.size(), 1u);
    EXPECT_EQ(without[0].verdict, Verdict::unnamed);
    EXPECT_EQ(left_out[0].verdict, Verdict::skipped);
}

TEST(Gates, HaveNamesOfTheirOwnAndAimsBeyondTheGate) {
    std::set<std::string_view> names;
    for (const Gate& gate : gates) {
        EXPECT_TRUE(names.insert(gate.name).second) << gate.name;
        EXPECT_EQ(gate.kind == GateKind::time, gate.aim < gate.gate) << gate.name;
    }
}

}  // namespace
}  // namespace roda::bench
