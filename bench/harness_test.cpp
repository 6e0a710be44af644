// SPDX-License-Identifier: Apache-2.0
// The judge judged: what a benchmark says must follow from what was measured.
#include "bench/harness.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <set>

#include "bench/judge.hpp"
#include "bench/knee.hpp"
#include "bench/report.hpp"

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

/// A comparison in which `gate` comes to `figure`.
Result that_measures(const Gate& gate, double figure) {
    Result::Row variant{std::string(gate.variant), true, {1}};
    Result::Row base{std::string(gate.base), false, {1}};
    switch (gate.kind) {
        case GateKind::time:
            variant.ns_per_record = {figure};
            break;
        case GateKind::speed:
            base.ns_per_record = {figure};
            break;
        case GateKind::rate:
            variant.ns_per_record = {1e3 / figure};
            break;
        case GateKind::nanoseconds:
            variant.ns_per_record = {figure};
            variant.latency_ns = {{figure, figure, figure, figure}};
            break;
    }
    return {.name = std::string(gate.comparison), .records = 1, .rows = {base, variant}};
}

Judged judged(const Gate& gate, const Result& result) {
    const std::vector results = {result};
    const std::string_view bench = gate.comparison.substr(0, gate.comparison.find('.'));
    for (const Judged& each : judge(bench, results, {})) {
        if (each.gate->name == gate.name) {
            return each;
        }
    }
    return {};
}

const Gate& gate_of(GateKind kind) {
    return *std::ranges::find(gates, kind, &Gate::kind);
}

/// Three rounds: near, far, and one in which the cores moved.
Result between_cores(std::array<double, 3> ns) {
    return {.name = "c",
            .records = 1,
            .rows = {{"a", true, {ns.begin(), ns.end()}, 7, {{1, 2, 3, 4}, {5, 6, 7, 8}, {9}}}},
            .round_trips_ns = {{61, 60, 62}, {330, 320, 340}, {62, 61, 330}}};
}

TEST(Spread, IsMedianAndExtremes) {
    const Spread odd = Spread::of({3, 1, 9});
    EXPECT_EQ(odd.median, 3);
    EXPECT_EQ(odd.min, 1);
    EXPECT_EQ(odd.max, 9);
    EXPECT_EQ(Spread::of({4, 1, 9, 2}).median, 3);
}

