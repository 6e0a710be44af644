// SPDX-License-Identifier: Apache-2.0
#include "pipeline/engine/stage.hpp"
#include "pipeline/op/expire_after.hpp"
#include "pipeline/op/keyed_by.hpp"
#include "pipeline/op/pipe.hpp"
#include "pipeline/op/window.hpp"

#include <gtest/gtest.h>
#include <vector>

#include "pipeline/op/filter.hpp"
#include "pipeline/op/map.hpp"

namespace roda {
namespace {

using Input = StageJournal<std::uint64_t>;

/// An operator that hands on each item `times` times: pipes may.
struct RepeatSpec {
    std::uint32_t times;

    struct Repeat {
        using Output = std::uint64_t;
        std::uint32_t times;

        template <class Next>
        void push(const std::uint64_t& item, Cause cause, Next& next) {
            for (std::uint32_t i = 0; i < times; ++i) {
                next(item, cause);
            }
        }

        template <class Next>
        void flush(Next&) {}
    };

    template <class In>
    Repeat bind() const {
        return {times};
    }
};

template <class Spec>
auto stage_of(Input& input,
              Spec spec,
              std::uint64_t journal_records = burst_records,
              std::uint32_t outputs_per_record = 1) {
    using PipeType = decltype(pipe(spec).template bind<std::uint64_t>());
    return Stage<std::uint64_t, PipeType>(
        input, pipe(spec).template bind<std::uint64_t>(), journal_records, outputs_per_record);
}

constexpr auto plus_one = [](std::uint64_t value) { return value + 1; };

void fill(Input& input, std::uint64_t count) {
    for (std::uint64_t value = 0; value < count; ++value) {
        ASSERT_TRUE(input.append(value));
    }
}

std::vector<std::uint64_t> take(StageJournal<std::uint64_t>::Reader& reader) {
    const auto records = reader.peek(10'000);
    std::vector<std::uint64_t> taken(records.begin(), records.end());
    reader.advance(taken.size());
    return taken;
}

TEST(Stage, TakesNothingFromAnEmptyJournal) {
    Input input({.capacity_records = 16});
    auto stage = stage_of(input, map(plus_one));
    EXPECT_EQ(stage.step(), 0u);
    EXPECT_FALSE(stage.is_held_back());
}

TEST(Stage, TakesAtMostABurstAStep) {
    Input input({.capacity_records = 1'024});
    auto stage = stage_of(input, map(plus_one), 1'024);
    auto reader = stage.output().reader();
    fill(input, 300);
    EXPECT_EQ(stage.step(), burst_records);
    EXPECT_EQ(stage.step(), 300u - burst_records);
    EXPECT_EQ(stage.step(), 0u);
    EXPECT_EQ(stage.get_index(), 300u);
    EXPECT_EQ(take(reader).size(), 300u);
}

TEST(Stage, TakesAsManyAsThereIsRoomForAndIsHeldBackWhenThereIsNone) {
    Input input({.capacity_records = 1'024});
    auto stage = stage_of(input, map(plus_one), burst_records);
    auto reader = stage.output().reader();
    fill(input, 600);
    EXPECT_EQ(stage.step(), 256u);
    EXPECT_FALSE(stage.is_held_back());
    EXPECT_EQ(stage.step(), 0u);
    EXPECT_TRUE(stage.is_held_back());
    (void)reader.peek(100);
    reader.advance(100);
    EXPECT_EQ(stage.step(), 100u);
    EXPECT_FALSE(stage.is_held_back());
}

TEST(Stage, FullOutputHoldsNothingBackWhenThereIsNothingToTake) {
    Input input({.capacity_records = 256});
    auto stage = stage_of(input, map(plus_one), burst_records);
    const auto reader = stage.output().reader();
    fill(input, 256);
    EXPECT_EQ(stage.step(), 256u);
    EXPECT_EQ(stage.step(), 0u);
    EXPECT_FALSE(stage.is_held_back());
}

TEST(Stage, PublishesWhatThePipeHandsOn) {
    Input input({.capacity_records = 16});
    auto stage = stage_of(input, filter([](std::uint64_t value) { return value % 2 == 0; }));
    auto reader = stage.output().reader();
    fill(input, 5);
    EXPECT_EQ(stage.step(), 5u);
    EXPECT_EQ(take(reader), (std::vector<std::uint64_t>{0, 2, 4}));
}

TEST(Stage, MayHandOnSeveralForOneWhenItSaysSo) {
    Input input({.capacity_records = 1'024});
    auto stage = stage_of(input, RepeatSpec{3}, 1, 3);
    auto reader = stage.output().reader();
    fill(input, 600);
    std::vector<std::uint64_t> outputs;
    while (stage.step() != 0) {
        for (std::vector<std::uint64_t> some = take(reader); !some.empty(); some = take(reader)) {
            outputs.insert(outputs.end(), some.begin(), some.end());
        }
    }
    ASSERT_EQ(outputs.size(), 1'800u);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        ASSERT_EQ(outputs[i], i / 3);
    }
}

TEST(Stage, HandingOnMoreThanItSaysIsAnErrorAndShowsNothing) {
    Input input({.capacity_records = 16});
    auto stage = stage_of(input, RepeatSpec{3}, burst_records, 2);
    auto reader = stage.output().reader();
    fill(input, 4);
    EXPECT_THROW(stage.step(), std::length_error);
    EXPECT_TRUE(take(reader).empty());
    EXPECT_EQ(stage.get_index(), 0u);
}

// The sweep goes by groups of slots: one record may close the windows of a whole group.
TEST(Stage, HasRoomForTheWindowsOfKeysThatExpireTogether) {
    constexpr std::uint64_t width = 1'000'000;
    Input input({.capacity_records = 1'024});
    const auto key = [](std::uint64_t value) { return value % 1'000; };
    const auto time = [](std::uint64_t value) { return value / 1'000; };
    const auto one = [](std::uint64_t) { return std::uint64_t{1}; };
    const auto more = [](std::uint64_t& items, std::uint64_t) { ++items; };
    auto spec = pipe(keyed_by({.max_keys = 100},
                              key,
                              expire_after(10, time),
                              window<1>({.width_ns = width}, time, one, more)),
                     map([](const Window<std::uint64_t>& window) { return window.count; }));
    auto stage = stage_of(input, spec, 1'024, 2);
    auto reader = stage.output().reader();
    for (std::uint64_t silent = 0; silent < 99; ++silent) {
        ASSERT_TRUE(input.append(silent));
    }
    while (stage.step() != 0) {
    }
    std::uint64_t windows = 0;
    for (int later = 0; later < 1'000; ++later) {
        ASSERT_TRUE(input.append(50'000 + 999));  // time 50: all others are too old
        ASSERT_EQ(stage.step(), 1u);
        windows += take(reader).size();
    }
    EXPECT_EQ(windows, 99u);
    EXPECT_EQ(stage.pipe().counts().expired, 99u);
}

}  // namespace
}  // namespace roda
