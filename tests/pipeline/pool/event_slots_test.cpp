// SPDX-License-Identifier: Apache-2.0
// The slots of one size, below the handles: limits that handles alone reach too slowly.
#include "pipeline/pool/event_slots.hpp"

#include <gtest/gtest.h>
#include <array>
#include <vector>

namespace roda {
namespace {

constexpr std::uint32_t most = 0xffff'ffff;

/// Two slots of 64 bytes in plain memory.
struct TwoSlots {
    alignas(64) std::array<std::byte, 2 * sizeof(EventSlot)> metadata{};
    alignas(64) std::array<std::byte, 2 * 64> payloads{};
    EventSlots slots{EventSize::xs, 2, metadata.data(), payloads.data(), 0};

    /// As if the slot had been used so often.
    void set_generation(std::uint32_t slot, std::uint32_t generation) {
        reinterpret_cast<EventSlot*>(metadata.data())[slot].state = std::uint64_t{generation} << 32;
    }
};

TEST(EventSlots, CountAllReferencesOfThirtyTwoBits) {
    TwoSlots two;
    const EventRef event = two.slots.allocate(10, 1);
    two.slots.retain(event, most - 1);
    EXPECT_EQ(two.slots.references(event), most);
    two.slots.release(event);
    EXPECT_TRUE(two.slots.lock(event));
    EXPECT_EQ(two.slots.references(event), most);
    EXPECT_EQ(two.slots.statistics().references, most);
}

TEST(EventSlotsDeathTest, OneReferenceMoreEndsTheProgram) {
    TwoSlots two;
    const EventRef event = two.slots.allocate(10, 1);
    two.slots.retain(event, most - 1);
    EXPECT_DEATH(two.slots.retain(event), "less than 2\\^32 references");
    EXPECT_DEATH(two.slots.lock(event), "less than 2\\^32 references");
}

TEST(EventSlotsDeathTest, WhatWasGivenBackIsNotReleasedOrCopiedAgain) {
    TwoSlots two;
    const EventRef event = two.slots.allocate(10, 1);
    two.slots.release(event);
    EXPECT_DEATH(two.slots.release(event), "only while it is held");
    EXPECT_DEATH(two.slots.retain(event), "only while it is held");
    EXPECT_DEATH((void)two.slots.payload(event), "only while it is held");
    EXPECT_DEATH((void)two.slots.references(event), "only while it is held");
}

TEST(EventSlots, GenerationWrapsToZeroAndLeavesTheCountAlone) {
    TwoSlots two;
    two.set_generation(0, most);
    const EventRef last = two.slots.allocate(10, 1);
    EXPECT_EQ(last, EventRef::make(EventSize::xs, 0, most));
    two.slots.release(last);
    EXPECT_FALSE(two.slots.lock(last));
    const EventRef first = two.slots.allocate(10, 1);
    EXPECT_EQ(first, EventRef::make(EventSize::xs, 0, 0));
    EXPECT_EQ(two.slots.references(first), 1u);
    EXPECT_TRUE(first);  // even slot 0, generation 0 is a name
}

TEST(EventSlots, GiveTheNewestFreeSlotBackFirst) {
    TwoSlots two;
    const EventRef a = two.slots.allocate(1, 0);
    const EventRef b = two.slots.allocate(1, 0);
    EXPECT_FALSE(two.slots.allocate(1, 0));
    two.slots.release(b);
    two.slots.release(a);
    EXPECT_EQ(two.slots.allocate(1, 0).slot(), a.slot());
    EXPECT_EQ(two.slots.allocate(1, 0).slot(), b.slot());
    EXPECT_EQ(two.slots.statistics(),
              (EventSizeStatistics{
                  .total = 2, .in_use = 2, .high_water = 2, .references = 2, .exhausted = 1}));
}

TEST(EventSlots, ANameOfAnotherPlaceIsNotLocked) {
    TwoSlots two;
    (void)two.slots.allocate(1, 0);
    EXPECT_FALSE(two.slots.lock(EventRef::make(EventSize::xs, 2, 0)));
    EXPECT_FALSE(two.slots.lock(EventRef::make(EventSize::xs, 1, 0)));  // free
    EXPECT_TRUE(two.slots.lock(EventRef::make(EventSize::xs, 0, 0)));
}

}  // namespace
}  // namespace roda
