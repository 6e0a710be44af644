// SPDX-License-Identifier: Apache-2.0
#include "appliance/windows/windows.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace roda::appliance {
namespace {

constexpr std::uint64_t never = ~std::uint64_t{0};
constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr WindowShape tumbling{.width_ns = 100, .slide_ns = 100, .lateness_ns = 20};
constexpr WindowShape sliding{.width_ns = 30, .slide_ns = 10, .lateness_ns = 5};

/// One sensor's windows, and what has been told of them.
struct Sensor {
    explicit Sensor(const WindowShape& shape, bool quantiles = false)
        : number(windows.open(shape, quantiles)) {}

    void add(double value, std::uint64_t event_ns) {
        windows.add(number, value, event_ns, [this](const auto&... figures) { tell(figures...); });
    }

    void pass(std::uint64_t event_ns) {
        windows.pass(number, event_ns, [this](const auto&... figures) { tell(figures...); });
    }

    std::uint64_t due_ns() const { return windows.due_ns(number); }

    void tell(const WindowFigures& window, const WindowFigures& before) {
        told.push_back(window);
        befores.push_back(before);
    }

    /// Start and count of each window told since the last call.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> starts_and_counts() {
        std::vector<std::pair<std::uint64_t, std::uint64_t>> all;
        for (const WindowFigures& window : std::exchange(told, {})) {
            all.emplace_back(window.start_ns, window.count);
        }
        return all;
    }

    Windows windows{1 << 20};
    std::uint32_t number;
    std::vector<WindowFigures> told;
    std::vector<WindowFigures> befores;
};

using StartsAndCounts = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

TEST(Windows, CloseOnceTheWatermarkReachesTheirEnd) {
    Sensor sensor(tumbling);
    sensor.add(1.0, 130);
    sensor.add(2.0, 219);
    EXPECT_EQ(sensor.starts_and_counts(), StartsAndCounts{});
    sensor.add(3.0, 220);
    EXPECT_EQ(sensor.starts_and_counts(), (StartsAndCounts{{100, 1}}));
}

TEST(Windows, TheirStartIsTheirsAndTheirEndIsNot) {
    Sensor sensor(tumbling);
    sensor.add(1.0, 100);
    sensor.add(2.0, 199);
    sensor.add(3.0, 200);
    sensor.add(4.0, 320);
    EXPECT_EQ(sensor.starts_and_counts(), (StartsAndCounts{{100, 2}, {200, 1}}));
}

TEST(Windows, AtTheEndOfTimeOnlyThoseCloseThatHaveEnded) {
    constexpr std::uint64_t start = never / 100 * 100;  // of the last, which has no end
    static_assert(never - start == 15);
    Sensor sensor({.width_ns = 100, .slide_ns = 100, .lateness_ns = 10});
    sensor.add(1.0, start - 1);
    EXPECT_EQ(sensor.due_ns(), start + 10);
    sensor.add(2.0, never);
    sensor.add(3.0, never);
    sensor.pass(never);
    EXPECT_EQ(sensor.starts_and_counts(), (StartsAndCounts{{start - 100, 1}}));
    EXPECT_EQ(sensor.due_ns(), never);
    Sensor later(tumbling);
    later.add(1.0, start - 1);
    EXPECT_EQ(later.due_ns(), never);
    later.add(2.0, never);
    later.pass(never);
    EXPECT_EQ(later.starts_and_counts(), StartsAndCounts{});
}

TEST(Windows, WithoutLatenessTheFirstReadingBehindThemCloses) {
    Sensor sensor({.width_ns = 100, .slide_ns = 100, .lateness_ns = 0});
    sensor.add(1.0, 0);
    sensor.add(1.0, 99);
    sensor.add(1.0, 100);
    EXPECT_EQ(sensor.starts_and_counts(), (StartsAndCounts{{0, 2}}));
    sensor.add(1.0, 99);
    EXPECT_EQ(sensor.windows.late(), 1u);
}

TEST(Windows, LatenessBeyondTheWidthKeepsThemOpen) {
    Sensor sensor({.width_ns = 10, .slide_ns = 10, .lateness_ns = 25});
    for (const std::uint64_t event_ns : {30u, 44u, 20u, 10u, 5u, 25u, 19u}) {
        sensor.add(1.0, event_ns);
    }
    EXPECT_EQ(sensor.windows.late(), 1u);  // 5: 44 has closed 0 to 10
    sensor.pass(1000);
    EXPECT_EQ(sensor.starts_and_counts(), (StartsAndCounts{{10, 2}, {20, 2}, {30, 1}, {40, 1}}));
}

