// SPDX-License-Identifier: Apache-2.0
// What makes a rule another rule when the file is loaded again.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tests/appliance/rules/rule_samples.hpp"

namespace roda::appliance {
namespace {

using Change = std::function<void(Rule&)>;

std::uint64_t identity(const Rule& rule) {
    return SampleBook({rule}).book.identity_of(0);
}

/// How many of the changes, and of their absence, are told apart from all others.
std::size_t identities(const Rule& rule, const std::vector<Change>& changes) {
    std::vector<std::uint64_t> all = {identity(rule)};
    for (const Change& change : changes) {
        Rule changed = rule;
        change(changed);
        all.push_back(identity(changed));
    }
    std::sort(all.begin(), all.end());
    return static_cast<std::size_t>(std::unique(all.begin(), all.end()) - all.begin());
}

TEST(RuleIdentity, EveryPartOfALifeCounts) {
    const std::vector<Change> changes = {
        [](Rule& rule) { rule.name = "other"; },
        [](Rule& rule) { rule.life.on_delay_ns = 1; },
        [](Rule& rule) { rule.life.off_delay_ns = 1; },
        [](Rule& rule) { rule.life.min_interval_ns = 1; },
        [](Rule& rule) { rule.life.latching = true; },
        [](Rule& rule) { rule.life.flap_changes = 2; },
        [](Rule& rule) { rule.life.flap_within_ns = 1; },
        [](Rule& rule) { rule.life.at_least = 2; },
        [](Rule& rule) { rule.life.of_last = 2; },
        [](Rule& rule) { rule.kind = RuleKind::quality; },
        [](Rule& rule) { rule.severity = Severity::critical; },
    };
    EXPECT_EQ(identities(high_limit("rule"), changes), changes.size() + 1);
}

TEST(RuleIdentity, EveryPartOfASelectionCounts) {
    const std::vector<Change> changes = {
        [](Rule& rule) {
            rule.match.sensors = {{1, 2}};
        },
        [](Rule& rule) {
            rule.match.sensors = {{1, 3}};
        },
        [](Rule& rule) {
            rule.match.sensors = {{0, 2}};
        },
        [](Rule& rule) { rule.match.devices = {1}; },
        [](Rule& rule) {
            rule.match.devices = {1, 2};
        },
        [](Rule& rule) { rule.match.devices = {0}; },
        [](Rule& rule) {
            rule.match.labels = {{"ab", "c"}};
        },
        [](Rule& rule) {
            rule.match.labels = {{"a", "bc"}};
        },
        [](Rule& rule) {
            rule.match.labels = {{"a", "b"}, {"c", "d"}};
        },
    };
    EXPECT_EQ(identities(high_limit("rule"), changes), changes.size() + 1);
}

TEST(RuleIdentity, ASelectionIsTheSameHoweverItIsWritten) {
    Rule one = high_limit("rule");
    one.match.sensors = {{5, 9}, {1, 2}, {3, 3}, {7, 12}, {20, ~std::uint64_t{0}}, {30, 40}};
    one.match.devices = {2, 1, 2};
    one.match.labels = {{"a", "b"}, {"c", "d"}};
    Rule other = high_limit("rule");
    other.match.sensors = {{1, 3}, {5, 12}, {20, ~std::uint64_t{0}}};
    other.match.devices = {1, 2};
    other.match.labels = {{"c", "d"}, {"a", "b"}, {"a", "b"}};
    EXPECT_EQ(identity(one), identity(other));
}

TEST(RuleIdentity, EveryFigureOfAKindCounts) {
    const std::vector<Change> of_limits = {
        [](Rule& rule) { rule.hi->value = 11.0; },
        [](Rule& rule) { rule.hi->of_inventory = true; },
        [](Rule& rule) { std::swap(rule.hi, rule.lo); },
        [](Rule& rule) { std::swap(rule.hi, rule.hihi); },
        [](Rule& rule) { rule.deadband = 1.0; },
        [](Rule& rule) { rule.of = Figure::average; },
        [](Rule& rule) { rule.of = Figure::window_mean; },
        [](Rule& rule) {
            rule.of = Figure::window_mean;
            rule.window.width_ns = 1;
        },
        [](Rule& rule) {
            rule.of = Figure::window_mean;
            rule.window.slide_ns = 1;
        },
        [](Rule& rule) {
            rule.of = Figure::window_mean;
            rule.window.lateness_ns = 1;
        },
    };
    EXPECT_EQ(identities(high_limit("rule"), of_limits), of_limits.size() + 1);

    const std::vector<Change> of_jump = {
        [](Rule& rule) { rule.against = Reference::mean; },
        [](Rule& rule) { rule.ratio = 3.0; },
        [](Rule& rule) { rule.absolute = 1.0; },
        [](Rule& rule) { rule.direction = Direction::rising; },
    };
    EXPECT_EQ(identities(rule_of(RuleKind::jump, "rule"), of_jump), of_jump.size() + 1);

    const auto is_told = [](RuleKind kind, const Change& change) {
        return identities(rule_of(kind, "rule"), {change}) == 2;
    };
    EXPECT_TRUE(is_told(RuleKind::rate, [](Rule& rule) { rule.per_second = 1.0; }));
    EXPECT_TRUE(is_told(RuleKind::deviation, [](Rule& rule) { rule.sigmas = 5.0; }));
    EXPECT_TRUE(is_told(RuleKind::deviation, [](Rule& rule) { rule.min_readings = 5; }));
    EXPECT_TRUE(is_told(RuleKind::flatline, [](Rule& rule) { rule.for_ns = 1; }));
    EXPECT_TRUE(is_told(RuleKind::flatline, [](Rule& rule) { rule.tolerance = 1.0; }));
    EXPECT_TRUE(is_told(RuleKind::absence, [](Rule& rule) { rule.for_ns = 1; }));
    EXPECT_TRUE(is_told(RuleKind::absence, [](Rule& rule) { rule.intervals = 1.0; }));
    EXPECT_TRUE(is_told(RuleKind::quality, [](Rule& rule) { rule.least = 0.0; }));
    EXPECT_TRUE(is_told(RuleKind::quality, [](Rule& rule) { rule.greatest = 0.0; }));
    EXPECT_TRUE(is_told(RuleKind::group, [](Rule& rule) { rule.by = "line"; }));
    EXPECT_TRUE(is_told(RuleKind::group, [](Rule& rule) { rule.rules = {"a"}; }));
    EXPECT_TRUE(is_told(RuleKind::group, [](Rule& rule) { rule.at_least_sensors = 2; }));
}

TEST(RuleIdentity, WhatOnlyTellsPeopleDoesNotCount) {
    Rule rule = high_limit("rule");
    const std::uint64_t before = identity(rule);
    rule.outer_severity = Severity::info;  // another point's
    rule.labels = {{"team", "night"}};
    rule.message = "too high";
    rule.record = true;
    rule.sigmas = 9.0;                   // of another kind
    rule.window.width_ns = 9;            // of another figure
    rule.lo = LevelLimit{.value = 1.0};  // another point
    EXPECT_EQ(identity(rule), before);
}

TEST(RuleIdentity, UnchangedPointsAreCarriedWhereverTheyStandNow) {
    Rule levels = high_limit("levels");
    levels.lo = LevelLimit{.value = 1.0};
    Rule changed = levels;
    changed.hi->value = 11.0;
    const SampleBook before({high_limit("gone"), levels, high_limit("stays")});
    const SampleBook after({high_limit("stays"), high_limit("new"), changed});

    EXPECT_EQ(carried_points(before.book, after.book),
              (std::vector<std::uint32_t>{no_index, no_index, 3, 0}));
    EXPECT_EQ(carried_points(after.book, after.book), (std::vector<std::uint32_t>{0, 1, 2, 3}));
    EXPECT_EQ(carried_points(SampleBook({}).book, after.book), std::vector<std::uint32_t>{});
}

TEST(RuleIdentity, NoTwoPointsAreCarriedToOne) {
    const SampleBook before({high_limit("same"), high_limit("same"), high_limit("same")});
    const SampleBook after({high_limit("same"), high_limit("same")});
    EXPECT_EQ(carried_points(before.book, after.book),
              (std::vector<std::uint32_t>{0, 1, no_index}));
}

}  // namespace
}  // namespace roda::appliance
