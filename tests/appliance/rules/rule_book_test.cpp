// SPDX-License-Identifier: Apache-2.0
#include "appliance/rules/rule_book.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "pipeline/base/error.hpp"
#include "tests/appliance/rules/rule_samples.hpp"

namespace roda::appliance {
namespace {

using Series = SeriesRegistry::Series;

constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<AlarmPoint> points_of(const SampleBook& sample) {
    return {sample.book.points().begin(), sample.book.points().end()};
}

std::vector<std::uint32_t> list(std::span<const std::uint32_t> numbers) {
    return {numbers.begin(), numbers.end()};
}

AlarmPoint point_of(RuleKind kind, std::uint32_t rule) {
    AlarmPoint point;
    point.rule = rule;
    point.series = rule;
    point.kind = kind;
    return point;
}

TEST(RuleBook, LevelsArePointsFromTheOuterHighToTheOuterLow) {
    Rule rule = rule_of(RuleKind::limits, "pressure");
    rule.of = Figure::mean;
    rule.lolo = LevelLimit{.value = 1.0};
    rule.lo = LevelLimit{.value = 7.0, .of_inventory = true};
    rule.hihi = LevelLimit{.value = 9.0};
    rule.deadband = 0.5;
    rule.severity = Severity::info;
    rule.outer_severity = Severity::warning;
    rule.life.on_delay_ns = 5;
    rule.record = true;
    rule.sigmas = 3.0;  // of another kind
    const SampleBook sample({rule});

    AlarmPoint hihi = point_of(RuleKind::limits, 0);
    hihi.level = Level::hihi;
    hihi.of = Figure::mean;
    hihi.severity = Severity::warning;
    hihi.record = true;
    hihi.limit = 9.0;
    hihi.deadband = 0.5;
    hihi.life = rule.life;
    AlarmPoint lo = hihi;
    lo.level = Level::lo;
    lo.series = 1;
    lo.severity = Severity::info;
    lo.of_inventory = true;
    lo.limit = 0.0;
    AlarmPoint lolo = hihi;
    lolo.level = Level::lolo;
    lolo.limit = 1.0;
    EXPECT_EQ(points_of(sample), (std::vector{hihi, lo, lolo}));
    EXPECT_EQ(sample.series.all(),
              (std::vector<Series>{{"pressure", Severity::warning}, {"pressure", Severity::info}}));
}

/// A rule with every field given, of which only its kind's may count.
Rule crowded_rule(RuleKind kind, std::string name) {
    Rule rule = rule_of(kind, std::move(name));
    rule.of = Figure::average;
    rule.deadband = 1.0;
    rule.per_second = 2.0;
    rule.against = Reference::mean;
    rule.ratio = 3.5;
    rule.absolute = 4.0;
    rule.direction = Direction::falling;
    rule.sigmas = 5.0;
    rule.min_readings = 6;
    rule.for_ns = 7;
    rule.tolerance = 8.0;
    rule.least = 9.0;
    rule.greatest = 10.0;
    rule.rules = {"rate"};
    rule.by = "group";
    rule.at_least_sensors = 11;
    return rule;
}

TEST(RuleBook, EveryOtherKindIsOnePointWithItsOwnFiguresOnly) {
    Rule intervals = crowded_rule(RuleKind::absence, "intervals");
    intervals.intervals = 2.5;
    Rule any_number = rule_of(RuleKind::quality, "any_number");
    const SampleBook sample({crowded_rule(RuleKind::rate, "rate"),
                             crowded_rule(RuleKind::jump, "jump"),
                             crowded_rule(RuleKind::deviation, "deviation"),
                             crowded_rule(RuleKind::flatline, "flatline"),
                             crowded_rule(RuleKind::quality, "quality"),
                             any_number,
                             crowded_rule(RuleKind::absence, "absence"),
                             intervals,
                             crowded_rule(RuleKind::group, "group")});

    std::vector<AlarmPoint> expected = {point_of(RuleKind::rate, 0),
                                        point_of(RuleKind::jump, 1),
                                        point_of(RuleKind::deviation, 2),
                                        point_of(RuleKind::flatline, 3),
                                        point_of(RuleKind::quality, 4),
                                        point_of(RuleKind::quality, 5),
                                        point_of(RuleKind::absence, 6),
                                        point_of(RuleKind::absence, 7),
                                        point_of(RuleKind::group, 8)};
    expected[0].limit = 2.0;
    expected[0].direction = Direction::falling;
    expected[1].of = Figure::average;
    expected[1].against = Reference::mean;
    expected[1].margin = 2.5;
    expected[1].absolute = 4.0;
    expected[1].direction = Direction::falling;
    expected[2].limit = 5.0;
    expected[2].min_readings = 6;
    expected[3].for_ns = 7;
    expected[3].tolerance = 8.0;
    expected[4].least = 9.0;
    expected[4].greatest = 10.0;
    expected[5].least = -infinity;
    expected[5].greatest = infinity;
    expected[6].for_ns = 7;
    expected[7].intervals = 2.5;
    expected[8].at_least_sensors = 11;
    EXPECT_EQ(points_of(sample), expected);
}

TEST(RuleBook, EqualWindowsAreOne) {
    std::vector<Rule> rules;
    for (const WindowShape& shape :
         {WindowShape{10, 5, 1}, WindowShape{10, 10, 1}, WindowShape{10, 5, 1}}) {
        rules.push_back(high_limit("rule" + std::to_string(rules.size())));
        rules.back().of = Figure::window_mean;
        rules.back().window = shape;
    }
    rules.push_back(high_limit("of_values"));
    rules.back().window = {99, 99, 99};
    for (const Figure figure : {Figure::window_p50, Figure::window_rate, Figure::window_p99}) {
        rules.push_back(high_limit("rule" + std::to_string(rules.size())));
        rules.back().of = figure;
        rules.back().window = {10, 5, 1};
    }
    const SampleBook sample(rules);

    const std::span<const RuleWindow> windows = sample.book.windows();
    EXPECT_EQ(
        std::vector<RuleWindow>(windows.begin(), windows.end()),
        (std::vector<RuleWindow>{{{10, 5, 1}, false}, {{10, 10, 1}, false}, {{10, 5, 1}, true}}));
    std::vector<std::uint32_t> of_points;
    for (const AlarmPoint& point : sample.book.points()) {
        of_points.push_back(point.window);
    }
    EXPECT_EQ(of_points, (std::vector<std::uint32_t>{0, 1, 0, no_index, 2, 0, 2}));
}

TEST(RuleBook, GroupsAreTheValuesThatTheInventoryHas) {
    Rule levels = high_limit("levels");
    levels.lo = LevelLimit{.value = 1.0};
    Rule by_line = rule_of(RuleKind::group, "by_line");
    by_line.by = "line";
    by_line.rules = {"jump", "levels", "levels", "by_line", "nobody"};
    Rule by_hall = rule_of(RuleKind::group, "by_hall");
    by_hall.by = "hall";
    by_hall.rules = {"jump"};
    const SampleBook sample({by_line, levels, by_hall, rule_of(RuleKind::jump, "jump")},
                            inventory_of({entry_of(3, {{"line", "b"}}),
                                          entry_of(5, {{"hall", "x"}, {"line", "a"}}),
                                          entry_of(7, {{"line", "b"}}),
                                          entry_of(9)}));
    const RuleBook& book = sample.book;

    EXPECT_EQ(std::vector<SensorGroup>(book.groups().begin(), book.groups().end()),
              (std::vector<SensorGroup>{{0, "a"}, {0, "b"}, {3, "x"}}));
    std::vector<std::uint32_t> lines;
    std::vector<std::uint32_t> halls;
    for (const std::uint64_t sensor : {3u, 5u, 7u, 9u, 11u}) {
        lines.push_back(book.group_of(0, sensor));
        halls.push_back(book.group_of(3, sensor));
    }
    EXPECT_EQ(lines, (std::vector<std::uint32_t>{1, 0, 1, no_index, no_index}));
    EXPECT_EQ(halls, (std::vector<std::uint32_t>{no_index, 2, no_index, no_index, no_index}));

    std::vector<std::vector<std::uint32_t>> counting;
    for (std::uint32_t point = 0; point < book.points().size(); ++point) {
        counting.push_back(list(book.groups_counting(point)));
        for (const std::uint32_t group : {0u, 3u}) {
            EXPECT_EQ(book.counts_for(point, group),
                      std::ranges::count(counting.back(), group) == 1);
        }
    }
    EXPECT_EQ(counting, (std::vector<std::vector<std::uint32_t>>{{}, {0}, {0}, {}, {0, 3}}));
}

TEST(RuleBook, SilenceIsOfTheRuleOrOfTheSensorsInterval) {
    AlarmPoint point = point_of(RuleKind::absence, 0);
    point.for_ns = 70;
    InventoryEntry entry = entry_of(1);
    EXPECT_EQ(silence_ns(point, nullptr), 70u);
    EXPECT_EQ(silence_ns(point, &entry), 70u);
    point.for_ns = 0;
    point.intervals = 2.5;
    EXPECT_EQ(silence_ns(point, nullptr), 0u);
    EXPECT_EQ(silence_ns(point, &entry), 0u);
    entry.expected_interval_ns = 4'000'000'000;
    EXPECT_EQ(silence_ns(point, &entry), 10'000'000'000u);
    point.intervals = 1e-30;
    EXPECT_EQ(silence_ns(point, &entry), 1u);
    point.intervals = 1e300;
    EXPECT_EQ(silence_ns(point, &entry), std::uint64_t{1} << 62);
}

TEST(RuleBook, ExpectsTheInventorysSensorsThatAbsenceRulesSelect) {
    Rule all = rule_of(RuleKind::absence, "all");
    all.intervals = 3.0;
    Rule some = rule_of(RuleKind::absence, "some");
    some.for_ns = 50;
    some.match.sensors = {{5, 8}};
    Rule of_device = rule_of(RuleKind::absence, "of_device");
    of_device.for_ns = 60;
    of_device.match.devices = {0, 1};
    std::vector<InventoryEntry> entries = {entry_of(4), entry_of(5), entry_of(7), entry_of(9)};
    entries[0].expected_interval_ns = 100;
    entries[1].expected_interval_ns = 200;
    const SampleBook sample({high_limit("limits"), some, of_device, all}, inventory_of(entries));

    const std::span<const ExpectedSensor> expected = sample.book.expected();
    EXPECT_EQ(std::vector<ExpectedSensor>(expected.begin(), expected.end()),
              (std::vector<ExpectedSensor>{{0, 3, 300}, {1, 1, 50}, {1, 3, 600}, {2, 1, 50}}));
}

TEST(RuleBook, RefusesADeadbandThatIsWiderThanASensorsLimitsAreApart) {
    Rule rule = rule_of(RuleKind::limits, "own");
    rule.match.sensors = {{1, 50}};
    rule.hihi = rule.hi = rule.lo = LevelLimit{.value = 0.0, .of_inventory = true};
    rule.deadband = 5.0;
    const auto fault_of = [&](std::vector<SensorLimits> limits) {
        std::vector<InventoryEntry> entries;
        for (const SensorLimits& own : limits) {
            entries.push_back(entry_of(entries.size() + 1));
            entries.back().limits = own;
        }
        try {
            const SampleBook sample({rule}, inventory_of(std::move(entries)));
        } catch (const StartupError& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    const double none = SensorLimits::none;
    EXPECT_EQ(fault_of({{none, 5.5, 0.0, none},
                        {none, 5.0, none, none},
                        {9.0, none, none, 8.0},
                        {none, none, 8.0, none}}),
              "");
    EXPECT_EQ(fault_of({{none, 9.0, 0.0, none},
                        {none, 5.0, 0.0, none},
                        {4.0, none, 0.0, none},
                        {99.0, 4.0, 0.0, none}}),
              "rule own: deadband is not less than from lo to hi of sensor 2 and 2 more (give a "
              "smaller deadband, or limits further apart)");
    rule.match.sensors = {{2, 50}};
    EXPECT_EQ(fault_of({{none, 1.0, 0.0, none}}), "") << "of a sensor that it does not select";
    rule.match = {.sensors = {}, .devices = {3}, .labels = {}};
    EXPECT_EQ(fault_of({{none, 1.0, 0.0, none}}), "") << "of one that it may not select";
}

TEST(RuleBook, RefusesMoreRulesThanThereIsRoomFor) {
    std::vector<Rule> rules(max_rules, high_limit("same"));
    EXPECT_EQ(SampleBook(rules).book.points().size(), max_rules);
    rules.push_back(high_limit("same"));
    EXPECT_THROW(SampleBook{rules}, StartupError);
}

TEST(RuleBook, RefusesMoreGroupsThanThereIsRoomFor) {
    std::vector<InventoryEntry> entries;
    for (std::uint64_t id = 0; id < 1024; ++id) {
        entries.push_back(entry_of(id, {{"group", std::to_string(id)}}));
    }
    Rule group = rule_of(RuleKind::group, "group");
    group.by = "group";
    std::vector<Rule> rules(max_groups / 1024, group);
    const auto inventory = inventory_of(entries);
    EXPECT_EQ(SampleBook(rules, inventory).book.groups().size(), max_groups);
    rules.push_back(group);
    EXPECT_THROW(SampleBook(rules, inventory), StartupError);
}

TEST(SeriesRegistry, NumbersStayWhenRulesAreLoadedAgain) {
    SeriesRegistry series;
    const RuleBook before({high_limit("a"), high_limit("b")}, nullptr, series);
    Rule graver = high_limit("a");
    graver.severity = Severity::critical;
    const RuleBook after({high_limit("c"), graver, high_limit("b")}, nullptr, series);

    EXPECT_EQ(series.all(),
              (std::vector<Series>{{"a", Severity::warning},
                                   {"b", Severity::warning},
                                   {"c", Severity::warning},
                                   {"a", Severity::critical}}));
    EXPECT_EQ(
        (std::vector{after.points()[0].series, after.points()[1].series, after.points()[2].series}),
        (std::vector<std::uint32_t>{2, 3, 1}));
}

TEST(SeriesRegistry, RefusesWhatItHasNoNumberFor) {
    SeriesRegistry series;
    for (std::uint32_t i = 0; i < SeriesRegistry::max_series; ++i) {
        ASSERT_EQ(series.number_of("rule" + std::to_string(i), Severity::info), i);
    }
    EXPECT_EQ(series.number_of("one_more", Severity::info), no_index);
    EXPECT_EQ(series.number_of("rule7", Severity::info), 7u);
    EXPECT_EQ(series.all().size(), SeriesRegistry::max_series);
    EXPECT_THROW(RuleBook({high_limit("one_more")}, nullptr, series), StartupError);
}

}  // namespace
}  // namespace roda::appliance
