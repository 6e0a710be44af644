// SPDX-License-Identifier: Apache-2.0
// Which points a sensor matches, against a look at every rule.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>

#include "appliance/rules/rule_sets.hpp"
#include "tests/appliance/rules/rule_samples.hpp"
#include "tests/support/no_alloc.hpp"

namespace roda::appliance {
namespace {

using Numbers = std::vector<std::uint32_t>;

constexpr std::uint64_t last_id = std::numeric_limits<std::uint64_t>::max();

bool selects(const Selection& match,
             std::uint64_t sensor_id,
             std::uint64_t device_id,
             const InventoryEntry* entry) {
    const auto holds_id = [&](const IdRange& range) {
        return range.first <= sensor_id && sensor_id <= range.last;
    };
    const auto has_label = [&](const auto& label) {
        return entry != nullptr && label_of(entry->labels, label.first) == label.second;
    };
    return (match.sensors.empty() || std::ranges::any_of(match.sensors, holds_id)) &&
           (match.devices.empty() ||
            (device_id != 0 && std::ranges::count(match.devices, device_id) != 0)) &&
           std::ranges::all_of(match.labels, has_label);
}

/// Of rules with one point each.
Numbers naive_match(const std::vector<Rule>& rules,
                    const Inventory& inventory,
                    std::uint64_t sensor_id,
                    std::uint64_t device_id) {
    Numbers points;
    for (std::uint32_t i = 0; i < rules.size(); ++i) {
        if (rules[i].kind != RuleKind::group &&
            selects(rules[i].match, sensor_id, device_id, inventory.find(sensor_id))) {
            points.push_back(i);
        }
    }
    return points;
}

class RandomPlant {
  public:
    explicit RandomPlant(std::uint32_t seed) : random_(seed) {}

    std::uint64_t below(std::uint64_t end) {
        return std::uniform_int_distribution<std::uint64_t>(0, end - 1)(random_);
    }

    std::uint64_t id() { return below(8) == 0 ? last_id - below(3) : below(60); }

    Labels labels() {
        Labels labels;
        for (const char* name : {"group", "line"}) {
            if (below(3) != 0) {
                labels.emplace_back(name, std::string(1, static_cast<char>('a' + below(4))));
            }
        }
        return labels;
    }

    Selection selection() {
        Selection match;
        const std::uint64_t conditions = below(8);
        for (std::uint64_t i = 0; (conditions & 1) != 0 && i <= below(4); ++i) {
            const auto [first, last] = std::minmax({id(), id()});
            match.sensors.push_back({first, below(2) == 0 ? first : last});
        }
        for (std::uint64_t i = 0; (conditions & 2) != 0 && i <= below(3); ++i) {
            match.devices.push_back(below(6));
        }
        if ((conditions & 4) != 0) {
            match.labels = labels();
        }
        return match;
    }

    std::vector<InventoryEntry> entries() {
        std::vector<InventoryEntry> entries;
        for (std::uint64_t id = 0; id < 60; ++id) {
            if (below(4) != 0) {
                entries.push_back(entry_of(id, labels()));
            }
        }
        return entries;
    }