TEST(Windows, OfAReadingAreAsManyAsSlidesInTheWidth) {
    Sensor sensor(sliding);
    sensor.add(1.0, 45);
    sensor.pass(1000);
    EXPECT_EQ(sensor.starts_and_counts(), (StartsAndCounts{{20, 1}, {30, 1}, {40, 1}}));
}

TEST(Windows, BeginAtZeroAtTheEarliest) {
    Sensor sensor(sliding);
    sensor.add(1.0, 5);
    EXPECT_EQ(sensor.due_ns(), 35u);
    sensor.pass(35);
    EXPECT_EQ(sensor.starts_and_counts(), (StartsAndCounts{{0, 1}}));
}

TEST(Windows, AReadingThatMissedSomeIsInTheOthers) {
    Sensor sensor(sliding);
    sensor.add(1.0, 48);  // closes up to 0 to 30, 10 to 40
    sensor.add(1.0, 25);
    sensor.add(1.0, 9);
    EXPECT_EQ(sensor.windows.late(), 1u);
    sensor.pass(1000);
    EXPECT_EQ(sensor.starts_and_counts(), (StartsAndCounts{{20, 2}, {30, 1}, {40, 1}}));
}

TEST(Windows, BeforeIsTheWindowOneSlideEarlier) {
    Sensor sensor(sliding);
    sensor.add(1.0, 5);
    sensor.add(2.0, 15);
    sensor.add(4.0, 25);
    sensor.pass(1000);
    ASSERT_EQ(sensor.told.size(), 3u);
    EXPECT_EQ(sensor.befores[0].count, 0u);
    EXPECT_TRUE(std::isnan(sensor.befores[0].mean));
    for (std::size_t i = 1; i < 3; ++i) {
        EXPECT_EQ(sensor.befores[i].start_ns, sensor.told[i - 1].start_ns);
        EXPECT_EQ(sensor.befores[i].end_ns, sensor.told[i - 1].end_ns);
        EXPECT_EQ(sensor.befores[i].count, sensor.told[i - 1].count);
        EXPECT_EQ(sensor.befores[i].mean, sensor.told[i - 1].mean);
    }
}

