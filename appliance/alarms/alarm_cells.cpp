// SPDX-License-Identifier: Apache-2.0
#include "appliance/alarms/alarm_cells.hpp"

#include <algorithm>
#include <memory>

namespace roda::appliance {

AlarmCells::AlarmCells(std::uint32_t max_cells)
    : max_cells_(max_cells),
      region_(Region::anonymous(std::max<std::size_t>(max_cells, 1) * sizeof(AlarmCell))),
      cells_(reinterpret_cast<AlarmCell*>(region_.data())) {
    std::uninitialized_value_construct_n(cells_, max_cells_);
    for (std::uint32_t cell = max_cells_; cell-- > 0;) {
        cells_[cell].next = free_;
        free_ = cell + 1;
    }
}

std::uint32_t AlarmCells::find(std::uint32_t head, std::uint32_t point) const noexcept {
    for (std::uint32_t link = head; link != 0; link = cells_[link - 1].next) {
        if (cells_[link - 1].point == point) {
            return link - 1;
        }
    }
    return no_index;
}

std::uint32_t AlarmCells::add(std::uint32_t& head,
                              std::uint64_t sensor_id,
                              std::uint32_t point) noexcept {
    if (free_ == 0) {
        ++refused_;
        return no_index;
    }
    const std::uint32_t cell = free_ - 1;
    free_ = cells_[cell].next;
    cells_[cell] = AlarmCell{};
    cells_[cell].sensor_id = sensor_id;
    cells_[cell].point = point;
    cells_[cell].next = head;
    head = cell + 1;
    ++size_;
    return cell;
}

void AlarmCells::remove(std::uint32_t& head, std::uint32_t cell) noexcept {
    std::uint32_t* link = &head;
    while (*link != cell + 1) {
        link = &cells_[*link - 1].next;
    }
    *link = cells_[cell].next;
    cells_[cell].next = free_;
    free_ = cell + 1;
    --size_;
}

}  // namespace roda::appliance
