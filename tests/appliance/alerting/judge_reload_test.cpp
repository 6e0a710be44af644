// SPDX-License-Identifier: Apache-2.0
// What a reload must not wait for a sensor's next reading with: that there is none.
#include <gtest/gtest.h>

#include "tests/appliance/alerting/judge_bench.hpp"
#include "tests/appliance/rules/rule_forms.hpp"

namespace roda::appliance {
namespace {

/// With it no sensor's rules are known before a reading says who sent it.
Rule of_device(std::uint64_t device) {
    Rule rule = high("high", 10.0);
    rule.match.devices = {device};
    return rule;
}

std::vector<InventoryEntry> inventory_of_1() {
    return {entry_of(1)};
}

/// As a reload does it on a shard that need not watch the inventory.
void load_unexpected(JudgeBench& bench, std::vector<Rule> rules) {
    bench.install(bench.edition_of(std::move(rules), inventory_of_1()));
    bench.sensors().visit_some(
        ~0u, [&](std::uint64_t id, SensorState& sensor) { bench.judge().migrate(id, sensor); });
    bench.judge().end_migration();
}

TEST(ReloadOfSilence, FindsSensorsThatAreSilentWhileOtherRulesWaitForADevice) {
    JudgeBench bench({of_device(3)}, inventory_of_1());
    bench.read(1, 1.0, 0).read(2, 1.0, 1000).pass(5000);
    load_unexpected(bench, {of_device(3), silence()});
    bench.pass(14'000);
    Lines told = bench.lines();
    std::sort(told.begin(), told.end());
    EXPECT_EQ(told, (Lines{"firing silent 1 at 8000", "firing silent 2 at 9000"}));
    bench.from_device(3);
    bench.read(1, 11.0, 15'000);
    told = bench.lines();
    std::sort(told.begin(), told.end());
    EXPECT_EQ(told, (Lines{"firing high.hi 1 at 15000", "resolved silent 1 at 15000"}));
}

TEST(ReloadOfSilence, GoesOnWhileOtherRulesWaitForADevice) {
    JudgeBench bench({of_device(3), silence()}, inventory_of_1());
    bench.read(1, 1.0, 0).pass(7000);
    load_unexpected(bench, {of_device(4), silence()});
    bench.pass(9000);
    EXPECT_EQ(bench.lines(), (Lines{"firing silent 1 at 8000"}));
}

TEST(ReloadOfSilence, OfADeviceWaitsForItsReading) {
    Rule silent = silence();
    silent.match.devices = {3};
    JudgeBench bench({of_device(3)}, inventory_of_1());
    bench.from_device(3);
    bench.read(1, 1.0, 0).pass(5000);
    load_unexpected(bench, {of_device(3), silent});
    bench.pass(20'000);
    EXPECT_EQ(bench.lines(), Lines{});
    bench.read(1, 1.0, 20'000).pass(29'000);
    EXPECT_EQ(bench.lines(), (Lines{"firing silent 1 at 28000"}));
}

}  // namespace
}  // namespace roda::appliance
