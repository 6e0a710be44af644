// SPDX-License-Identifier: Apache-2.0
// AlarmChanges has room for what any step may bring: every state that an alarm can come to is
// tried with every step. States that differ in nothing but how long ago things were, once that is
// longer than any delay, are one.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <vector>

#include "appliance/alarms/alarm_life.hpp"
#include "tests/appliance/alarms/alarm_in_words.hpp"

namespace roda::appliance {
namespace {

constexpr std::uint64_t now = 1000;
constexpr std::uint64_t longest = 3;  // no delay is longer

std::uint64_t new_id(void*) {
    return 2;
}

/// The same state, now; ids are 1, and 3 for the one of another occurrence.
AlarmCell canonical(const AlarmCell& cell) {
    AlarmCell same = cell;
    const auto ago = [&](std::uint64_t time) {
        return time == 0 ? 0 : now - std::min(cell.last_ns - time, longest);
    };
    same.last_ns = now;
    same.since_ns = ago(cell.since_ns);
    same.fired_ns = ago(cell.fired_ns);
    same.flap_from_ns = ago(cell.flap_from_ns);
    if (cell.shelved_until_ns != 0) {
        same.shelved_until_ns = now + cell.shelved_until_ns - cell.last_ns;
    }
    if (cell.told_id != 0) {
        same.told_id = cell.told_id == cell.id ? 1 : 3;
    }
    same.id = cell.id == 0 ? 0 : 1;
    return same;
}

using Key = std::array<std::uint64_t, 6>;

Key key_of(const AlarmCell& cell) {
    const auto bits = static_cast<std::uint64_t>(cell.state) | (cell.condition ? 8u : 0u) |
                      (cell.acknowledged ? 16u : 0u) | (cell.flapping ? 32u : 0u) |
                      (cell.told_acknowledged ? 64u : 0u) | (cell.told_shelved ? 128u : 0u) |
                      static_cast<std::uint64_t>(cell.told) << 8 | cell.id << 12 |
                      cell.told_id << 16 | std::uint64_t{cell.flap_changes} << 32;
    return {
        bits, cell.since_ns, cell.fired_ns, cell.flap_from_ns, cell.shelved_until_ns, cell.history};
}

/// Calls visit(next cell, its changes) for each step that can follow.
template <class Visit>
void step(const AlarmCell& cell, const AlertLife& life, Visit&& visit) {
    const AlarmLife alarms(new_id, nullptr);
    for (const std::uint64_t later : {0U, 1U, 100U}) {
        const std::uint64_t at = now + later;
        const auto with = [&](auto&& call) {
            AlarmCell next = cell;
            const AlarmChanges changes = call(next);
            visit(next, changes);
        };
        with([&](AlarmCell& next) { return alarms.judge(next, life, true, at); });
        with([&](AlarmCell& next) { return alarms.judge(next, life, false, at); });
        with([&](AlarmCell& next) { return alarms.acknowledge(next, life, at); });
        with([&](AlarmCell& next) { return alarms.end(next, life, at); });
        for (const std::uint64_t shelf : {0U, 1U, 3U}) {
            with([&](AlarmCell& next) { return alarms.shelve(next, life, at, at + shelf); });
        }
    }
}

std::size_t most_changes_of(const AlertLife& life) {
    std::size_t most = 0;
    std::set<Key> seen;
    std::vector<AlarmCell> todo{canonical(AlarmCell{})};
    while (!todo.empty()) {
        const AlarmCell cell = todo.back();
        todo.pop_back();
        step(cell, life, [&](const AlarmCell& next, const AlarmChanges& changes) {
            most = std::max(most, changes.size());
            const AlarmCell same = canonical(next);
            if (seen.insert(key_of(same)).second) {
                todo.push_back(same);
            }
        });
    }
    EXPECT_GT(seen.size(), 20U);
    return most;
}

TEST(AlarmChanges, HasRoomForEveryStepFromEveryState) {
    std::size_t most = 0;
    for (int i = 0; i < 48; ++i) {
        AlertLife life;
        life.on_delay_ns = i % 2 == 0 ? 0 : 1;
        life.off_delay_ns = i / 2 % 2 == 0 ? 0 : 1;
        life.min_interval_ns = i / 4 % 2 == 0 ? 0 : longest;
        life.latching = i / 8 % 2 == 1;
        life.flap_changes = static_cast<std::uint32_t>(i / 16);
        life.flap_within_ns = 2;
        most = std::max(most, most_changes_of(life));
    }
    EXPECT_EQ(most, AlarmChanges::most);
}

TEST(AlarmChanges, AreMostWhenAShelfEndsOverAnAlertThatFlaps) {
    AlarmInWords alarm({.flap_changes = 1, .flap_within_ns = 10});
    EXPECT_EQ(alarm.holds(1), "firing 1 @1, flapping 1 @1");
    EXPECT_EQ(alarm.shelve(2, 50), "shelved 1 @2");
    EXPECT_EQ(alarm.is_gone(3), "");
    EXPECT_EQ(alarm.holds(44), "");
    EXPECT_EQ(alarm.acknowledge(45), "");
    EXPECT_EQ(alarm.is_gone(46), "");
    EXPECT_EQ(alarm.holds(100),
              "unshelved 1 @50, resolved 1 @50, firing 2 @50, flapping 2 @50, acknowledged 2 @50, "
              "resolved 2 @56, firing 3 @100, flapping 3 @100");
}

}  // namespace
}  // namespace roda::appliance