TEST(Windows, RememberTheOneThatClosedLast) {
    Sensor sensor(tumbling, true);
    EXPECT_EQ(sensor.windows.last(sensor.number).count, 0u);
    sensor.add(3.0, 150);
    sensor.pass(220);
    const WindowFigures last = sensor.windows.last(sensor.number);
    EXPECT_EQ(last.start_ns, 100u);
    EXPECT_EQ(last.end_ns, 200u);
    EXPECT_EQ(last.count, 1u);
    EXPECT_EQ(last.mean, 3.0);
    EXPECT_EQ(last.p99, 3.0);
    sensor.add(3.0, 10'000);  // closes empty ones
    EXPECT_EQ(sensor.windows.last(sensor.number).count, 0u);
    EXPECT_TRUE(std::isnan(sensor.windows.last(sensor.number).mean));
}

TEST(Windows, WithoutReadingsAreToldOnceAReadingLiesBehindThem) {
    Sensor sensor(tumbling);
    sensor.add(1.0, 50);
    sensor.pass(399);
    EXPECT_EQ(sensor.starts_and_counts(), (StartsAndCounts{{0, 1}}));
    sensor.add(1.0, 350);
    ASSERT_EQ(sensor.told.size(), 2u);
    EXPECT_TRUE(std::isnan(sensor.told[0].mean));
    EXPECT_TRUE(std::isnan(sensor.told[0].p50));
    EXPECT_EQ(sensor.told[0].end_ns, 200u);
    EXPECT_EQ(sensor.starts_and_counts(), (StartsAndCounts{{100, 0}, {200, 0}}));
    sensor.pass(1000);
    EXPECT_EQ(sensor.starts_and_counts(), (StartsAndCounts{{300, 1}}));
    EXPECT_EQ(sensor.befores.back().count, 0u);
    EXPECT_EQ(sensor.befores.back().start_ns, 200u);
}

TEST(Windows, WithoutReadingsMayCloseBeforeThoseWithReadingsAreDue) {
    Sensor sensor({.width_ns = 100, .slide_ns = 100, .lateness_ns = 120});
    EXPECT_TRUE(sensor.windows.may_close(sensor.number, 0));
    sensor.add(1.0, 50);
    EXPECT_FALSE(sensor.windows.may_close(sensor.number, 219));
    sensor.add(1.0, 350);
    EXPECT_EQ(sensor.starts_and_counts(), (StartsAndCounts{{0, 1}, {100, 0}}));
    EXPECT_EQ(sensor.due_ns(), 520u);
    EXPECT_FALSE(sensor.windows.may_close(sensor.number, 419));
    EXPECT_TRUE(sensor.windows.may_close(sensor.number, 420));
    sensor.add(1.0, 420);
    EXPECT_EQ(sensor.starts_and_counts(), (StartsAndCounts{{200, 0}}));
}

TEST(Windows, OfALongGapAreToldOnlyTheFirst) {
    Sensor sensor(tumbling);  // two panes
    sensor.add(1.0, 50);
    sensor.add(1.0, 365 * 86'400 * second_ns);
    EXPECT_EQ(sensor.starts_and_counts(), (StartsAndCounts{{0, 1}, {100, 0}, {200, 0}}));
    sensor.pass(366 * 86'400 * second_ns);
    EXPECT_EQ(sensor.starts_and_counts(), (StartsAndCounts{{365 * 86'400 * second_ns, 1}}));
    EXPECT_EQ(sensor.befores.back().count, 0u);
}

TEST(Windows, ThatNoReadingClosedAreClosedByTime) {
    Sensor sensor(tumbling);
    EXPECT_EQ(sensor.due_ns(), never);
    sensor.add(1.0, 150);
    EXPECT_EQ(sensor.due_ns(), 220u);
    sensor.pass(219);
    EXPECT_EQ(sensor.starts_and_counts(), StartsAndCounts{});
    sensor.pass(220);
    EXPECT_EQ(sensor.starts_and_counts(), (StartsAndCounts{{100, 1}}));
    EXPECT_EQ(sensor.due_ns(), never);
    sensor.add(1.0, 199);
    EXPECT_EQ(sensor.windows.late(), 1u);
    sensor.add(1.0, 200);
    EXPECT_EQ(sensor.due_ns(), 320u);
}

TEST(Windows, ThatTimePassedWithoutReadingsTakeThemStill) {
    Sensor sensor(tumbling);
    sensor.add(1.0, 150);
    sensor.pass(10'000);
    sensor.add(1.0, 350);
    EXPECT_EQ(sensor.windows.late(), 0u);
    sensor.pass(10'000);
    EXPECT_EQ(sensor.starts_and_counts(), (StartsAndCounts{{100, 1}, {200, 0}, {300, 1}}));
}

TEST(Windows, FiguresOfReadings) {
    Sensor sensor({.width_ns = 40 * second_ns, .slide_ns = 10 * second_ns, .lateness_ns = 0}, true);
    const double values[] = {2, 4, 4, 4, 5, 5, 7, 9};
    for (std::uint64_t i = 0; i < 8; ++i) {
        sensor.add(values[i], 4 * i * second_ns);
    }
    sensor.pass(40 * second_ns);
    ASSERT_EQ(sensor.told.size(), 1u);
    const WindowFigures& window = sensor.told[0];
    EXPECT_EQ(window.of(Figure::window_count), 8.0);
    EXPECT_DOUBLE_EQ(window.of(Figure::window_mean), 5.0);
    EXPECT_EQ(window.of(Figure::window_minimum), 2.0);
    EXPECT_EQ(window.of(Figure::window_maximum), 9.0);
    EXPECT_DOUBLE_EQ(window.of(Figure::window_deviation), 2.0);
    EXPECT_DOUBLE_EQ(window.of(Figure::window_rate), 0.25);
    EXPECT_NEAR(window.of(Figure::window_p50), 4.0, 0.08);
    EXPECT_NEAR(window.of(Figure::window_p90), 9.0, 0.18);
    EXPECT_NEAR(window.of(Figure::window_p95), 9.0, 0.18);
    EXPECT_NEAR(window.of(Figure::window_p99), 9.0, 0.18);
    EXPECT_TRUE(std::isnan(window.of(Figure::value)));
}

TEST(Windows, FiguresOfOneReading) {
    Sensor sensor(tumbling, true);
    sensor.add(-3.5, 10);
    sensor.pass(never - 1);
    ASSERT_EQ(sensor.told.size(), 1u);
    const WindowFigures& window = sensor.told[0];
    EXPECT_EQ(window.mean, -3.5);
    EXPECT_EQ(window.deviation, 0.0);
    EXPECT_EQ(window.p50, -3.5);
    EXPECT_TRUE(std::isnan(window.rate));
}

TEST(Windows, EqualReadingsDoNotDeviate) {
    Sensor sensor({.width_ns = 700, .slide_ns = 100, .lateness_ns = 0}, true);
    for (std::uint64_t event_ns = 0; event_ns < 700; event_ns += 3) {
        sensor.add(0.1, event_ns);
    }
    sensor.pass(700);
    ASSERT_EQ(sensor.told.size(), 1u);
    EXPECT_EQ(sensor.told[0].mean, 0.1);
    EXPECT_EQ(sensor.told[0].deviation, 0.0);
    EXPECT_EQ(sensor.told[0].rate, 0.0);
    EXPECT_EQ(sensor.told[0].p99, 0.1);
}

TEST(Windows, RateIsFromTheLeastTimeToTheGreatest) {
    Sensor sensor({.width_ns = 10 * second_ns, .slide_ns = 10 * second_ns, .lateness_ns = 0});
    sensor.add(5.0, 4 * second_ns);
    sensor.add(9.0, 6 * second_ns);
    sensor.add(1.0, 2 * second_ns);
    sensor.add(7.0, 2 * second_ns);  // of equal times the first to come begins
    sensor.add(3.0, 6 * second_ns);  // and the last to come ends
    sensor.pass(10 * second_ns);
    EXPECT_DOUBLE_EQ(sensor.told.at(0).rate, 0.5);
}

TEST(Windows, HugeReadingsHaveFiniteFigures) {
    constexpr double huge = std::numeric_limits<double>::max();
    Sensor sensor(sliding, true);
    for (std::uint64_t event_ns = 0; event_ns < 30; ++event_ns) {
        sensor.add(event_ns < 15 ? -huge : huge, event_ns);
    }
    sensor.pass(35);
    const WindowFigures& window = sensor.told.at(0);
    EXPECT_NEAR(window.mean / huge, 0.0, 1e-9);
    EXPECT_EQ(window.deviation, huge);
    EXPECT_EQ(window.rate, huge);
    EXPECT_NEAR(window.p50 / -huge, 1.0, 0.02);
    EXPECT_NEAR(window.p99 / huge, 1.0, 0.02);
}

TEST(Windows, AtTheEndOfTimeNeverClose) {
    Sensor sensor({.width_ns = 1000, .slide_ns = 10, .lateness_ns = 100});
    sensor.add(1.0, 5000);
    sensor.add(2.0, never);
    sensor.add(3.0, never - 1);
    sensor.add(3.0, never - 50);
    EXPECT_EQ(sensor.starts_and_counts().size(), 100u + 110u);
    EXPECT_EQ(sensor.windows.late(), 0u);
    EXPECT_LE(sensor.due_ns(), never);
    sensor.pass(never);
    EXPECT_EQ(sensor.starts_and_counts(), StartsAndCounts{});
}

TEST(Windows, ClearedKnowNothingOfTheFuture) {
    Sensor sensor(sliding, true);
    sensor.add(5.0, 100'000);
    sensor.add(5.0, 100'040);
    sensor.told.clear();
    sensor.windows.clear(sensor.number);
    EXPECT_EQ(sensor.due_ns(), never);
    sensor.add(1.0, 55);
    sensor.pass(65);
    EXPECT_EQ(sensor.starts_and_counts(), (StartsAndCounts{{30, 1}}));
    EXPECT_EQ(sensor.befores.back().count, 0u);
    EXPECT_EQ(sensor.windows.late(), 0u);
}

TEST(Windows, BeyondTheMemoryAreRefusedAndCounted) {
    Windows windows(64 * 64);
    EXPECT_EQ(windows.open({.width_ns = 1'000'000, .slide_ns = 1, .lateness_ns = 0}, false),
              no_index);
    EXPECT_EQ(windows.open({.width_ns = never, .slide_ns = 1, .lateness_ns = never}, true),
              no_index);
    EXPECT_EQ(windows.refused(), 2u);
    std::vector<std::uint32_t> opened;
    for (std::uint32_t one; (one = windows.open(tumbling, false)) != no_index;) {
        opened.push_back(one);
    }
    EXPECT_EQ(opened.size(), 64u / 4);
    EXPECT_EQ(windows.refused(), 3u);
    for (const std::uint32_t one : opened) {
        windows.close(one);
    }
    EXPECT_NE(windows.open(tumbling, true), no_index);
}

TEST(Windows, OpenedInUsedMemoryAreEmpty) {
    Windows windows(256);
    const auto ignore = [](const auto&, const auto&) {};
    const std::uint32_t first = windows.open(tumbling, false);
    windows.add(first, 1.0, 50, ignore);
    windows.add(first, 1.0, 150, ignore);
    windows.close(first);
    const std::uint32_t second = windows.open(tumbling, false);
    ASSERT_NE(second, no_index);
    EXPECT_EQ(windows.due_ns(second), never);
    windows.add(second, 7.0, 60, ignore);
    windows.pass(second, 120, [](const WindowFigures& window, const WindowFigures& before) {
        EXPECT_EQ(window.count, 1u);
        EXPECT_EQ(window.mean, 7.0);
        EXPECT_EQ(before.count, 0u);
    });
}

}  // namespace
}  // namespace roda::appliance
