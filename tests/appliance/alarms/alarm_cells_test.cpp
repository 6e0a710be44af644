// SPDX-License-Identifier: Apache-2.0
#include "appliance/alarms/alarm_cells.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <random>
#include <vector>

namespace roda::appliance {
namespace {

TEST(AlarmCells, ListsOfSensorsAreTheirOwn) {
    AlarmCells cells(8);
    std::uint32_t first = 0;
    std::uint32_t second = 0;
    const std::uint32_t a = cells.add(first, 100, 7);
    const std::uint32_t b = cells.add(first, 100, 8);
    const std::uint32_t c = cells.add(second, 200, 7);
    EXPECT_EQ(cells.find(first, 7), a);
    EXPECT_EQ(cells.find(first, 8), b);
    EXPECT_EQ(cells.find(second, 7), c);
    EXPECT_EQ(cells.find(second, 8), no_index);
    EXPECT_EQ(cells.find(0, 7), no_index);
    EXPECT_EQ(cells[c].sensor_id, 200U);
    EXPECT_EQ(cells.size(), 3U);
}

TEST(AlarmCells, RemovalFromAnyPlaceKeepsTheOthers) {
    for (std::uint32_t removed = 0; removed < 3; ++removed) {
        AlarmCells cells(3);
        std::uint32_t head = 0;
        std::vector<std::uint32_t> added;
        for (std::uint32_t point = 0; point < 3; ++point) {
            added.push_back(cells.add(head, 1, point));
        }
        cells.remove(head, added[removed]);
        for (std::uint32_t point = 0; point < 3; ++point) {
            EXPECT_EQ(cells.find(head, point), point == removed ? no_index : added[point]);
        }
        EXPECT_EQ(cells.size(), 2U);
    }
}

TEST(AlarmCells, FullPoolRefusesAndCounts) {
    AlarmCells cells(2);
    std::uint32_t head = 0;
    cells.add(head, 1, 0);
    const std::uint32_t last = cells.add(head, 1, 1);
    const std::uint32_t before = head;
    EXPECT_EQ(cells.add(head, 1, 2), no_index);
    EXPECT_EQ(head, before);
    EXPECT_EQ(cells.refused(), 1U);
    EXPECT_EQ(cells.size(), cells.max_cells());
    cells.remove(head, last);
    EXPECT_EQ(cells.add(head, 1, 2), last);
    EXPECT_EQ(cells.refused(), 1U);
}

TEST(AlarmCells, UsedCellIsAtRestWhenTakenAgain) {
    AlarmCells cells(1);
    std::uint32_t head = 0;
    const std::uint32_t cell = cells.add(head, 1, 5);
    cells[cell].state = AlarmState::firing;
    cells[cell].history = 3;
    cells[cell].cause.value = 4.0;
    cells.remove(head, cell);
    EXPECT_EQ(head, 0U);
    std::uint32_t other = 0;
    ASSERT_EQ(cells.add(other, 2, 6), cell);
    EXPECT_EQ(cells[cell].sensor_id, 2U);
    EXPECT_EQ(cells[cell].point, 6U);
    EXPECT_EQ(cells[cell].next, 0U);
    EXPECT_EQ(cells[cell].state, AlarmState::normal);
    EXPECT_EQ(cells[cell].history, 0U);
    EXPECT_EQ(cells[cell].cause.value, 0.0);
}

TEST(AlarmCells, PoolOfNoneRefusesAll) {
    AlarmCells cells(0);
    std::uint32_t head = 0;
    EXPECT_EQ(cells.add(head, 1, 0), no_index);
    EXPECT_EQ(cells.refused(), 1U);
}

TEST(AlarmCells, RandomListsAreThoseOfAMap) {
    std::mt19937_64 random(1);
    AlarmCells cells(40);
    std::vector<std::uint32_t> heads(4, 0);
    std::vector<std::map<std::uint32_t, std::uint32_t>> expected(4);
    std::uint32_t size = 0;
    std::uint64_t refused = 0;
    for (int i = 0; i < 20'000; ++i) {
        const std::uint64_t sensor = random() % 4;
        const auto point = static_cast<std::uint32_t>(random() % 16);
        std::map<std::uint32_t, std::uint32_t>& points = expected[sensor];
        const auto known = points.find(point);
        ASSERT_EQ(cells.find(heads[sensor], point),
                  known == points.end() ? no_index : known->second);
        if (known != points.end()) {
            cells.remove(heads[sensor], known->second);
            points.erase(known);
            --size;
        } else if (const std::uint32_t cell = cells.add(heads[sensor], sensor, point);
                   cell != no_index) {
            points[point] = cell;
            ++size;
        } else {
            ASSERT_EQ(size, 40U);
            ++refused;
        }
        ASSERT_EQ(cells.size(), size);
        ASSERT_EQ(cells.refused(), refused);
    }
    EXPECT_GT(refused, 0U);
}

}  // namespace
}  // namespace roda::appliance
