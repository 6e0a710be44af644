// SPDX-License-Identifier: Apache-2.0
// Where alarms that are not at rest are remembered: a pool of cells, each in the list of its
// sensor.
#pragma once

#include <cstdint>

#include "appliance/alarms/alarm_cell.hpp"
#include "pipeline/memory/region.hpp"

namespace roda::appliance {

/// Thread: the shard's. Shape: cells are numbered from 0; a list's head is 1 + its first cell, 0
/// for none (SensorState::alarms). Cost: no allocation after construction.
class AlarmCells {
  public:
    explicit AlarmCells(std::uint32_t max_cells);

    AlarmCell& operator[](std::uint32_t cell) noexcept { return cells_[cell]; }

    const AlarmCell& operator[](std::uint32_t cell) const noexcept { return cells_[cell]; }

    /// Asks for what a reading looks at that changes nothing.
    [[gnu::always_inline]] void prefetch(std::uint32_t cell) const noexcept {
        __builtin_prefetch(&cells_[cell], 1);
    }

    /// The list's cell of this point; no_index: none.
    std::uint32_t find(std::uint32_t head, std::uint32_t point) const noexcept;

    /// A new cell, at rest, at the list's head; no_index, and counted: all are taken.
    std::uint32_t add(std::uint32_t& head, std::uint64_t sensor_id, std::uint32_t point) noexcept;

    /// Out of its list, which must hold it, and free. It must not be in a TimerWheel.
    void remove(std::uint32_t& head, std::uint32_t cell) noexcept;

    std::uint32_t size() const noexcept { return size_; }

    std::uint32_t max_cells() const noexcept { return max_cells_; }

    /// Times that add() found none.
    std::uint64_t refused() const noexcept { return refused_; }

  private:
    std::uint32_t max_cells_;
    std::uint32_t size_ = 0;
    std::uint32_t free_ = 0;  // 1 + the first free cell; 0: none
    std::uint64_t refused_ = 0;
    Region region_;
    AlarmCell* cells_;
};

}  // namespace roda::appliance
