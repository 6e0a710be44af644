// SPDX-License-Identifier: Apache-2.0
#include "appliance/alarms/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <set>
#include <tuple>
#include <vector>

namespace roda::appliance {
namespace {

constexpr std::uint64_t tick = TimerWheel::tick_ns;
constexpr std::uint64_t turn = 4096 * tick;
constexpr std::uint64_t unix_time = 1'700'000'000'000'000'000;
using Sensors = std::vector<std::uint64_t>;

/// A wheel with cells whose sensors are 1, 2, ...: sensor s is cell s - 1.
class Wheel : public testing::Test {
  protected:
    Wheel() {
        std::uint32_t head = 0;
        for (std::uint64_t sensor = 1; sensor <= cells.max_cells(); ++sensor) {
            cells.add(head, sensor, 0);
        }
    }

    static std::uint32_t cell_of(std::uint64_t sensor) {
        return static_cast<std::uint32_t>(sensor - 1);
    }

    void set(std::uint64_t sensor, std::uint64_t due_ns) { wheel.set(cell_of(sensor), due_ns); }

    Sensors advance(std::uint64_t now_ns) {
        Sensors due;
        wheel.advance(now_ns, [&](std::uint32_t cell) {
            EXPECT_EQ(cells[cell].wheel_due_ns, 0U);
            due.push_back(cells[cell].sensor_id);
        });
        return due;
    }

