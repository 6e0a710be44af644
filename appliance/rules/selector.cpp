// SPDX-License-Identifier: Apache-2.0
#include "appliance/rules/selector.hpp"

#include <algorithm>
#include <limits>

namespace roda::appliance {

namespace {

std::vector<IdRange> joined(std::vector<IdRange> ranges) {
    std::erase_if(ranges, [](const IdRange& range) { return range.last < range.first; });
    std::sort(ranges.begin(), ranges.end(), [](const IdRange& a, const IdRange& b) {
        return a.first < b.first;
    });
    std::vector<IdRange> apart;
    for (const IdRange& range : ranges) {
        constexpr std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
        if (!apart.empty() && (apart.back().last == end || range.first <= apart.back().last + 1)) {
            apart.back().last = std::max(apart.back().last, range.last);
        } else {
            apart.push_back(range);
        }
    }
    return apart;
}

template <class List>
List each_once(List list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
    return list;
}

}  // namespace

Selector::Selector(const Selection& selection)
    : ids_(joined(selection.sensors)),
      devices_(each_once(selection.devices)),
      labels_(each_once(selection.labels)),
      is_by_id_(!selection.sensors.empty()),
      is_by_device_(!selection.devices.empty()) {
    if (!devices_.empty() && devices_.front() == 0) {
        devices_.erase(devices_.begin());
    }
}

bool Selector::has_id(std::uint64_t sensor_id) const noexcept {
    if (!is_by_id_) {
        return true;
    }
    const auto after = std::upper_bound(
        ids_.begin(), ids_.end(), sensor_id, [](std::uint64_t id, const IdRange& range) {
            return id < range.first;
        });
    return after != ids_.begin() && sensor_id <= (after - 1)->last;
}

bool Selector::has_device(std::uint64_t device_id) const noexcept {
    return !is_by_device_ || std::binary_search(devices_.begin(), devices_.end(), device_id);
}

bool Selector::has_labels(const InventoryEntry* entry) const noexcept {
    if (labels_.empty()) {
        return true;
    }
    return entry != nullptr && std::all_of(labels_.begin(), labels_.end(), [&](const auto& label) {
               return std::find(entry->labels.begin(), entry->labels.end(), label) !=
                      entry->labels.end();
           });
}

}  // namespace roda::appliance