  private:
    std::mt19937 random_;
};

TEST(RuleMatch, FindsWhatALookAtEveryRuleFinds) {
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        RandomPlant plant(seed);
        std::vector<Rule> rules;
        for (std::uint64_t i = plant.below(120); i > 0; --i) {
            rules.push_back(plant.below(10) == 0 ? rule_of(RuleKind::group, "group")
                                                 : high_limit("rule", plant.selection()));
        }
        const auto inventory = inventory_of(plant.entries());
        const SampleBook sample(rules, inventory);
        for (int i = 0; i < 40; ++i) {
            const std::uint64_t sensor = plant.id();
            const std::uint64_t device = plant.below(7);
            Numbers expected = naive_match(rules, *inventory, sensor, device);
            const std::size_t kept = std::min(expected.size(), max_points_per_sensor);
            const std::uint64_t more = expected.size() - kept;
            expected.resize(kept);

            std::array<std::uint32_t, max_points_per_sensor> points{};
            std::uint64_t left_out = 1000;
            const std::size_t count = sample.book.match(sensor, device, points, left_out);
            const std::span found = std::span(points).first(count);
            ASSERT_EQ(Numbers(found.begin(), found.end()), expected)
                << "seed " << seed << " sensor " << sensor << " device " << device;
            ASSERT_EQ(left_out, 1000 + more);
        }
    }
}

TEST(RuleMatch, KeepsTheFirstPointsThatFitAndCountsTheOthers) {
    std::vector<Rule> rules;
    for (std::uint64_t i = 0; i < 100; ++i) {  // the indexes give them in another order
        rules.push_back(high_limit("rule", {{{5, 5 + (i * 37) % 100}}, {}, {}}));
        rules.back().lo = LevelLimit{.value = 1.0};
    }
    const SampleBook sample(rules);
    Numbers expected(max_points_per_sensor);
    std::iota(expected.begin(), expected.end(), 0);
    std::array<std::uint32_t, max_points_per_sensor> points{};
    std::uint64_t left_out = 0;
    EXPECT_EQ(sample.book.match(5, 0, points, left_out), max_points_per_sensor);
    EXPECT_EQ(Numbers(points.begin(), points.end()), expected);
    EXPECT_EQ(left_out, 200 - max_points_per_sensor);
}

TEST(RuleMatch, NoRuleThatWantsADeviceTakesAnUnknownOne) {
    const SampleBook sample({high_limit("zero", {{}, {0}, {}}),
                             high_limit("zero_and_id", {{{5, 5}}, {0}, {}}),
                             high_limit("any")});
    EXPECT_EQ(sample.match(5, 0), Numbers{2});
    EXPECT_EQ(sample.match(5, 1), Numbers{2});
}

TEST(RuleMatch, RangesThatAreNoneSelectNothing) {
    const SampleBook sample({high_limit("backwards", {{{9, 5}}, {}, {}})});
    EXPECT_EQ(sample.match(7), Numbers{});
    EXPECT_EQ(sample.match(9), Numbers{});
}

TEST(RuleMatch, IncludesBothEndsOfARangeUpToTheLastId) {
    const SampleBook sample({high_limit("all", {{{0, last_id}}, {}, {}}),
                             high_limit("some", {{{5, 9}}, {}, {}}),
                             high_limit("last", {{{last_id, last_id}}, {}, {}})});
    EXPECT_EQ(sample.match(0), Numbers{0});
    EXPECT_EQ(sample.match(4), Numbers{0});
    EXPECT_EQ(sample.match(5), (Numbers{0, 1}));
    EXPECT_EQ(sample.match(9), (Numbers{0, 1}));
    EXPECT_EQ(sample.match(10), Numbers{0});
    EXPECT_EQ(sample.match(last_id), (Numbers{0, 2}));
}

TEST(RuleMatch, LeavesOutWhatCanNeverHold) {
    Rule levels = rule_of(RuleKind::limits, "levels");
    levels.hihi = levels.hi = levels.lo = LevelLimit{.value = 0.0, .of_inventory = true};
    levels.lolo = LevelLimit{.value = -1.0};
    Rule intervals = rule_of(RuleKind::absence, "intervals");
    intervals.intervals = 2.0;
    Rule silent = rule_of(RuleKind::absence, "silent");
    silent.for_ns = 5;
    std::vector<InventoryEntry> entries = {entry_of(1), entry_of(2), entry_of(3), entry_of(4)};
    entries[0].limits.hihi = 9.0;
    entries[1].limits.hi = 8.0;
    entries[2].limits.lo = 7.0;
    entries[2].expected_interval_ns = 1;
    entries[3].limits.lolo = 6.0;
    const SampleBook sample({levels, intervals, silent}, inventory_of(entries));

    EXPECT_EQ(sample.match(1), (Numbers{0, 3, 5}));
    EXPECT_EQ(sample.match(2), (Numbers{1, 3, 5}));
    EXPECT_EQ(sample.match(3), (Numbers{2, 3, 4, 5}));
    EXPECT_EQ(sample.match(4), (Numbers{3, 5}));
    EXPECT_EQ(sample.match(9), (Numbers{3, 5}));
}

TEST(RuleMatch, DoesNotUseTheHeap) {
    const Labels labels = {
        {"a_name_that_no_string_holds_inside", "a_value_that_none_holds_either"}};
    Rule group = rule_of(RuleKind::group, "group");
    group.by = labels.front().first;
    group.rules = {"rule"};
    const SampleBook sample({high_limit("rule", {{{1, 9}}, {}, {}}),
                             high_limit("rule", {{}, {7}, {}}),
                             high_limit("rule", {{}, {}, labels}),
                             group},
                            inventory_of({entry_of(5, labels)}));
    std::array<std::uint32_t, max_points_per_sensor> points{};
    std::uint64_t left_out = 0;
    std::uint32_t of_group = no_index;
    std::size_t found = 0;
    RuleSets sets(4);

    const NoAllocation guard;
    found = sample.book.match(5, 7, points, left_out);
    if (sample.book.counts_for(points[0], 3)) {
        of_group = sample.book.group_of(3, 5);
    }
    sets.clear(sample.book);
    const std::uint32_t set = sets.intern(std::span(points).first(found));
    const auto heap_calls = guard.violations();

    EXPECT_EQ(heap_calls, 0u);
    EXPECT_EQ(found, 3u);
    EXPECT_EQ(of_group, 0u);
    EXPECT_EQ(set, 1u);
}

TEST(RuleMatch, WithoutRulesMatchesNothing) {
    EXPECT_EQ(SampleBook({}).match(1, 1), Numbers{});
}

}  // namespace
}  // namespace roda::appliance