    AlarmCells cells{64};
    TimerWheel wheel{cells};
};

TEST_F(Wheel, CellIsDueAtTheFirstTickAtOrAfterItsTime) {
    advance(100 * tick);
    set(1, 102 * tick);
    set(2, 102 * tick + 1);
    EXPECT_EQ(wheel.next_tick_ns(), 101 * tick);
    EXPECT_EQ(advance(102 * tick - 1), Sensors{});
    EXPECT_EQ(advance(102 * tick), Sensors{1});
    EXPECT_EQ(advance(103 * tick - 1), Sensors{});
    EXPECT_EQ(advance(103 * tick + 5), Sensors{2});
    EXPECT_EQ(wheel.next_tick_ns(), 104 * tick);
    EXPECT_EQ(advance(200 * tick), Sensors{});
}

TEST_F(Wheel, TimeOfTheTicksDoesNotGoBack) {
    advance(100 * tick);
    set(1, 101 * tick);
    EXPECT_EQ(advance(50 * tick), Sensors{});
    EXPECT_EQ(wheel.next_tick_ns(), 101 * tick);
    EXPECT_EQ(advance(101 * tick), Sensors{1});
}

TEST_F(Wheel, CellsComeByTickThenTimeThenSensor) {
    set(5, 3 * tick);
    set(1, 3 * tick - 1);
    set(4, 3 * tick - 1);
    set(3, 2 * tick);
    set(2, 3 * tick - 2);
    EXPECT_EQ(advance(10 * tick), (Sensors{3, 2, 1, 4, 5}));
}

TEST_F(Wheel, PointsOfOneSensorComeInTheirOrder) {
    cells[cell_of(1)].sensor_id = cells[cell_of(2)].sensor_id = cells[cell_of(3)].sensor_id = 9;
    cells[cell_of(1)].point = 7;
    cells[cell_of(2)].point = 5;
    cells[cell_of(3)].point = 6;
    for (const std::uint64_t sensor : {1U, 2U, 3U}) {
        set(sensor, tick);
    }
    std::vector<std::uint32_t> points;
    wheel.advance(tick, [&](std::uint32_t cell) { points.push_back(cells[cell].point); });
    EXPECT_EQ(points, (std::vector<std::uint32_t>{5, 6, 7}));
}

// A window that closes when a delay ends may say that the condition is gone.
TEST_F(Wheel, WindowsOfOneSensorComeBeforeItsAlarms) {
    cells[cell_of(1)].sensor_id = cells[cell_of(2)].sensor_id = 9;
    cells[cell_of(1)].point = 0;
    cells[cell_of(2)].point = window_mark;
    set(1, tick);
    set(2, tick);
    std::vector<std::uint32_t> points;
    wheel.advance(tick, [&](std::uint32_t cell) { points.push_back(cells[cell].point); });
    EXPECT_EQ(points, (std::vector<std::uint32_t>{window_mark, 0}));
}

TEST_F(Wheel, CellSetAgainMoves) {
    set(1, 2 * tick);
    set(1, 5 * tick);
    set(2, 9 * tick);
    set(2, 3 * tick);
    EXPECT_EQ(advance(4 * tick), Sensors{2});
    EXPECT_EQ(advance(20 * tick), Sensors{1});
}

TEST_F(Wheel, DroppedCellIsNotDue) {
    set(1, 2 * tick);
    set(2, 2 * tick);
    set(3, 2 * tick);
    wheel.drop(cell_of(2));
    wheel.drop(cell_of(2));
    wheel.drop(cell_of(4));
    EXPECT_EQ(advance(4 * tick), (Sensors{1, 3}));
}

TEST_F(Wheel, TimeThatHasPassedIsDueAtTheNextTick) {
    advance(100 * tick);
    set(1, 0);
    set(2, 50 * tick);
    set(3, 100 * tick);
    EXPECT_EQ(advance(100 * tick), Sensors{});
    EXPECT_EQ(advance(101 * tick), (Sensors{1, 2, 3}));
}

TEST_F(Wheel, CellsBeyondOneTurnStayForTheirs) {
    set(1, 10 * tick);
    set(2, 10 * tick + turn);
    set(3, 10 * tick + 2 * turn);
    EXPECT_EQ(advance(10 * tick + turn - 1), Sensors{1});
    EXPECT_EQ(advance(10 * tick + turn), Sensors{2});
    EXPECT_EQ(advance(10 * tick + 2 * turn - 1), Sensors{});
    EXPECT_EQ(advance(10 * tick + 2 * turn), Sensors{3});
}

TEST_F(Wheel, FirstCallAtUnixTimeCostsNothing) {
    EXPECT_EQ(advance(unix_time + 3), Sensors{});
    EXPECT_EQ(wheel.next_tick_ns(), unix_time + tick);
    set(1, unix_time + 2 * tick);
    EXPECT_EQ(advance(unix_time + 2 * tick), Sensors{1});
}

TEST_F(Wheel, FarJumpFindsItsCellsInOrder) {
    set(1, unix_time + 7 * turn);
    set(2, unix_time - 1);
    set(3, 5);
    set(4, unix_time + 900 * turn);
    set(5, ~std::uint64_t{0});
    EXPECT_EQ(advance(unix_time), (Sensors{3, 2}));
    EXPECT_EQ(wheel.next_tick_ns(), unix_time + tick);
    EXPECT_EQ(advance(2 * unix_time), (Sensors{1, 4}));
    EXPECT_EQ(wheel.next_tick_ns(), 2 * unix_time + tick);
}

TEST_F(Wheel, WhatIsSetWhileItAdvancesIsDueInItsTurn) {
    Sensors order;
    set(1, 10 * tick);
    set(2, 10 * tick);
    set(4, 12 * tick);
    wheel.advance(unix_time, [&](std::uint32_t cell) {
        const std::uint64_t sensor = cells[cell].sensor_id;
        order.push_back(sensor);
        if (sensor == 1 && order.size() == 1) {
            set(1, 11 * tick);  // itself
            set(2, 13 * tick);  // one of the same tick, before its turn
            set(3, 2 * tick);   // passed: the next tick, and earlier in it
            set(5, 12 * turn);
        } else if (sensor == 5) {
            set(6, unix_time + 1);
        }
    });
    EXPECT_EQ(order, (Sensors{1, 3, 1, 4, 2, 5}));
    EXPECT_EQ(advance(unix_time + tick), Sensors{6});
}

TEST_F(Wheel, WhatIsDroppedWhileItAdvancesIsNotDue) {
    Sensors order;
    for (const std::uint64_t sensor : {1U, 2U, 3U, 4U}) {
        set(sensor, 10 * tick);
    }
    set(5, 11 * tick);
    wheel.advance(20 * tick, [&](std::uint32_t cell) {
        order.push_back(cells[cell].sensor_id);
        if (cell == cell_of(1)) {
            wheel.drop(cell_of(1));
            wheel.drop(cell_of(3));
            wheel.drop(cell_of(5));
        }
    });
    EXPECT_EQ(order, (Sensors{1, 2, 4}));
}

/// Against a sorted set, with timers of up to three turns and jumps of all sizes.
TEST_F(Wheel, RandomTimersComeAsFromASortedSet) {
    std::mt19937_64 random(1);
    using Timer = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;  // tick, due, sensor
    std::set<Timer> expected;
    std::uint64_t now = unix_time;
    advance(now);
    const auto drop = [&](std::uint64_t sensor) {
        wheel.drop(cell_of(sensor));
        std::erase_if(expected, [&](const Timer& it) { return std::get<2>(it) == sensor; });
    };
    const auto set_from = [&](std::uint64_t from, std::uint64_t sensor) {
        drop(sensor);
        const std::uint64_t range = std::uint64_t{1} << (20 + random() % 18);
        const std::uint64_t due = from + 1 + random() % range;
        set(sensor, due);
        expected.emplace((due + tick - 1) / tick, due, sensor);
    };
    for (int i = 0; i < 3000; ++i) {
        const std::uint64_t sensor = 1 + random() % 64;
        if (random() % 8 == 0) {
            drop(sensor);
        } else {
            set_from(now, sensor);
        }
        now += random() % (std::uint64_t{1} << (20 + random() % 19));
        wheel.advance(now, [&](std::uint32_t cell) {
            ASSERT_FALSE(expected.empty());
            const Timer first = *expected.begin();
            expected.erase(expected.begin());
            ASSERT_LE(std::get<0>(first), now / tick);
            ASSERT_EQ(cells[cell].sensor_id, std::get<2>(first));
            if (random() % 2 == 0) {
                set_from(std::get<0>(first) * tick, 1 + random() % 64);
            }
        });
        ASSERT_TRUE(expected.empty() || std::get<0>(*expected.begin()) > now / tick) << i;
    }
}

}  // namespace
}  // namespace roda::appliance
