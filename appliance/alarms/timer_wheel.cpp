// SPDX-License-Identifier: Apache-2.0
#include "appliance/alarms/timer_wheel.hpp"

#include <algorithm>
#include <tuple>

namespace roda::appliance {

TimerWheel::TimerWheel(AlarmCells& cells) : cells_(cells), heads_(buckets, 0) {
    due_.reserve(cells.max_cells());
}

void TimerWheel::set(std::uint32_t cell, std::uint64_t due_ns) noexcept {
    drop(cell);
    AlarmCell& entry = cells_[cell];
    entry.wheel_due_ns = std::max(due_ns, now_ns_ + 1);
    std::uint32_t& head = head_of(tick_of(entry.wheel_due_ns));
    entry.wheel_next = head;
    entry.wheel_previous = 0;
    if (head != 0) {
        cells_[head - 1].wheel_previous = cell + 1;
    }
    head = cell + 1;
}

void TimerWheel::drop(std::uint32_t cell) noexcept {
    AlarmCell& entry = cells_[cell];
    if (entry.wheel_due_ns == 0) {
        return;
    }
    if (entry.wheel_previous == 0) {
        head_of(tick_of(entry.wheel_due_ns)) = entry.wheel_next;
    } else {
        cells_[entry.wheel_previous - 1].wheel_next = entry.wheel_next;
    }
    if (entry.wheel_next != 0) {
        cells_[entry.wheel_next - 1].wheel_previous = entry.wheel_previous;
    }
    entry.wheel_next = entry.wheel_previous = 0;
    entry.wheel_due_ns = 0;
}

void TimerWheel::collect(std::uint64_t tick) noexcept {
    due_.clear();
    for (std::uint32_t link = head_of(tick); link != 0; link = cells_[link - 1].wheel_next) {
        if (is_due(link - 1, tick)) {
            due_.push_back(link - 1);
        }
    }
    std::sort(due_.begin(), due_.end(), [this](std::uint32_t left, std::uint32_t right) {
        const auto order = [](const AlarmCell& cell) {
            const bool is_alarm = (cell.point & window_mark) == 0;
            return std::make_tuple(cell.wheel_due_ns, cell.sensor_id, is_alarm, cell.point);
        };
        return order(cells_[left]) < order(cells_[right]);
    });
}

std::uint64_t TimerWheel::first_tick() const noexcept {
    std::uint64_t first = ~std::uint64_t{0};
    for (const std::uint32_t head : heads_) {
        for (std::uint32_t link = head; link != 0; link = cells_[link - 1].wheel_next) {
            first = std::min(first, tick_of(cells_[link - 1].wheel_due_ns));
        }
    }
    return first;
}

}  // namespace roda::appliance