TEST(Ratio, IsTakenWithinRoundsSoThatASlowRoundCancelsOut) {
    const Result::Row twice{"twice", true, {2, 4, 200}};
    const Result::Row once{"once", true, {1, 2, 100}};
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

TEST(Measurement, TakesQuantilesOfSamplesInAnyOrder) {
    std::vector<std::uint32_t> samples(1001);
    std::iota(samples.rbegin(), samples.rend(), 0u);
    Variant variant = that_gives("a", 1);
    variant.samples_ns = [&samples] { return std::span(samples); };
    const Result result = measured(Comparison("c", 1).same_work(variant));
    const Result::Latency expected = {500, 900, 990, 999};
    EXPECT_EQ(result.rows[0].latency_ns, std::vector{expected});
    EXPECT_EQ(result.rows[0].latency("p99")->median, 990);
    EXPECT_FALSE(result.rows[0].latency("p98"));
}

TEST(Measurement, RemarksAreMadeFromWhatWasMeasured) {
    const Result result =
        measured(Comparison("c", 1)
                     .same_work(that_gives("a", 1))
                     .remark("plain")
                     .remark([](const Result& r) { return r.rows[0].name + " is the limit"; }));
    EXPECT_EQ(result.remarks, (std::vector<std::string>{"plain", "a is the limit"}));
    EXPECT_NE(table_text(result).find("a is the limit"), std::string::npos);
}

TEST(Distance, OneFarRoundTripMakesARoundFar) {
    const Result result = between_cores({1, 2, 3});
    EXPECT_EQ(result.distance(), "mixed");
    const Result near = result.rounds(true);
    EXPECT_EQ(near.distance(), "near");
    EXPECT_EQ(near.rows[0].ns_per_record, std::vector<double>{1});
    EXPECT_EQ(near.rows[0].latency("p50")->median, 1);
    const Result far = result.rounds(false);
    EXPECT_EQ(far.distance(), "far");
    EXPECT_EQ(far.rows[0].ns_per_record, (std::vector<double>{2, 3}));
}

TEST(Report, NearAndFarRoundsHaveTablesOfTheirOwn) {
    const std::string text = table_text(between_cores({1, 2, 3}));
    EXPECT_NE(text.find("1 rounds"), std::string::npos);
    EXPECT_NE(text.find("2 rounds"), std::string::npos);
    EXPECT_NE(text.find("cores: near, cache line there and back 61 ns (60 - 62)"),
              std::string::npos);
    EXPECT_NE(text.find("cores: far"), std::string::npos);
}

TEST(Judge, EveryGateIsMetAtItsAimAndShortBeyondItself) {
    for (const Gate& gate : gates) {
        const Judged at_aim = judged(gate, that_measures(gate, gate.aim));
        EXPECT_EQ(at_aim.verdict, Verdict::met) << gate.name;
        EXPECT_NEAR(at_aim.missed_aim_by, 0, 1e-9) << gate.name;
        const double beyond = wants_small(gate.kind) ? 1.01 : 0.99;
        const Verdict expected = is_absolute(gate.kind)            ? Verdict::missed
                                 : gate.state == GateState::landed ? Verdict::short_of
                                                                   : Verdict::awaited;
        EXPECT_EQ(judged(gate, that_measures(gate, gate.gate * beyond)).verdict, expected)
            << gate.name;
    }
}

TEST(Judge, SaysWhichShareOfTheAimIsMissing) {
    const Gate& slow = gate_of(GateKind::time);
    EXPECT_NEAR(judged(slow, that_measures(slow, slow.aim * 1.14)).missed_aim_by, 0.14, 1e-9);
    const Gate& fast = gate_of(GateKind::speed);
    EXPECT_NEAR(judged(fast, that_measures(fast, fast.aim * 0.75)).missed_aim_by, 0.25, 1e-9);
}

TEST(Report, GateLinesShowFigureGateAimAndDistance) {
    const Gate& gate = gate_of(GateKind::time);
    const std::array lines = {judged(gate, that_measures(gate, gate.aim * 1.14)),
                              judged(gate, that_measures(gate, gate.aim))};
    const std::string text = gates_text(lines);
    EXPECT_NE(text.find("missed by 14 %"), std::string::npos) << text;
    EXPECT_NE(text.find("reached"), std::string::npos) << text;
}

TEST(Judge, AbsoluteFiguresAreJudgedOnNearCoresOnly) {
    const Gate& gate = gate_of(GateKind::rate);
    Result result = that_measures(gate, gate.gate * 0.5);
    result.round_trips_ns = {{330, 320, 340}};
    EXPECT_EQ(judged(gate, result).verdict, Verdict::skipped);
    result.round_trips_ns = {{61, 60, 62}};
    EXPECT_EQ(judged(gate, result).verdict, Verdict::missed);
    // One far round more changes nothing.
    for (Result::Row& row : result.rows) {
        row.ns_per_record.push_back(1e6);
    }
    result.round_trips_ns.push_back({330, 320, 340});
    EXPECT_EQ(judged(gate, result).distance, "near");
    EXPECT_DOUBLE_EQ(judged(gate, result).measured.median, gate.gate * 0.5);
}

TEST(Judge, AGateWithoutItsComparisonIsUnnamedUnlessItWasSkipped) {
    for (const Judged& each : judge("hand_off", {}, {})) {
        EXPECT_EQ(each.verdict, Verdict::unnamed) << each.gate->name;
    }
    const std::vector<std::string> skipped = {"hand_off.rate", "hand_off.latency", "hand_off.hop"};
    for (const Judged& each : judge("hand_off", {}, skipped)) {
        EXPECT_EQ(each.verdict, Verdict::skipped) << each.gate->name;
    }
}

TEST(Gates, HaveNamesOfTheirOwnAndAimsBeyondTheGate) {
    std::set<std::string_view> names;
    for (const Gate& gate : gates) {
        EXPECT_TRUE(names.insert(gate.name).second) << gate.name;
        EXPECT_EQ(wants_small(gate.kind), gate.aim < gate.gate) << gate.name;
    }
}

/// A receiver that loses above `limit`, fed by a sender that does no more than `most`.
auto that_holds(double limit, double most = 1e9) {
    return [limit, most](double per_second) {
        const double offered = std::min(per_second, most);
        return Trial{.offered_per_second = offered,
                     .sent = 1000,
                     .arrived = offered <= limit ? 1000u : 990u,
                     .sender_kept_up = offered == per_second};
    };
}

TEST(Knee, IsTheHighestRateAtWhichNothingIsLost) {
    for (const double limit : {3'000.0, 39'000.0, 123'456.0, 2e6}) {
        const Knee knee = find_knee({.tolerance = 0.02}, that_holds(limit));
        EXPECT_LE(knee.datagrams_per_second, limit);
        EXPECT_GE(knee.datagrams_per_second, limit / 1.02);
        EXPECT_FALSE(knee.is_senders);
    }
}

TEST(Knee, IsTheSendersWhereItCannotFollow) {
    const Knee knee = find_knee({}, that_holds(1e6, 300'000));
    EXPECT_EQ(knee.datagrams_per_second, 300'000);
    EXPECT_TRUE(knee.is_senders);
}

TEST(Knee, IsNoneWhereNothingHolds) {
    EXPECT_EQ(find_knee({}, that_holds(0)).datagrams_per_second, 0);
}

TEST(Knee, ForgivesATrialThatWasDisturbed) {
    int trials = 0;
    const auto undisturbed = that_holds(100'000);
    const Knee knee = find_knee({.tolerance = 0.02}, [&](double per_second) {
        Trial trial = undisturbed(per_second);
        trial.arrived -= trials++ % 3 == 0 ? 1 : 0;
        return trial;
    });
    EXPECT_GE(knee.datagrams_per_second, 98'000);
}

}  // namespace
}  // namespace roda::bench
