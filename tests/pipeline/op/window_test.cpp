// SPDX-License-Identifier: Apache-2.0
// window: what goes into which window, when it closes, and what is late.
#include "pipeline/op/window.hpp"

#include <gtest/gtest.h>
#include <limits>

#include "pipeline/op/map.hpp"
#include "tests/pipeline/op/run_pipe.hpp"

namespace roda {
namespace {

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

constexpr auto init = [](const Reading& r) { return r.value; };
constexpr auto fold = [](double& sum, const Reading& r) { sum += r.value; };

using Out = std::vector<Emission<Window<double>>>;

template <std::uint32_t open_windows>
auto sums(const WindowOptions& options) {
    return keyed_by({.max_keys = 4},
                    &Reading::sensor_id,
                    window<open_windows>(options, &Reading::timestamp_ns, init, fold));
}

TEST(Window, TumblingClosesWhenAnItemReachesItsEnd) {
    EXPECT_EQ(
        run_pipe(sums<1>({.width_ns = 10}),
                 std::vector<Reading>{{1, 1, 0}, {1, 2, 9}, {1, 4, 10}, {1, 8, 15}, {1, 16, 25}}),
        (Out{{{0, 10, 2, 3}, 2}, {{10, 20, 2, 12}, 4}}));
}

TEST(Window, FirstWindowIsTheOneThatHoldsTheFirstItem) {
    EXPECT_EQ(run_pipe(sums<1>({.width_ns = 10}), std::vector<Reading>{{1, 1, 57}, {1, 2, 60}}),
              (Out{{{50, 60, 1, 1}, 1}}));
}

TEST(Window, SlidingFoldsAnItemIntoEachWindowThatHoldsIt) {
    EXPECT_EQ(
        run_pipe(sums<3>({.width_ns = 30, .slide_ns = 10}),
                 std::vector<Reading>{{1, 1, 25}, {1, 2, 35}, {1, 4, 70}}),
        (Out{{{0, 30, 1, 1}, 1}, {{10, 40, 2, 3}, 2}, {{20, 50, 2, 3}, 2}, {{30, 60, 1, 2}, 2}}));
}

TEST(Window, SlideNeedNotDivideTheWidth) {
    EXPECT_EQ(run_pipe(sums<3>({.width_ns = 25, .slide_ns = 10}),
                       std::vector<Reading>{{1, 1, 24}, {1, 2, 25}, {1, 4, 100}}),
              (Out{{{0, 25, 1, 1}, 1}, {{10, 35, 2, 3}, 2}, {{20, 45, 2, 3}, 2}}));
}

TEST(Window, LatenessHoldsWindowsOpenForItemsOutOfOrder) {
    EXPECT_EQ(run_pipe(sums<2>({.width_ns = 10, .lateness_ns = 5}),
                       std::vector<Reading>{{1, 1, 8}, {1, 2, 14}, {1, 4, 9}, {1, 8, 15}}),
              (Out{{{0, 10, 2, 5}, 3}}));
}

TEST(Window, KeysHaveWatermarksOfTheirOwn) {
    EXPECT_EQ(
        run_pipe(sums<1>({.width_ns = 10}),
                 std::vector<Reading>{{1, 1, 5}, {2, 2, 95}, {1, 4, 6}, {1, 8, 10}, {2, 1, 100}}),
        (Out{{{0, 10, 2, 5}, 3}, {{90, 100, 1, 2}, 4}}));
}

TEST(Window, EmptyWindowsAreNotHandedOn) {
    EXPECT_EQ(
        run_pipe(sums<1>({.width_ns = 10}),
                 std::vector<Reading>{{1, 1, 5}, {1, 2, 1'000'000'000'000'005}, {1, 4, most - 6}}),
        (Out{{{0, 10, 1, 1}, 1}, {{1'000'000'000'000'000, 1'000'000'000'000'010, 1, 2}, 2}}));
}

TEST(Window, RunsInAGroupAndInAPipe) {
    const auto spec =
        pipe(sums<1>({.width_ns = 10}), map([](const Window<double>& w) { return w.state / 2; }));
    EXPECT_EQ(run_pipe(spec, std::vector<Reading>{{1, 4, 5}, {1, 2, 10}}, 1),
              (std::vector<Emission<double>>{{2, 1}}));
}

TEST(Window, LateItemsAreCountedAndHandedToWhomTheUserNames) {
    std::vector<Reading> late;
    const auto spec = keyed_by(
        {.max_keys = 4},
        &Reading::sensor_id,
        window<1>({.width_ns = 10}, &Reading::timestamp_ns, init, fold, [&late](const Reading& r) {
            late.push_back(r);
        }));
    EXPECT_EQ(
        run_pipe(spec,
                 std::vector<Reading>{{1, 1, 5}, {1, 2, 10}, {1, 4, 9}, {2, 8, 0}, {1, 16, 20}}),
        (Out{{{0, 10, 1, 1}, 1}, {{10, 20, 1, 2}, 4}}));
    EXPECT_EQ(late, (std::vector<Reading>{{1, 4, 9}}));
}

/// One key, without a table: what the member itself says.
template <std::uint32_t open_windows>
struct OneKey {
    using Spec =
        decltype(window<open_windows>({.width_ns = 1}, &Reading::timestamp_ns, init, fold));
    using Member = decltype(std::declval<Spec>().template bind_member<Reading>());

    Member member;
    typename Member::Part part{};
    std::vector<Window<double>> out{};

    explicit OneKey(const WindowOptions& options)
        : member(window<open_windows>(options, &Reading::timestamp_ns, init, fold)
                     .template bind_member<Reading>()) {}

    void push(std::uint64_t time_ns) {
        const auto keep = [this](const Window<double>& w, Cause) { out.push_back(w); };
        member.apply(Reading{1, 1, time_ns}, part, false, 0, keep);
    }

    void advance(std::uint64_t now_ns) {
        const auto keep = [this](const Window<double>& w, Cause) { out.push_back(w); };
        member.advance(part, now_ns, 0, keep);
    }
};

TEST(Window, PartlyLateItemsAreToldFromLateOnes) {
    OneKey<4> key({.width_ns = 30, .slide_ns = 10, .lateness_ns = 5});
    key.push(35);  // watermark 30: window 0..30 is closed
    key.push(29);  // of 0, 10, 20: misses one
    key.push(9);   // of 0 only
    key.push(30);  // of 10, 20, 30: none missed
    EXPECT_EQ(key.member.late(), 1u);
    EXPECT_EQ(key.member.partly_late(), 1u);
    key.advance(200);
    EXPECT_EQ(key.out,
              (std::vector<Window<double>>{{10, 40, 3, 3}, {20, 50, 3, 3}, {30, 60, 2, 2}}));
}

TEST(Window, TimeThatMovesOnClosesWindowsOfSilentKeys) {
    auto bound = pipe(sums<2>({.width_ns = 10, .lateness_ns = 5})).bind<Reading>();
    run_bound(bound, std::vector<Reading>{{1, 1, 5}, {2, 2, 12}});
    Out out;
    const auto keep = [&out](const Window<double>& w, Cause cause) { out.push_back({w, cause}); };
    bound.advance_time(14, 7, keep);
    EXPECT_EQ(out, Out{}) << "lateness holds for time as for items";
    bound.advance_time(15, 8, keep);
    EXPECT_EQ(out, (Out{{{0, 10, 1, 1}, 8}}));
    bound.advance_time(3, 9, keep);
    bound.advance_time(25, 10, keep);
    EXPECT_EQ(out, (Out{{{0, 10, 1, 1}, 8}, {{10, 20, 1, 2}, 10}}));
    EXPECT_EQ(run_bound(bound, std::vector<Reading>{{1, 1, 19}, {1, 2, 20}, {1, 4, 35}}),
              (Out{{{20, 30, 1, 2}, 2}}))
        << "what time has closed stays closed: 19 is late";
}

TEST(Window, NearZeroThereAreNoWindowsBefore) {
    OneKey<3> key({.width_ns = 30, .slide_ns = 10});
    key.push(0);
    key.push(5);
    key.advance(60);
    EXPECT_EQ(key.out, (std::vector<Window<double>>{{0, 30, 2, 2}}));
    EXPECT_EQ(key.member.partly_late(), 0u) << "what does not exist is not missed";
    OneKey<4> patient({.width_ns = 10, .lateness_ns = 30});
    patient.push(20);
    patient.push(0);
    patient.advance(40);
    EXPECT_EQ(patient.out, (std::vector<Window<double>>{{0, 10, 1, 1}}));
    EXPECT_EQ(patient.member.late(), 0u);
}

TEST(Window, NearTheEndOfTimeNothingOverflows) {
    const std::uint64_t last_start = most / 10 * 10;  // ...610: its end would be ...620
    OneKey<2> key({.width_ns = 10, .lateness_ns = 3});
    key.push(last_start - 1);
    key.push(most);
    key.push(most - 3);
    EXPECT_EQ(key.out, (std::vector<Window<double>>{{last_start - 10, last_start, 1, 1}}));
    EXPECT_EQ(key.member.late(), 0u);
    key.advance(most);
    EXPECT_EQ(key.out.size(), 1u) << "never closes: its end lies behind the last instant";

    OneKey<1> wide({.width_ns = most});
    wide.push(0);
    wide.push(most - 1);
    EXPECT_EQ(wide.out.size(), 0u);
    wide.push(most);
    EXPECT_EQ(wide.out, (std::vector<Window<double>>{{0, most, 2, 2}}));
}

TEST(Window, SlotHoldsOnlyTheFirstAndThePlaces) {
    using One = OneKey<1>::Member::Part;
    using Four = OneKey<4>::Member::Part;
    EXPECT_EQ(sizeof(One), 24u);
    EXPECT_EQ(sizeof(Four), 72u);
}

TEST(Window, PlacesNeededFollowFromTheOptions) {
    EXPECT_EQ(open_windows_for({.width_ns = 10}), 1u);
    EXPECT_EQ(open_windows_for({.width_ns = 10, .lateness_ns = 1}), 2u);
    EXPECT_EQ(open_windows_for({.width_ns = 10, .lateness_ns = 10}), 2u);
    EXPECT_EQ(open_windows_for({.width_ns = 10, .lateness_ns = 11}), 3u);
    EXPECT_EQ(open_windows_for({.width_ns = 30, .slide_ns = 10}), 3u);
    EXPECT_EQ(open_windows_for({.width_ns = 25, .slide_ns = 10, .lateness_ns = 6}), 4u);
}

TEST(WindowDeathTest, OptionsThatCannotWorkAreTheProgrammersError) {
    EXPECT_DEATH(sums<1>({.width_ns = 0}), "width is at least 1 ns");
    EXPECT_DEATH(sums<9>({.width_ns = 10, .slide_ns = 11}), "slide is at most the width");
    EXPECT_DEATH(sums<9>({.width_ns = 10, .lateness_ns = most - 9}), "fit 64 bits");
    EXPECT_DEATH(sums<1>({.width_ns = 10, .lateness_ns = 1}), "windows may be open");
    EXPECT_DEATH(sums<2>({.width_ns = 30, .slide_ns = 10}), "windows may be open");
}

}  // namespace
}  // namespace roda
