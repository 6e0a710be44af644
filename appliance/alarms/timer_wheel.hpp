// SPDX-License-Identifier: Apache-2.0
// When a cell is to be looked at without a reading: a hashed wheel of lists through the cells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "appliance/alarms/alarm_cells.hpp"

namespace roda::appliance {

/// Time goes in ticks of the receive clock, so that what is due does not depend on how datagrams
/// fall into bursts.
///
/// Thread: the shard's. Shape: a cell is in it once or not at all (AlarmCell::wheel_due_ns).
/// Cost: set() and drop() are constant; a tick costs its bucket, where cells of later turns (each
/// 41 s) lie, too.
class TimerWheel {
  public:
    static constexpr std::uint64_t tick_ns = 10'000'000;

    explicit TimerWheel(AlarmCells& cells);

    /// Puts it in, or moves it: due at the first tick at or after due_ns. A time that has passed
    /// already is taken for now: due at the next tick.
    void set(std::uint32_t cell, std::uint64_t due_ns) noexcept;

    /// Takes it out where it is in.
    void drop(std::uint32_t cell) noexcept;

    /// The tick that was last advanced to; within `due`, the one that is due.
    std::uint64_t now_ns() const noexcept { return now_ns_; }

    /// The tick that comes next; advance() has nothing to do before it.
    std::uint64_t next_tick_ns() const noexcept { return now_ns_ + tick_ns; }

    /// Moves on to the last tick at or before now_ns and calls due(cell) for each cell whose time
    /// has come, tick by tick, within one by (wheel_due_ns, sensor_id, windows first, point); each
    /// is out of the wheel by then, and `due` may set or drop any: what it sets is due at a later
    /// tick, maybe in this call.
    ///
    /// Cost: a tick costs its bucket. However far it goes: when a whole turn had nothing due, one
    /// look at all cells in it finds the tick to go on with.
    template <class Due>
    void advance(std::uint64_t now_ns, Due&& due);

  private:
    static constexpr std::uint32_t buckets = 4096;

    static std::uint64_t tick_of(std::uint64_t due_ns) noexcept {
        return due_ns / tick_ns + (due_ns % tick_ns == 0 ? 0 : 1);
    }

    std::uint32_t& head_of(std::uint64_t tick) noexcept { return heads_[tick % buckets]; }

    /// The cells of a tick, in their order, into due_.
    void collect(std::uint64_t tick) noexcept;

    /// Of the cells in it; ~0: there are none.
    std::uint64_t first_tick() const noexcept;

    bool is_due(std::uint32_t cell, std::uint64_t tick) const noexcept {
        return cells_[cell].wheel_due_ns != 0 && tick_of(cells_[cell].wheel_due_ns) == tick;
    }

    AlarmCells& cells_;
    std::uint64_t now_ns_ = 0;          // a multiple of tick_ns; every cell is due after it
    std::vector<std::uint32_t> heads_;  // 1 + the first cell of each bucket
    std::vector<std::uint32_t> due_;    // of one tick; as long as there are cells
};

template <class Due>
void TimerWheel::advance(std::uint64_t now_ns, Due&& due) {
    const std::uint64_t last_tick = now_ns / tick_ns;
    std::uint32_t idle_ticks = 0;
    for (std::uint64_t tick = now_ns_ / tick_ns + 1; tick <= last_tick; ++tick) {
        if (idle_ticks == buckets) {
            tick = first_tick();
            if (tick > last_tick) {
                break;
            }
        }
        now_ns_ = tick * tick_ns;
        collect(tick);
        idle_ticks = due_.empty() ? idle_ticks + 1 : 0;
        for (const std::uint32_t cell : due_) {
            // One before it may have dropped it, or set it anew.
            if (is_due(cell, tick)) {
                drop(cell);
                due(cell);
            }
        }
    }
    if (now_ns_ < last_tick * tick_ns) {
        now_ns_ = last_tick * tick_ns;
    }
}

}  // namespace roda::appliance
