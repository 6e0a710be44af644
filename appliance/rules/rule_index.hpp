// SPDX-License-Identifier: Apache-2.0
// From a sensor to the rules that select it, without a look at the others: each rule stands in one
// index, under the one of its conditions that selects least; its others are verified.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "appliance/rules/id_intervals.hpp"
#include "appliance/rules/inventory.hpp"
#include "appliance/rules/selector.hpp"

namespace roda::appliance {

/// Thread: immutable once made; any.
class RuleIndex {
  public:
    /// Group rules select no sensors: they are never visited.
    RuleIndex(std::span<const Rule> rules, const Inventory& inventory);
    RuleIndex(const RuleIndex&) = delete;
    RuleIndex& operator=(const RuleIndex&) = delete;

    const Selector& selector(std::uint32_t rule) const noexcept { return selectors_[rule]; }

    /// visit(rule) once for each rule that selects the sensor, in no order.
    ///
    /// Cost: no allocation. Devices and labels that no rule names cost one look-up each.
    template <class Visit>
    void find(std::uint64_t sensor_id,
              std::uint64_t device_id,
              const InventoryEntry* entry,
              Visit&& visit) const noexcept {
        const auto verify = [&](std::uint32_t rule) {
            if (selectors_[rule].has(sensor_id, device_id, entry)) {
                visit(rule);
            }
        };
        std::for_each(of_all_.begin(), of_all_.end(), visit);
        by_id_.find(sensor_id, verify);
        const auto device = by_device_.find(device_id);
        if (device != by_device_.end()) {
            std::for_each(device->second.begin(), device->second.end(), verify);
        }
        if (entry == nullptr || by_label_.empty()) {
            return;
        }
        for (const auto& [name, value] : entry->labels) {
            const auto label = by_label_.find({name, value});
            if (label != by_label_.end()) {
                std::for_each(label->second.begin(), label->second.end(), verify);
            }
        }
    }

  private:
    using Numbers = std::vector<std::uint32_t>;

    struct LabelView {  // into selectors_, which stay where they are
        std::string_view name;
        std::string_view value;

        friend bool operator==(const LabelView&, const LabelView&) = default;
    };

    struct LabelHash {
        std::size_t operator()(const LabelView& label) const noexcept {
            const std::hash<std::string_view> hash;
            return hash(label.name) * 31 + hash(label.value);
        }
    };

    template <class Value>
    using LabelMap = std::unordered_map<LabelView, Value, LabelHash>;

    LabelMap<std::uint64_t> sensors_with_labels(const Inventory& inventory) const;
    void enter(std::uint32_t rule,
               const LabelMap<std::uint64_t>& sensors,
               std::vector<IdIntervals::Interval>& intervals);

    std::vector<Selector> selectors_;
    Numbers of_all_;
    IdIntervals by_id_;
    std::unordered_map<std::uint64_t, Numbers> by_device_;
    LabelMap<Numbers> by_label_;
};

}  // namespace roda::appliance
