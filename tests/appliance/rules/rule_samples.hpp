// SPDX-License-Identifier: Apache-2.0
// Rules, inventories and what a book says of them, in few words.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "appliance/rules/rule_book.hpp"
#include "tests/appliance/rules/rule_forms.hpp"

namespace roda::appliance {

inline Rule high_limit(std::string name, Selection match = {}) {
    Rule rule = rule_of(RuleKind::limits, std::move(name));
    rule.hi = LevelLimit{.value = 10.0};
    rule.match = std::move(match);
    return rule;
}

inline std::shared_ptr<const Inventory> inventory_of(std::vector<InventoryEntry> entries) {
    return std::make_shared<const Inventory>(std::move(entries));
}

/// A book with a registry of its own.
struct SampleBook {
    explicit SampleBook(std::vector<Rule> rules, std::shared_ptr<const Inventory> inventory = {})
        : book(std::move(rules), std::move(inventory), series) {}

    std::vector<std::uint32_t> match(std::uint64_t sensor_id, std::uint64_t device_id = 0) const {
        std::array<std::uint32_t, max_points_per_sensor> points{};
        std::uint64_t left_out = 0;
        const std::size_t count = book.match(sensor_id, device_id, points, left_out);
        return {points.begin(), points.begin() + static_cast<std::ptrdiff_t>(count)};
    }

    SeriesRegistry series;
    RuleBook book;
};

}  // namespace roda::appliance
