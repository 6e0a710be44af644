// SPDX-License-Identifier: Apache-2.0
#include "appliance/rules/rule_index.hpp"

#include <limits>

namespace roda::appliance {

namespace {

// Nobody knows before they speak; a gateway has some hundred.
constexpr std::uint64_t likely_sensors_of_device = 256;

constexpr std::uint64_t no_condition = std::numeric_limits<std::uint64_t>::max();

std::uint64_t ids_in(const Selector& selector) noexcept {
    std::uint64_t sum = 0;
    for (const IdRange& range : selector.ids()) {
        const std::uint64_t more = range.last - range.first;
        if (more >= no_condition - 2 - sum) {
            return no_condition - 1;
        }
        sum += more + 1;
    }
    return sum;
}

}  // namespace

RuleIndex::RuleIndex(std::span<const Rule> rules, const Inventory& inventory) {
    selectors_.reserve(rules.size());
    for (const Rule& rule : rules) {
        selectors_.emplace_back(rule.match);
    }
    const LabelMap<std::uint64_t> sensors = sensors_with_labels(inventory);
    std::vector<IdIntervals::Interval> intervals;
    for (std::uint32_t i = 0; i < rules.size(); ++i) {
        if (rules[i].kind != RuleKind::group) {
            enter(i, sensors, intervals);
        }
    }
    by_id_ = IdIntervals(std::move(intervals));
}

/// How many sensors have each label that some rule wants.
RuleIndex::LabelMap<std::uint64_t> RuleIndex::sensors_with_labels(
    const Inventory& inventory) const {
    LabelMap<std::uint64_t> sensors;
    for (const Selector& selector : selectors_) {
        for (const auto& [name, value] : selector.labels()) {
            sensors.emplace(LabelView{name, value}, 0);
        }
    }
    if (sensors.empty()) {
        return sensors;
    }
    for (const InventoryEntry& entry : inventory.entries()) {
        for (const auto& [name, value] : entry.labels) {
            const auto wanted = sensors.find({name, value});
            if (wanted != sensors.end()) {
                ++wanted->second;
            }
        }
    }
    return sensors;
}

void RuleIndex::enter(std::uint32_t rule,
                      const LabelMap<std::uint64_t>& sensors,
                      std::vector<IdIntervals::Interval>& intervals) {
    const Selector& selector = selectors_[rule];
    const std::uint64_t of_ids = selector.is_by_id() ? ids_in(selector) : no_condition;
    const std::uint64_t of_devices = selector.is_by_device()
                                         ? selector.devices().size() * likely_sensors_of_device
                                         : no_condition;
    std::uint64_t of_label = no_condition;
    LabelView label;
    for (const auto& [name, value] : selector.labels()) {
        const std::uint64_t count = sensors.at({name, value});
        if (count < of_label) {
            of_label = count;
            label = {name, value};
        }
    }
    const std::uint64_t least = std::min({of_ids, of_devices, of_label});
    if (least == no_condition) {
        of_all_.push_back(rule);
    } else if (least == of_label) {
        by_label_[label].push_back(rule);
    } else if (least == of_ids) {
        for (const IdRange& range : selector.ids()) {
            intervals.push_back({range, rule});
        }
    } else {
        for (const std::uint64_t device : selector.devices()) {
            by_device_[device].push_back(rule);
        }
    }
}

}  // namespace roda::appliance
