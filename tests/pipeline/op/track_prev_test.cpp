// SPDX-License-Identifier: Apache-2.0
// track_prev: the item before, in the pipe and of the key.
#include "pipeline/op/track_prev.hpp"

#include <gtest/gtest.h>
#include <cstring>

#include "pipeline/op/delta.hpp"
#include "pipeline/op/map.hpp"
#include "tests/pipeline/op/run_pipe.hpp"

namespace roda {
namespace {

const Reading nothing{};
const std::vector<Reading> readings{{1, 10, 1}, {2, 20, 2}, {1, 30, 3}, {2, 40, 4}, {1, 50, 5}};

using Out = std::vector<Emission<Tracked<Reading>>>;

TEST(TrackPrev, InAPipeItIsTheItemBefore) {
    const Out expected{{{readings[0], nothing, 0}, 0},
                       {{readings[1], readings[0], 1}, 1},
                       {{readings[2], readings[1], 1}, 2},
                       {{readings[3], readings[2], 1}, 3},
                       {{readings[4], readings[3], 1}, 4}};
    EXPECT_EQ(run_pipe(track_prev(), readings), expected);
    EXPECT_EQ(run_pipe(track_prev(), readings, 2), expected) << "the item before may be of the "
                                                                "burst before";
}

TEST(TrackPrev, OfAKeyItIsTheItemBeforeOfThatKey) {
    const Out expected{{{readings[0], nothing, 0}, 0},
                       {{readings[1], nothing, 0}, 1},
                       {{readings[2], readings[0], 1}, 2},
                       {{readings[3], readings[1], 1}, 3},
                       {{readings[4], readings[2], 1}, 4}};
    EXPECT_EQ(run_pipe(track_prev({.max_keys = 2}, &Reading::sensor_id), readings), expected);
    EXPECT_EQ(run_pipe(track_prev({.max_keys = 2}, &Reading::sensor_id), readings, 1), expected);
}

TEST(TrackPrev, IsAMemberAmongOthers) {
    const auto large = [](const Reading& r, const Reading*) {
        return r.value >= 20 ? std::optional(r) : std::nullopt;
    };
    const auto out = run_pipe(
        keyed_by({.max_keys = 2}, &Reading::sensor_id, delta(large), track_prev()), readings);
    EXPECT_EQ(out,
              (Out{{{readings[1], nothing, 0}, 1},
                   {{readings[2], nothing, 0}, 2},
                   {{readings[3], readings[1], 1}, 3},
                   {{readings[4], readings[2], 1}, 4}}));
}

TEST(TrackPrev, PreviousOrNullTellsThemApart) {
    const auto step = [](const Tracked<Reading>& tracked) {
        const Reading* previous = tracked.previous_or_null();
        return previous != nullptr ? tracked.current.value - previous->value : -1.0;
    };
    EXPECT_EQ(run_pipe(pipe(track_prev({.max_keys = 2}, &Reading::sensor_id), map(step)), readings),
              (std::vector<Emission<double>>{{-1, 0}, {-1, 1}, {20, 2}, {20, 3}, {20, 4}}));
}

struct Padded {
    std::uint8_t kind;
    std::uint32_t value;

    friend bool operator==(const Padded&, const Padded&) = default;
};

TEST(Tracked, EqualityLooksAtNoPaddingAndAtNoAbsentPrevious) {
    static_assert(Pod<Tracked<Padded>> && Pod<Tracked<Reading>> && Pod<Tracked<std::uint8_t>>);
    const auto filled = [](int filler, const Tracked<Padded>& with) {
        Tracked<Padded> tracked;
        std::memset(static_cast<void*>(&tracked), filler, sizeof(tracked));
        tracked.current.kind = with.current.kind;
        tracked.current.value = with.current.value;
        tracked.previous.kind = with.previous.kind;
        tracked.previous.value = with.previous.value;
        tracked.has_previous = with.has_previous;
        return tracked;
    };
    const Tracked<Padded> both{{1, 2}, {3, 4}, 1};
    EXPECT_EQ(filled(0, both), filled(0xff, both));
    EXPECT_EQ((Tracked<Padded>{{1, 2}, {3, 4}, 0}), (Tracked<Padded>{{1, 2}, {5, 6}, 0}));
    EXPECT_NE(both, (Tracked<Padded>{{1, 2}, {3, 5}, 1}));
    EXPECT_NE(both, (Tracked<Padded>{{1, 9}, {3, 4}, 1}));
    EXPECT_NE(both, (Tracked<Padded>{{1, 2}, {3, 4}, 0}));
}

}  // namespace
}  // namespace roda
