// SPDX-License-Identifier: Apache-2.0
#include "pipeline/pool/event_pool.hpp"

#include <gtest/gtest.h>
#include <cstring>
#include <new>
#include <string>
#include <type_traits>
#include <vector>

namespace roda {
namespace {

struct Point {
    std::uint64_t x;
    std::uint64_t y;

    friend bool operator==(const Point&, const Point&) = default;
};

std::span<const std::byte> bytes_of(const Point& point) {
    return std::as_bytes(std::span(&point, 1));
}

RingPtr store(EventPool& pool, const Point& point, std::uint32_t event_type = 0) {
    EventResult result = pool.store(bytes_of(point), event_type);
    EXPECT_EQ(result.error, EventError::none);
    return std::move(result.event);
}

constexpr EventPoolOptions two_of_each{.xs_slots = 2,
                                       .s_slots = 2,
                                       .m_slots = 2,
                                       .l_slots = 2,
                                       .xl_slots = 2,
                                       .xxl_events = 2,
                                       .xxl_bytes = 100'000};

static_assert(std::is_nothrow_move_constructible_v<RingPtr>);
static_assert(sizeof(RingPtr) == 16);

TEST(EventSize, IsTheSmallestThatFits) {
    EXPECT_EQ(estimate_size(0), EventSize::xs);
    EXPECT_EQ(estimate_size(64), EventSize::xs);
    EXPECT_EQ(estimate_size(65), EventSize::s);
    EXPECT_EQ(estimate_size(256), EventSize::s);
    EXPECT_EQ(estimate_size(257), EventSize::m);
    EXPECT_EQ(estimate_size(1'024), EventSize::m);
    EXPECT_EQ(estimate_size(1'025), EventSize::l);
    EXPECT_EQ(estimate_size(4'096), EventSize::l);
    EXPECT_EQ(estimate_size(4'097), EventSize::xl);
    EXPECT_EQ(estimate_size(16'384), EventSize::xl);
    EXPECT_EQ(estimate_size(16'385), EventSize::xxl);
    EXPECT_EQ(estimate_size(~std::size_t{0}), EventSize::xxl);
}

TEST(EventRef, KeepsItsPartsApart) {
    const EventRef ref = EventRef::make(EventSize::xl, 0xff'fffe, 0xffff'ffff);
    EXPECT_EQ(ref.size(), EventSize::xl);
    EXPECT_EQ(ref.slot(), 0xff'fffeu);
    EXPECT_EQ(ref.generation(), 0xffff'ffffu);
    EXPECT_TRUE(ref);
    EXPECT_FALSE(EventRef{});
    EXPECT_TRUE(EventRef::make(EventSize::xs, 0, 0));
}

TEST(EventPool, DefaultsAreTheSeeds) {
    const EventPool pool;
    EXPECT_EQ(pool.statistics(EventSize::xs).total, 2'000u);
    EXPECT_EQ(pool.statistics(EventSize::s).total, 1'000u);
    EXPECT_EQ(pool.statistics(EventSize::m).total, 300u);
    EXPECT_EQ(pool.statistics(EventSize::l).total, 60u);
    EXPECT_EQ(pool.statistics(EventSize::xl).total, 15u);
    EXPECT_EQ(pool.statistics(EventSize::xl), (EventSizeStatistics{.total = 15}));
}

TEST(EventPool, AnEventIsWhatWasStored) {
    EventPool pool(two_of_each);
    const RingPtr event = store(pool, {3, 4}, 77);
    EXPECT_TRUE(event);
    EXPECT_EQ(event.as<Point>(), (Point{3, 4}));
    EXPECT_EQ(event.event_type(), 77u);
    EXPECT_EQ(event.size(), EventSize::xs);
    EXPECT_EQ(event.payload().size(), sizeof(Point));
    EXPECT_EQ(event.references(), 1u);
}

TEST(EventPool, PayloadsBeginOnALineAndThoseOf64BytesFillOne) {
    EventPoolOptions odd = two_of_each;
    odd.xs_slots = 3;
    EventPool pool(odd);
    for (const std::size_t bytes : {1u, 100u, 1'000u, 4'000u, 16'000u, 50'000u}) {
        const EventResult result = pool.allocate_or_heap(bytes, 0);
        ASSERT_TRUE(result) << bytes;
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(result.event.payload().data()) % 64, 0u);
        EXPECT_EQ(result.event.payload().size(), bytes);
        EXPECT_EQ(result.event.size(), estimate_size(bytes));
        std::memset(result.event.writable().data(), 0xff, bytes);
    }
    const RingPtr first = store(pool, {});
    const RingPtr second = store(pool, {});
    EXPECT_EQ(second.payload().data() - first.payload().data(), 64);
}

TEST(EventPool, CopiesShareTheEventAndTheLastOneGivesItBack) {
    EventPool pool(two_of_each);
    RingPtr first = store(pool, {1, 2});
    RingPtr second = first;
    EXPECT_EQ(second.payload().data(), first.payload().data());
    EXPECT_EQ(first.references(), 2u);
    const RingPtr third = std::move(first);
    EXPECT_FALSE(first);
    EXPECT_EQ(third.references(), 2u);
    second = {};
    EXPECT_EQ(third.references(), 1u);
    second = third;
    const RingPtr& same = second;
    second = same;  // to itself
    EXPECT_EQ(third.references(), 2u);
    EXPECT_EQ(second.as<Point>(), (Point{1, 2}));
    EXPECT_EQ(pool.statistics(EventSize::xs),
              (EventSizeStatistics{.total = 2, .in_use = 1, .high_water = 1, .references = 2}));
}

TEST(EventPool, ANameLocksWhileTheEventIsHeldAndNeverItsSuccessor) {
    EventPool pool(two_of_each);
    RingPtr event = store(pool, {1, 2});
    const EventRef name = event.ref();
    {
        const RingPtr locked = pool.lock(name);
        ASSERT_TRUE(locked);
        EXPECT_EQ(locked.as<Point>(), (Point{1, 2}));
        EXPECT_EQ(event.references(), 2u);
    }
    event = {};
    EXPECT_FALSE(pool.lock(name));
    const RingPtr successor = store(pool, {3, 4});
    EXPECT_EQ(successor.ref().slot(), name.slot());
    EXPECT_FALSE(pool.lock(name));
    EXPECT_FALSE(pool.lock({}));
    EXPECT_FALSE(pool.lock({~std::uint64_t{0}}));
    EXPECT_EQ(successor.references(), 1u);
}

TEST(EventPool, ADetachedReferenceHoldsTheEventUntilItIsAdopted) {
    EventPool pool(two_of_each);
    RingPtr event = store(pool, {1, 2});
    const EventRef name = event.detach();
    EXPECT_FALSE(event);
    EXPECT_EQ(pool.statistics(EventSize::xs).references, 1u);
    {
        const RingPtr adopted = pool.adopt(name);
        EXPECT_EQ(adopted.references(), 1u);
        EXPECT_EQ(adopted.as<Point>(), (Point{1, 2}));
    }
    EXPECT_EQ(pool.statistics(EventSize::xs).in_use, 0u);
}

TEST(EventPool, AFullSizeIsAValueAndCounted) {
    EventPool pool(two_of_each);
    std::vector<RingPtr> held;
    held.push_back(store(pool, {1, 1}));
    held.push_back(store(pool, {2, 2}));
    const EventResult refused = pool.allocate(64, 0);
    EXPECT_EQ(refused.error, EventError::exhausted);
    EXPECT_FALSE(refused);
    EXPECT_FALSE(refused.event);
    const EventSizeStatistics full = pool.statistics(EventSize::xs);
    EXPECT_EQ(full,
              (EventSizeStatistics{
                  .total = 2, .in_use = 2, .high_water = 2, .references = 2, .exhausted = 1}));
    EXPECT_EQ(full.available(), 0u);
    EXPECT_EQ(full.utilisation(), 1.0);
    EXPECT_EQ(pool.statistics(EventSize::s).in_use, 0u);
    held.pop_back();
    EXPECT_TRUE(pool.allocate(64, 0));
    EXPECT_EQ(pool.statistics(EventSize::xs).utilisation(), 0.5);
}

TEST(EventPool, TakesTheNextLargerSizeOnlyWhenToldTo) {
    EventPoolOptions options = two_of_each;
    options.larger_when_full = true;
    options.s_slots = 0;
    EventPool pool(options);
    std::vector<RingPtr> held;
    std::vector<EventSize> sizes;
    for (;;) {
        EventResult result = pool.allocate(10, 5);
        if (!result) {
            EXPECT_EQ(result.error, EventError::exhausted);
            break;
        }
        EXPECT_EQ(result.event.payload().size(), 10u);
        sizes.push_back(result.event.size());
        held.push_back(std::move(result.event));
    }
    EXPECT_EQ(sizes,
              (std::vector{EventSize::xs,
                           EventSize::xs,
                           EventSize::m,
                           EventSize::m,
                           EventSize::l,
                           EventSize::l,
                           EventSize::xl,
                           EventSize::xl}));
    EXPECT_EQ(pool.statistics(EventSize::xs).exhausted, 7u);
    EXPECT_EQ(pool.statistics(EventSize::s).exhausted, 7u);
    EXPECT_EQ(pool.statistics(EventSize::xl).exhausted, 1u);
    EXPECT_EQ(pool.statistics(EventSize::s).utilisation(), 0.0);  // of no slots at all
    EXPECT_EQ(pool.heap_bytes(), 0u);
}

TEST(EventPool, WhatIsLargerThanXlNeedsTheHeapAndItsByName) {
    EventPool pool(two_of_each);
    EXPECT_EQ(pool.allocate(16'385, 0).error, EventError::too_large);
    EventResult big = pool.allocate_or_heap(60'000, 9);
    ASSERT_TRUE(big);
    EXPECT_EQ(big.event.size(), EventSize::xxl);
    EXPECT_EQ(big.event.event_type(), 9u);
    EXPECT_EQ(pool.heap_bytes(), 60'000u);
    const EventRef name = big.event.ref();
    EXPECT_TRUE(pool.lock(name));
    big.event = {};
    EXPECT_EQ(pool.heap_bytes(), 0u);
    EXPECT_FALSE(pool.lock(name));
}

TEST(EventPool, TheHeapHasABoundOfBytesAndOfEvents) {
    EventPool pool(two_of_each);
    EXPECT_EQ(pool.allocate_or_heap(100'001, 0).error, EventError::too_large);
    {
        const EventResult all = pool.allocate_or_heap(100'000, 0);
        EXPECT_TRUE(all);
        EXPECT_EQ(pool.allocate_or_heap(20'000, 0).error, EventError::exhausted);
    }
    const EventResult one = pool.allocate_or_heap(20'000, 0);
    const EventResult two = pool.allocate_or_heap(20'000, 0);
    EXPECT_EQ(pool.allocate_or_heap(20'000, 0).error, EventError::exhausted);
    EXPECT_EQ(pool.heap_bytes(), 40'000u);  // the refused one's are back
    EXPECT_EQ(pool.statistics(EventSize::xxl),
              (EventSizeStatistics{
                  .total = 2, .in_use = 2, .high_water = 2, .references = 2, .exhausted = 2}));
}

TEST(EventPoolDeathTest, AStaleHandleNeverShowsAnothersBytes) {
    EventPool pool(two_of_each);
    RingPtr event = store(pool, {1, 2});
    // A second handle without a count of its own: what a reference adopted twice leaves behind.
    const EventRef name = RingPtr(event).detach();
    RingPtr first = pool.adopt(name);
    RingPtr second = pool.adopt(name);
    event = {};
    first = {};
    const RingPtr other = store(pool, {3, 4});
    ASSERT_EQ(other.ref().slot(), name.slot());
    EXPECT_DEATH((void)second.payload(), "only while it is held");
    EXPECT_DEATH((void)second.event_type(), "only while it is held");
    EXPECT_DEATH((void)second.size(), "only while it is held");
    EXPECT_DEATH((void)second.ref(), "only while it is held");
    EXPECT_DEATH((void)second.references(), "only while it is held");
    EXPECT_DEATH((void)second.as<Point>(), "only while it is held");
    EXPECT_DEATH((void)RingPtr(second), "only while it is held");
    EXPECT_DEATH((void)pool.adopt(name), "only while it is held");
    EXPECT_DEATH(second = {}, "only while it is held");
    new (&second) RingPtr();  // its destructor would do the same
}

TEST(EventPoolDeathTest, MisuseEndsTheProgram) {
    EventPool pool(two_of_each);
    const RingPtr event = store(pool, {1, 2});
    const RingPtr shared = event;
    EXPECT_DEATH((void)event.writable(), "shared event is not written");
    EXPECT_DEATH((void)event.as<std::uint64_t>(), "record of this size");
    EXPECT_DEATH((void)RingPtr().payload(), "empty handle");
    EXPECT_DEATH((void)pool.adopt({}), "name is adopted");
    EXPECT_DEATH((void)pool.adopt(EventRef::make(EventSize::xs, 2, 0)), "name is adopted");
}

TEST(EventPoolDeathTest, AHandleDoesNotOutliveItsPool) {
    EXPECT_DEATH(
        {
            RingPtr left;
            EventPool pool(two_of_each);
            left = store(pool, {1, 2});
        },
        "given back before their pool goes");
}

TEST(EventPoolDeathTest, OptionsHaveBounds) {
    EXPECT_DEATH(EventPool({.xs_slots = 1u << 24}), "less than 2\\^24 slots");
    EXPECT_DEATH(EventPool({0, 0, 0, 0, 0, 0, 0, false}), "has a slot");
}

}  // namespace
}  // namespace roda
