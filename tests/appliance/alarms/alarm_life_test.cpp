// SPDX-License-Identifier: Apache-2.0
#include "appliance/alarms/alarm_life.hpp"

#include <gtest/gtest.h>

#include <cstdint>

#include "tests/appliance/alarms/alarm_in_words.hpp"

namespace roda::appliance {
namespace {

constexpr std::uint64_t never = ~std::uint64_t{0};

TEST(AlarmLife, WithoutDelaysEachBeginningFiresAndEachEndResolves) {
    AlarmInWords alarm({});
    EXPECT_EQ(alarm.is_gone(5), "");
    EXPECT_TRUE(alarm.is_at_rest());
    EXPECT_EQ(alarm.holds(10), "firing 1 @10");
    EXPECT_EQ(alarm.holds(11), "");
    EXPECT_EQ(alarm.due(), never);
    EXPECT_FALSE(alarm.is_at_rest());
    EXPECT_EQ(alarm.is_gone(12), "resolved 1 @12");
    EXPECT_TRUE(alarm.is_at_rest());
    EXPECT_EQ(alarm.holds(13), "firing 2 @13");
}

TEST(AlarmLife, OnDelayFiresWhenItIsOverNotAtTheReadingThatShowsIt) {
    AlarmInWords alarm({.on_delay_ns = 10});
    EXPECT_EQ(alarm.holds(100), "pending 1 @100");
    EXPECT_EQ(alarm.due(), 110U);
    EXPECT_EQ(alarm.pass(109), "");
    EXPECT_EQ(alarm.holds(300), "firing 1 @110");
    EXPECT_EQ(alarm.is_gone(301), "resolved 1 @301");
}

TEST(AlarmLife, ConditionThatEndsBeforeItsOnDelayIsCancelled) {
    AlarmInWords alarm({.on_delay_ns = 10});
    EXPECT_EQ(alarm.holds(100), "pending 1 @100");
    EXPECT_EQ(alarm.is_gone(109), "cancelled 1 @109");
    EXPECT_TRUE(alarm.is_at_rest());
    EXPECT_EQ(alarm.holds(110), "pending 2 @110");
    EXPECT_EQ(alarm.due(), 120U);
}

TEST(AlarmLife, ConditionThatEndsWithItsOnDelayHasFired) {
    AlarmInWords alarm({.on_delay_ns = 10});
    EXPECT_EQ(alarm.holds(100), "pending 1 @100");
    EXPECT_EQ(alarm.is_gone(110), "firing 1 @110, resolved 1 @110");
}

TEST(AlarmLife, OffDelayResolvesOnlyWhatStaysGone) {
    AlarmInWords alarm({.off_delay_ns = 10});
    EXPECT_EQ(alarm.holds(100), "firing 1 @100");
    EXPECT_EQ(alarm.is_gone(105), "");
    EXPECT_EQ(alarm.due(), 115U);
    EXPECT_EQ(alarm.holds(114), "");
    EXPECT_EQ(alarm.is_gone(120), "");
    EXPECT_EQ(alarm.holds(400), "resolved 1 @130, firing 2 @400");
}

TEST(AlarmLife, MOfNHoldsWhileEnoughOfTheLastReadingsFulfil) {
    AlarmInWords alarm({.at_least = 2, .of_last = 3});
    EXPECT_EQ(alarm.holds(1), "");
    EXPECT_FALSE(alarm.is_at_rest());
    EXPECT_EQ(alarm.is_gone(2), "");
    EXPECT_EQ(alarm.holds(3), "firing 1 @3");
    EXPECT_EQ(alarm.is_gone(4), "resolved 1 @4");
    EXPECT_EQ(alarm.is_gone(5), "");
    EXPECT_FALSE(alarm.is_at_rest());
    EXPECT_EQ(alarm.is_gone(6), "");
    EXPECT_TRUE(alarm.is_at_rest());
}

TEST(AlarmLife, SixtyFourReadingsAreCounted) {
    AlarmInWords alarm({.at_least = 64, .of_last = 64});
    for (std::uint64_t at = 1; at < 64; ++at) {
        EXPECT_EQ(alarm.holds(at), "");
    }
    EXPECT_EQ(alarm.holds(64), "firing 1 @64");
    EXPECT_EQ(alarm.holds(65), "");
    EXPECT_EQ(alarm.is_gone(66), "resolved 1 @66");
}

TEST(AlarmLife, MinIntervalHoldsTheNextFiringBack) {
    AlarmInWords alarm({.min_interval_ns = 50});
    EXPECT_EQ(alarm.holds(100), "firing 1 @100");
    EXPECT_EQ(alarm.is_gone(101), "resolved 1 @101");
    EXPECT_FALSE(alarm.is_at_rest());
    EXPECT_EQ(alarm.due(), 150U);
    EXPECT_EQ(alarm.holds(110), "pending 2 @110");
    EXPECT_EQ(alarm.is_gone(120), "cancelled 2 @120");
    EXPECT_EQ(alarm.holds(130), "pending 3 @130");
    EXPECT_EQ(alarm.is_gone(160), "firing 3 @150, resolved 3 @160");
    EXPECT_EQ(alarm.pass(200), "");
    EXPECT_TRUE(alarm.is_at_rest());
    EXPECT_EQ(alarm.holds(200), "firing 4 @200");
}

TEST(AlarmLife, LatchingAlertWaitsForItsAcknowledgement) {
    AlarmInWords alarm({.latching = true});
    EXPECT_EQ(alarm.holds(10), "firing 1 @10");
    EXPECT_EQ(alarm.is_gone(20), "");
    EXPECT_EQ(alarm.cell.state, AlarmState::latched);
    EXPECT_EQ(alarm.due(), never);
    EXPECT_EQ(alarm.holds(30), "");
    EXPECT_EQ(alarm.is_gone(40), "");
    EXPECT_EQ(alarm.acknowledge(50), "acknowledged 1 @50, resolved 1 @50");
    EXPECT_TRUE(alarm.is_at_rest());
}

TEST(AlarmLife, AcknowledgedAlertResolvesWithItsConditionAndTheNextIsNot) {
    AlarmInWords alarm({.latching = true});
    EXPECT_EQ(alarm.acknowledge(5), "");
    EXPECT_EQ(alarm.holds(10), "firing 1 @10");
    EXPECT_EQ(alarm.acknowledge(15), "acknowledged 1 @15");
    EXPECT_EQ(alarm.acknowledge(16), "");
    EXPECT_EQ(alarm.is_gone(20), "resolved 1 @20");
    EXPECT_EQ(alarm.holds(30), "firing 2 @30");
    EXPECT_EQ(alarm.is_gone(40), "");
}

TEST(AlarmLife, LatchingAlertWithOffDelayLatchesWhenItIsOver) {
    AlarmInWords alarm({.off_delay_ns = 10, .latching = true});
    EXPECT_EQ(alarm.holds(10), "firing 1 @10");
    EXPECT_EQ(alarm.is_gone(20), "");
    EXPECT_EQ(alarm.cell.state, AlarmState::clearing);
    EXPECT_EQ(alarm.pass(30), "");
    EXPECT_EQ(alarm.cell.state, AlarmState::latched);
    EXPECT_EQ(alarm.acknowledge(31), "acknowledged 1 @31, resolved 1 @31");
}

TEST(AlarmLife, AcknowledgedWhileClearingResolvesWhenTheDelayIsOver) {
    AlarmInWords alarm({.off_delay_ns = 10, .latching = true});
    EXPECT_EQ(alarm.holds(10), "firing 1 @10");
    EXPECT_EQ(alarm.is_gone(20), "");
    EXPECT_EQ(alarm.acknowledge(25), "acknowledged 1 @25");
    EXPECT_EQ(alarm.pass(40), "resolved 1 @30");
}

TEST(AlarmLife, FlappingIsToldOnceAndEndsWhenTheConditionIsSteady) {
    AlarmInWords alarm({.flap_changes = 4, .flap_within_ns = 100});
    EXPECT_EQ(alarm.holds(10), "firing 1 @10");
    EXPECT_EQ(alarm.is_gone(20), "resolved 1 @20");
    EXPECT_EQ(alarm.holds(30), "firing 2 @30");
    EXPECT_EQ(alarm.is_gone(40), "flapping 2 @40");
    EXPECT_EQ(alarm.holds(50), "");
    EXPECT_EQ(alarm.is_gone(60), "");
    EXPECT_EQ(alarm.due(), 160U);
    EXPECT_EQ(alarm.holds(500), "resolved 2 @160, firing 3 @500");
}

TEST(AlarmLife, FlappingThatSettlesOnItsConditionFiresOnAsTheSameOccurrence) {
    AlarmInWords alarm({.flap_changes = 3, .flap_within_ns = 100});
    EXPECT_EQ(alarm.holds(10), "firing 1 @10");
    EXPECT_EQ(alarm.is_gone(20), "resolved 1 @20");
    EXPECT_EQ(alarm.holds(30), "firing 2 @30, flapping 2 @30");
    EXPECT_EQ(alarm.is_gone(40), "");
    EXPECT_EQ(alarm.holds(50), "");
    EXPECT_EQ(alarm.acknowledge(60), "acknowledged 2 @60");
    EXPECT_EQ(alarm.pass(150), "firing 2 @150");
    EXPECT_EQ(alarm.is_gone(160), "resolved 2 @160");
}

TEST(AlarmLife, ChangesThatAreTooFarApartDoNotFlap) {
    AlarmInWords alarm({.flap_changes = 3, .flap_within_ns = 100});
    EXPECT_EQ(alarm.holds(10), "firing 1 @10");
    EXPECT_EQ(alarm.is_gone(60), "resolved 1 @60");
    EXPECT_EQ(alarm.due(), 110U);
    EXPECT_EQ(alarm.holds(110), "firing 2 @110");
    EXPECT_EQ(alarm.is_gone(120), "resolved 2 @120");
    EXPECT_EQ(alarm.pass(209), "");
    EXPECT_FALSE(alarm.is_at_rest());
    EXPECT_EQ(alarm.pass(210), "");
    EXPECT_TRUE(alarm.is_at_rest());
}

TEST(AlarmLife, SteadyConditionBehindLongDelaysDoesNotFlap) {
    AlarmInWords alarm({.on_delay_ns = 100, .flap_changes = 1, .flap_within_ns = 50});
    EXPECT_EQ(alarm.holds(10), "pending 1 @10");
    EXPECT_EQ(alarm.pass(500), "firing 1 @110");
}

TEST(AlarmLife, FlappingLatchingAlertThatSettlesIsStillToBeAcknowledged) {
    AlarmInWords alarm({.latching = true, .flap_changes = 1, .flap_within_ns = 100});
    EXPECT_EQ(alarm.holds(10), "firing 1 @10, flapping 1 @10");
    EXPECT_EQ(alarm.is_gone(20), "");
    EXPECT_EQ(alarm.pass(200), "firing 1 @120");
    EXPECT_EQ(alarm.cell.state, AlarmState::latched);
    EXPECT_EQ(alarm.acknowledge(210), "acknowledged 1 @210, resolved 1 @210");
}

TEST(AlarmLife, TimeThatGoesBackIsTheLastTime) {
    AlarmInWords alarm({.on_delay_ns = 10});
    EXPECT_EQ(alarm.holds(100), "pending 1 @100");
    EXPECT_EQ(alarm.is_gone(50), "cancelled 1 @100");
    EXPECT_EQ(alarm.holds(7), "pending 2 @100");
    EXPECT_EQ(alarm.due(), 110U);
}

TEST(AlarmLife, DelaysGoOnWhenTheClockIsSetBack) {
    AlarmInWords alarm({.on_delay_ns = 10, .min_interval_ns = 50});
    EXPECT_EQ(alarm.holds(1000), "pending 1 @1000");
    EXPECT_EQ(alarm.is_gone(1020), "firing 1 @1010, resolved 1 @1020");
    EXPECT_EQ(alarm.shelve(1030, 1070), "");
    AlarmLife::set_back(alarm.cell, 900);
    EXPECT_EQ(alarm.holds(140), "");
    EXPECT_EQ(alarm.due(), 160U);
    EXPECT_EQ(alarm.pass(500), "firing 2 @170");
}

TEST(AlarmLife, WhatIsSetBackBeyondTheBeginningOfTimeIsNotForgotten) {
    AlarmInWords alarm({.min_interval_ns = 50});
    EXPECT_EQ(alarm.holds(1000), "firing 1 @1000");
    EXPECT_EQ(alarm.is_gone(1010), "resolved 1 @1010");
    AlarmLife::set_back(alarm.cell, 1008);
    EXPECT_EQ(alarm.holds(5), "pending 2 @5");
    EXPECT_EQ(alarm.due(), 51U);
}

TEST(AlarmLife, AFiringAtTheBeginningOfTimeHasAnIntervalToo) {
    AlarmInWords alarm({.min_interval_ns = 50});
    EXPECT_EQ(alarm.holds(0), "firing 1 @0");
    EXPECT_EQ(alarm.is_gone(10), "resolved 1 @10");
    EXPECT_EQ(alarm.holds(20), "pending 2 @20");
}

TEST(AlarmLife, OnlyWhatIsFromAWrongTimeIsBroughtBack) {
    AlarmInWords alarm({.on_delay_ns = 10, .min_interval_ns = 500});
    EXPECT_EQ(alarm.holds(100), "pending 1 @100");
    EXPECT_EQ(alarm.pass(110), "firing 1 @110");
    EXPECT_EQ(alarm.is_gone(9000), "resolved 1 @9000");
    EXPECT_EQ(alarm.shelve(9000, 9020), "");
    AlarmLife::bring_back(alarm.cell, 120);
    EXPECT_EQ(alarm.holds(130), "");
    EXPECT_EQ(alarm.pass(140), "pending 2 @140");
    EXPECT_EQ(alarm.due(), 610U);
}

TEST(AlarmLife, DelayBeyondTheEndOfTimeIsNeverOver) {
    AlarmInWords alarm({.on_delay_ns = never - 5});
    EXPECT_EQ(alarm.holds(100), "pending 1 @100");
    EXPECT_EQ(alarm.due(), never);
    EXPECT_EQ(alarm.pass(never), "");
}

TEST(AlarmLife, EndOfItsRuleEndsWhatWasTold) {
    AlarmInWords pending({.on_delay_ns = 10});
    EXPECT_EQ(pending.holds(100), "pending 1 @100");
    EXPECT_EQ(pending.end(105), "cancelled 1 @105");
    EXPECT_TRUE(pending.is_at_rest());
    AlarmInWords latched({.min_interval_ns = 500, .latching = true});
    EXPECT_EQ(latched.holds(100), "firing 1 @100");
    EXPECT_EQ(latched.is_gone(101), "");
    EXPECT_EQ(latched.end(105), "resolved 1 @105");
    EXPECT_TRUE(latched.is_at_rest());
    EXPECT_EQ(latched.end(106), "");
}

}  // namespace
}  // namespace roda::appliance
