// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdint>

#include "appliance/alarms/alarm_life.hpp"
#include "tests/appliance/alarms/alarm_in_words.hpp"

namespace roda::appliance {
namespace {

constexpr std::uint64_t never = ~std::uint64_t{0};

TEST(AlarmShelf, FiringBehindItIsToldWhenItEnds) {
    AlarmInWords alarm({});
    EXPECT_EQ(alarm.shelve(10, 100), "");
    EXPECT_FALSE(alarm.is_at_rest());
    EXPECT_EQ(alarm.due(), 100U);
    EXPECT_EQ(alarm.holds(50), "");
    EXPECT_EQ(alarm.cell.state, AlarmState::firing);
    EXPECT_EQ(alarm.pass(99), "");
    EXPECT_EQ(alarm.is_gone(120), "firing 1 @100, resolved 1 @120");
}

TEST(AlarmShelf, WhatCameAndWentBehindItIsNotTold) {
    AlarmInWords alarm({});
    EXPECT_EQ(alarm.shelve(10, 100), "");
    EXPECT_EQ(alarm.holds(50), "");
    EXPECT_EQ(alarm.is_gone(60), "");
    EXPECT_EQ(alarm.pass(100), "");
    EXPECT_TRUE(alarm.is_at_rest());
}

TEST(AlarmShelf, AlertThatStillStandsIsOnlyUnshelved) {
    AlarmInWords alarm({});
    EXPECT_EQ(alarm.holds(5), "firing 1 @5");
    EXPECT_EQ(alarm.shelve(10, 100), "shelved 1 @10");
    EXPECT_EQ(alarm.pass(200), "unshelved 1 @100");
    EXPECT_EQ(alarm.is_gone(210), "resolved 1 @210");
}

TEST(AlarmShelf, AlertThatEndedBehindItResolvesWhenItEnds) {
    AlarmInWords alarm({});
    EXPECT_EQ(alarm.holds(5), "firing 1 @5");
    EXPECT_EQ(alarm.shelve(10, 100), "shelved 1 @10");
    EXPECT_EQ(alarm.is_gone(20), "");
    EXPECT_EQ(alarm.pass(100), "unshelved 1 @100, resolved 1 @100");
    EXPECT_TRUE(alarm.is_at_rest());
}

TEST(AlarmShelf, NextOccurrenceBehindItIsToldAfterTheLastOneIsEnded) {
    AlarmInWords alarm({});
    EXPECT_EQ(alarm.holds(5), "firing 1 @5");
    EXPECT_EQ(alarm.shelve(10, 100), "shelved 1 @10");
    EXPECT_EQ(alarm.is_gone(20), "");
    EXPECT_EQ(alarm.holds(30), "");
    EXPECT_EQ(alarm.pass(100), "unshelved 1 @100, resolved 1 @100, firing 2 @100");
}

TEST(AlarmShelf, PendingAlertThatFiresBehindItIsToldAtItsEnd) {
    AlarmInWords alarm({.on_delay_ns = 20});
    EXPECT_EQ(alarm.holds(5), "pending 1 @5");
    EXPECT_EQ(alarm.shelve(10, 100), "shelved 1 @10");
    EXPECT_EQ(alarm.pass(50), "");
    EXPECT_EQ(alarm.pass(100), "unshelved 1 @100, firing 1 @100");
}

TEST(AlarmShelf, PendingAlertThatEndedBehindItIsCancelledEvenIfItFired) {
    AlarmInWords alarm({.on_delay_ns = 20});
    EXPECT_EQ(alarm.holds(5), "pending 1 @5");
    EXPECT_EQ(alarm.shelve(10, 100), "shelved 1 @10");
    EXPECT_EQ(alarm.is_gone(50), "");
    EXPECT_EQ(alarm.pass(100), "unshelved 1 @100, cancelled 1 @100");
}

TEST(AlarmShelf, PersonEndsItEarly) {
    AlarmInWords alarm({});
    EXPECT_EQ(alarm.shelve(4, 4), "");
    EXPECT_EQ(alarm.holds(5), "firing 1 @5");
    EXPECT_EQ(alarm.shelve(10, 100), "shelved 1 @10");
    EXPECT_EQ(alarm.shelve(40, 40), "unshelved 1 @40");
    EXPECT_EQ(alarm.shelve(41, 0), "");
    EXPECT_EQ(alarm.due(), never);
}

TEST(AlarmShelf, SetAgainMovesItsEndAndTellsAStandingAlertOnce) {
    AlarmInWords alarm({});
    EXPECT_EQ(alarm.shelve(1, 50), "");
    EXPECT_EQ(alarm.holds(5), "");
    EXPECT_EQ(alarm.shelve(10, 100), "shelved 1 @10");
    EXPECT_EQ(alarm.shelve(20, 200), "");
    EXPECT_EQ(alarm.pass(199), "");
    EXPECT_EQ(alarm.pass(200), "unshelved 1 @200, firing 1 @200");
}

TEST(AlarmShelf, EndsBeforeWhatElseIsOfItsMoment) {
    AlarmInWords alarm({.on_delay_ns = 10});
    EXPECT_EQ(alarm.shelve(80, 100), "");
    EXPECT_EQ(alarm.holds(90), "");
    EXPECT_EQ(alarm.is_gone(100), "pending 1 @100, firing 1 @100, resolved 1 @100");
}

TEST(AlarmShelf, AcknowledgedAndFlappingBehindItAreToldWhenItEnds) {
    AlarmInWords alarm({.flap_changes = 1, .flap_within_ns = 50});
    EXPECT_EQ(alarm.shelve(1, 40), "");
    EXPECT_EQ(alarm.holds(5), "");
    EXPECT_EQ(alarm.acknowledge(10), "");
    EXPECT_EQ(alarm.pass(100), "firing 1 @40, flapping 1 @40, acknowledged 1 @40, firing 1 @55");
}

TEST(AlarmShelf, FlappingThatEndedBehindItIsFiringWhenItEnds) {
    AlarmInWords alarm({.flap_changes = 1, .flap_within_ns = 50});
    EXPECT_EQ(alarm.holds(5), "firing 1 @5, flapping 1 @5");
    EXPECT_EQ(alarm.shelve(10, 100), "shelved 1 @10");
    EXPECT_EQ(alarm.pass(100), "unshelved 1 @100, firing 1 @100");
}

TEST(AlarmShelf, LatchedAlertAcknowledgedBehindItResolvesWhenItEnds) {
    AlarmInWords alarm({.latching = true});
    EXPECT_EQ(alarm.holds(5), "firing 1 @5");
    EXPECT_EQ(alarm.is_gone(6), "");
    EXPECT_EQ(alarm.shelve(10, 100), "shelved 1 @10");
    EXPECT_EQ(alarm.acknowledge(20), "");
    EXPECT_EQ(alarm.pass(100), "unshelved 1 @100, resolved 1 @100");
}

TEST(AlarmShelf, EndOfTheRuleEndsItAndWhatWasTold) {
    AlarmInWords alarm({});
    EXPECT_EQ(alarm.holds(5), "firing 1 @5");
    EXPECT_EQ(alarm.shelve(10, 100), "shelved 1 @10");
    EXPECT_EQ(alarm.end(20), "unshelved 1 @20, resolved 1 @20");
    EXPECT_TRUE(alarm.is_at_rest());
    AlarmInWords untold({});
    EXPECT_EQ(untold.shelve(10, 100), "");
    EXPECT_EQ(untold.holds(15), "");
    EXPECT_EQ(untold.end(20), "");
    EXPECT_TRUE(untold.is_at_rest());
}

}  // namespace
}  // namespace roda::appliance
