// SPDX-License-Identifier: Apache-2.0
// Sensors' clocks: wrong once, wrong for good, at the ends of time, or not known yet.
#include <gtest/gtest.h>

#include <limits>

#include "tests/appliance/alerting/judge_bench.hpp"
#include "tests/appliance/rules/rule_forms.hpp"

namespace roda::appliance {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double hour = 3'600'000;
constexpr double day = 24 * hour;

Rule high() {
    Rule rule = rule_of(RuleKind::limits);
    rule.hi = LevelLimit{80.0};
    return rule;
}

Rule silence(std::uint64_t off_delay_ns) {
    Rule rule = rule_of(RuleKind::absence);
    rule.for_ns = 8000 * ms;
    rule.life.off_delay_ns = off_delay_ns;
    return rule;
}

Rule bad(std::uint64_t on_delay_ns, std::uint64_t off_delay_ns) {
    Rule rule = rule_of(RuleKind::quality);
    rule.greatest = 150.0;
    rule.life.on_delay_ns = on_delay_ns;
    rule.life.off_delay_ns = off_delay_ns;
    return rule;
}

/// One of each kind, with delays and without.
std::vector<Rule> all_kinds() {
    std::vector<Rule> rules;
    for (const RuleKind kind : {RuleKind::limits,
                                RuleKind::rate,
                                RuleKind::jump,
                                RuleKind::deviation,
                                RuleKind::flatline,
                                RuleKind::quality,
                                RuleKind::absence}) {
        for (const bool is_delayed : {false, true}) {
            Rule rule = rule_of(kind);
            rule.name = "rule_" + std::string(1, static_cast<char>('a' + rules.size()));
            rule.hi = LevelLimit{80.0};
            rule.greatest = 150.0;
            rule.per_second = 1.0;
            rule.min_readings = 2;
            rule.for_ns = 1000 * ms;
            if (is_delayed) {
                rule.life.on_delay_ns = rule.life.off_delay_ns = 500 * ms;
                rule.life.min_interval_ns = 700 * ms;
                rule.life.flap_changes = 3;
                rule.life.flap_within_ns = 2000 * ms;
            }
            rules.push_back(rule);
        }
    }
    Rule window = high();
    window.name = "windowed";
    window.of = Figure::window_mean;
    window.window = {1000 * ms, 500 * ms, 200 * ms};
    rules.push_back(window);
    return rules;
}

/// Each received when the bench is so far.
void read_at(JudgeBench& bench, double value, std::uint64_t event_ns, double received_ms) {
    bench.pass(received_ms);
    const proto::Reading reading{1, value, event_ns};
    bench.read(std::span(&reading, 1));
}

TEST(Clock, AtTheEndsOfTimeEveryKindOfRuleEndsAndRecovers) {
    constexpr std::uint64_t end = ~std::uint64_t{0};
    for (const std::uint64_t wild : {end, end - 1, end - 600 * ms, end / 2 + 1, std::uint64_t{0}}) {
        for (const double value : {95.0, nan}) {
            for (const bool is_first : {false, true}) {
                JudgeBench bench(all_kinds());
                if (!is_first) {
                    bench.read(1, 20.0, 0).read(1, 30.0, 1000);
                }
                for (const double at : {2000, 2010, 4000}) {
                    read_at(bench, value, wild, at);
                }
                bench.pass(20'000);
                for (int at = 20'000; at < 40'000; at += 500) {
                    bench.read(1, 50.0 + at % 3, at);
                }
                bench.lines();
                bench.read(1, 95.0, 40'000);
                bool has_fired = false;
                for (const std::string& line : bench.lines()) {
                    has_fired = has_fired || line == "firing rule_a.hi 1 at 40000";
                }
                EXPECT_TRUE(has_fired) << wild << ", " << value << ", " << is_first;
            }
        }
    }
}

TEST(Clock, DelaysEndAtTheEndOfTimeToo) {
    constexpr std::uint64_t end = ~std::uint64_t{0};
    Rule rule = high();
    rule.life.on_delay_ns = 1005 * ms;  // between two ticks
    JudgeBench bench({rule});
    read_at(bench, 95.0, end - 1005 * ms - 1, 10);
    bench.pass(2000);
    const auto records = bench.records();
    ASSERT_EQ(records.size(), 2u);
    EXPECT_EQ(records[1].transition, Transition::firing);
    EXPECT_EQ(records[1].event_ns, end - 1);
}

TEST(Clock, OneWildStampMovesNoDelayThatItDidNotReach) {
    for (const double ahead : {600'000.0, 1e13}) {
        Rule rule = high();
        rule.life = {.off_delay_ns = 60'000 * ms};
        JudgeBench clearing({rule});
        clearing.read(1, 85, 0).read(1, 50, 1000).read(1, 50, 1000 + ahead, 1000);
        for (int i = 2; i < 12; ++i) {
            clearing.read(1, 50, i * 1000.0);
        }
        EXPECT_EQ(clearing.judge().counters().clock_steps, 1u);
        clearing.pass(60'990);
        EXPECT_EQ(clearing.lines(), (Lines{"firing rule.hi 1 at 0"}));
        clearing.pass(61'010);
        EXPECT_EQ(clearing.lines(), (Lines{"resolved rule.hi 1 at 61000"}));
    }
}

TEST(Clock, APendingAlertFiresOnTimeThoughOneStampWasAhead) {
    Rule rule = high();
    rule.life.on_delay_ns = 60'000 * ms;
    JudgeBench bench({rule});
    bench.read(1, 85, 0).read(1, 85, 601'000, 1000);
    for (int i = 2; i < 12; ++i) {
        bench.read(1, 85, i * 1000.0);
    }
    bench.pass(100'000);
    EXPECT_EQ(bench.lines(), (Lines{"pending rule.hi 1 at 0", "firing rule.hi 1 at 60000"}));
}

TEST(Clock, SetBackForGoodDelaysAndIntervalsGoOn) {
    Rule rule = high();
    rule.life = {.on_delay_ns = 60'000 * ms, .min_interval_ns = 300'000 * ms};
    JudgeBench bench({rule});
    bench.pass(2 * hour).read(1, 85, 2 * hour).read(1, 85, 2 * hour + 1000);
    for (int i = 2; i < 10; ++i) {
        bench.read(1, 85, hour + i * 1000, 2 * hour + i * 1000);
    }
    EXPECT_EQ(bench.judge().counters().clock_steps, 1u);
    bench.pass(2 * hour + 59'000);
    EXPECT_EQ(bench.lines(), (Lines{"pending rule.hi 1 at 7.2e+06"}));
    bench.pass(2 * hour + 70'000);
    EXPECT_EQ(bench.lines().size(), 1u);
    bench.read(1, 50, hour + 80'000, 2 * hour + 80'000);
    bench.read(1, 85, hour + 90'000, 2 * hour + 90'000).pass(2 * hour + 350'000);
    EXPECT_EQ(bench.lines().size(), 2u) << "resolved, pending";
    bench.pass(2 * hour + 380'000);
    EXPECT_EQ(bench.lines().size(), 1u) << "fires";
}

TEST(Clock, AMinimumIntervalOutlivesARebootInto1970) {
    Rule rule = high();
    rule.life.min_interval_ns = 3600'000 * ms;
    JudgeBench bench({rule});
    bench.read(1, 85, 0).read(1, 50, 1000);
    EXPECT_EQ(bench.lines().size(), 2u);
    for (int i = 0; i < 9; ++i) {
        read_at(bench, i < 8 ? 50 : 85, static_cast<std::uint64_t>(5 + i) * 1000 * ms, 1e6 + i);
    }
    const auto records = bench.records();
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].transition, Transition::pending);
}

TEST(Clock, AStampOfWhatIsNoNumberIsTakenBackAfterEightReadings) {
    JudgeBench clearing({bad(0, 2000 * ms)});
    clearing.read(1, 20, 0).read(1, nan, day, 1000);
    for (int i = 2; i < 10; ++i) {
        clearing.read(1, 20, i * 1000.0);
    }
    EXPECT_EQ(clearing.lines(), (Lines{"firing rule 1 at 8.64e+07"}));
    clearing.read(1, 20, 10'000).pass(20'000);
    EXPECT_EQ(clearing.lines(), (Lines{"resolved rule 1 at 11000"}));

    for (const double faulty : {nan, 200.0}) {
        JudgeBench pending({bad(2000 * ms, 0)});
        pending.read(1, 20, 0).read(1, nan, day, 1000);
        for (int i = 2; i < 11; ++i) {
            pending.read(1, faulty, i * 1000.0);
        }
        pending.pass(20'000);
        EXPECT_EQ(pending.lines(), (Lines{"pending rule 1 at 8.64e+07", "firing rule 1 at 11000"}));
    }
}

TEST(Clock, WhatTimeAloneHasBroughtIsNotTakenBack) {
    JudgeBench bench({bad(100 * ms, 0)});
    bench.read(1, 20, 0).read(1, nan, 100);
    for (int i = 1; i <= 20; ++i) {
        bench.read(1, nan, 100 + i, 300 + i);  // 0.2 s under way
    }
    bench.read(1, 20, 130, 330);
    EXPECT_EQ(bench.lines(),
              (Lines{"pending rule 1 at 100", "firing rule 1 at 200", "resolved rule 1 at 200"}));
}

TEST(Clock, ASilenceIsByTheReadingsThoughAStampOfWhatIsNoNumberWasAhead) {
    JudgeBench bench({silence(0)});
    bench.read(1, 20, 0).read(1, nan, day, 1000).read(1, 20, 2000).read(1, 20, 3000).pass(20'000);
    EXPECT_EQ(bench.lines(), (Lines{"firing rule 1 at 11000"}));
    JudgeBench stands({silence(2000 * ms)});
    stands.read(1, 20, 0).pass(10'000).read(1, nan, day, 11'000);
    for (int i = 12; i < 21; ++i) {
        stands.read(1, 20, i * 1000.0);
    }
    stands.pass(25'000);
    EXPECT_EQ(stands.lines(), (Lines{"firing rule 1 at 8000", "resolved rule 1 at 21000"}));
}

TEST(Clock, ASilentSensorsAlarmGoesOverToItsClockWhenItIsFirstHeard) {
    for (const double off : {-hour, hour, 0.0}) {
        JudgeBench bench({});
        bench.pass(2 * hour);
        bench.load({silence(2000 * ms)}, {entry_of(1)});
        bench.pass(2 * hour + 10'000);
        EXPECT_EQ(bench.lines().size(), 1u);
        for (double at = 2 * hour + 12'000; at < 2 * hour + 16'000; at += 1000) {
            bench.read(1, 20, at + off, at);
        }
        const auto records = bench.records();
        ASSERT_EQ(records.size(), 1u) << off;
        EXPECT_EQ(records[0].transition, Transition::resolved);
        EXPECT_EQ(records[0].event_ns, JudgeBench::of_ms(2 * hour + 14'000 + off)) << off;
    }
}

TEST(Clock, AShelfLastsAsLongAsItShouldHoweverLongTheSensorWasSilent) {
    for (const double off : {-hour, hour, 0.0}) {
        JudgeBench bench({high()});
        bench.pass(hour).read(1, 20, hour + off, hour).pass(hour + 6000);
        ControlRequest request;
        request.verb = ControlVerb::shelve;
        request.for_ns = 5000 * ms;
        request.alarms.sensor_id = 1;
        EXPECT_EQ(bench.order(request), 1u);
        bench.read(1, 95, hour + 6010 + off, hour + 6010).pass(hour + 10'990);
        EXPECT_EQ(bench.lines(), Lines{}) << off;
        bench.pass(hour + 11'020);
        EXPECT_EQ(bench.lines().size(), 1u) << off;
    }
}

}  // namespace
}  // namespace roda::appliance
