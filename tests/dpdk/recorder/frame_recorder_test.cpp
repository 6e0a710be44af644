// SPDX-License-Identifier: Apache-2.0
// What is kept, what falls out, and what is handed over; no buffer stays away.
#include "dpdk/recorder/frame_recorder.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tests/dpdk/recorder/mbufs.hpp"

namespace roda::dpdk {
namespace {

using Numbers = std::vector<std::uint64_t>;
using test::MbufPool;
using test::numbers;

struct Burst {
    Burst(MbufPool& pool, std::uint64_t first, std::size_t count) {
        for (std::uint64_t number = first; number < first + count; ++number) {
            mbufs.push_back(pool.frame(number));
            times.push_back(number);
        }
    }

    std::vector<rte_mbuf*> mbufs;
    std::vector<std::uint64_t> times;
};

void keep(FrameRing& ring, const Burst& burst, std::size_t buffers) {
    ring.keep(burst.mbufs, burst.times, buffers);
}

void keep(FrameRecorder& recorder, const Burst& burst) {
    recorder.keep(burst.mbufs, burst.times);
}

TEST(FrameRing, KeepsTheLastFramesInOrder) {
    MbufPool pool(64);
    {
        FrameRing ring(5);
        EXPECT_EQ(numbers(ring), Numbers{});
        keep(ring, Burst(pool, 0, 3), 5);
        EXPECT_EQ(numbers(ring), (Numbers{0, 1, 2}));
        keep(ring, Burst(pool, 3, 3), 5);
        EXPECT_EQ(numbers(ring), (Numbers{1, 2, 3, 4, 5}));
        keep(ring, Burst(pool, 6, 4), 5);
        EXPECT_EQ(numbers(ring), (Numbers{5, 6, 7, 8, 9}));
        EXPECT_EQ(pool.out(), 5u);
        ring.clear();
        EXPECT_EQ(pool.out(), 0u);
        keep(ring, Burst(pool, 10, 2), 5);
        EXPECT_EQ(numbers(ring), (Numbers{10, 11}));
    }
    EXPECT_EQ(pool.out(), 0u);
}

TEST(FrameRing, GoesRoundManyTimes) {
    MbufPool pool(256);
    FrameRing ring(100);
    for (std::uint64_t first = 0; first < 3200; first += 32) {
        keep(ring, Burst(pool, first, 32), 100);
    }
    const Numbers kept = numbers(ring);
    ASSERT_EQ(kept.size(), 100u);
    for (std::size_t i = 0; i < 100; ++i) {
        EXPECT_EQ(kept[i], 3100 + i);
    }
    EXPECT_EQ(pool.out(), 100u);
}

TEST(FrameRing, KeepsTheLastOfABurstThatIsLongerThanItself) {
    MbufPool pool(64);
    FrameRing ring(3);
    keep(ring, Burst(pool, 0, 2), 3);
    keep(ring, Burst(pool, 2, 8), 3);
    EXPECT_EQ(numbers(ring), (Numbers{7, 8, 9}));
    EXPECT_EQ(pool.out(), 3u);
}

TEST(FrameRing, KeepsNoMoreThanItIsAllowedTo) {
    MbufPool pool(64);
    FrameRing ring(8);
    keep(ring, Burst(pool, 0, 4), 2);
    EXPECT_EQ(numbers(ring), (Numbers{2, 3}));
    keep(ring, Burst(pool, 4, 2), 0);
    EXPECT_EQ(numbers(ring), Numbers{});
    EXPECT_EQ(pool.out(), 0u);
}

TEST(FrameRing, CountsTheBuffersOfFramesInSeveral) {
    MbufPool pool(64);
    FrameRing ring(5);
    for (std::uint64_t number = 0; number < 4; ++number) {
        rte_mbuf* const mbuf = pool.long_frame(number, 99);
        ring.keep({&mbuf, 1}, {&number, 1}, 5);
    }
    EXPECT_EQ(numbers(ring), (Numbers{2, 3}));
    EXPECT_EQ(pool.out(), 4u);
    ring.clear();
    EXPECT_EQ(pool.out(), 0u);
}

TEST(FrameRecorder, HandsOverWhatItHasWhenItIsAsked) {
    MbufPool pool(64);
    {
        FrameRecorder recorder("q", 4, 4);
        keep(recorder, Burst(pool, 0, 6));
        EXPECT_EQ(recorder.frames(), 4u);
        recorder.attend();
        EXPECT_EQ(recorder.handed(), nullptr);

        recorder.ask();
        EXPECT_EQ(recorder.handed(), nullptr);
        recorder.attend();
        ASSERT_NE(recorder.handed(), nullptr);
        EXPECT_EQ(recorder.frames(), 0u);
        keep(recorder, Burst(pool, 6, 2));
        EXPECT_EQ(numbers(*recorder.handed()), (Numbers{2, 3, 4, 5}));
        EXPECT_EQ(pool.out(), 6u);
        recorder.give_back();
        EXPECT_EQ(recorder.handed(), nullptr);
        EXPECT_EQ(pool.out(), 2u);

        recorder.ask();
        keep(recorder, Burst(pool, 8, 1));
        ASSERT_NE(recorder.handed(), nullptr);
        EXPECT_EQ(numbers(*recorder.handed()), (Numbers{6, 7, 8}));
    }
    EXPECT_EQ(pool.out(), 0u) << "also what was handed over and never given back";
}

TEST(FrameRecorder, KeepsOnlyWhatThePoolHasToSpareWhileFramesAreOut) {
    MbufPool pool(64);
    FrameRecorder recorder("q", 4, 1);
    keep(recorder, Burst(pool, 0, 4));
    recorder.ask();
    recorder.attend();
    keep(recorder, Burst(pool, 4, 3));
    EXPECT_EQ(pool.out(), 5u);
    recorder.give_back();
    keep(recorder, Burst(pool, 7, 2));
    recorder.ask();
    recorder.attend();
    EXPECT_EQ(numbers(*recorder.handed()), (Numbers{6, 7, 8}));
}

TEST(FrameRecorder, GoesOnWhenWhoAskedNoLongerWaits) {
    MbufPool pool(64);
    FrameRecorder recorder("q", 4, 4);
    keep(recorder, Burst(pool, 0, 2));
    recorder.ask();
    EXPECT_TRUE(recorder.withdraw());
    keep(recorder, Burst(pool, 2, 1));
    EXPECT_EQ(recorder.handed(), nullptr);
    EXPECT_EQ(recorder.frames(), 3u);
    recorder.ask();
    recorder.attend();
    EXPECT_FALSE(recorder.withdraw());
    EXPECT_EQ(numbers(*recorder.handed()), (Numbers{0, 1, 2}));
}

}  // namespace
}  // namespace roda::dpdk
