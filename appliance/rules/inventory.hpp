// SPDX-License-Identifier: Apache-2.0
// The sensors that a plant is supposed to have: a CSV file with a line for each.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "appliance/config/rule.hpp"

namespace roda::appliance {

/// Limits of one sensor; NaN where the file gives none.
struct SensorLimits {
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();
    double hihi = none;
    double hi = none;
    double lo = none;
    double lolo = none;
};

/// One line: `id` and whichever of these columns the file has.
struct InventoryEntry {
    std::uint64_t sensor_id = 0;
    std::string name;
    std::string unit;
    Labels labels;                           // `group` and every other column
    std::uint64_t expected_interval_ns = 0;  // from column expected_interval_s; 0: not known
    SensorLimits limits;
};

/// Thread: immutable once loaded; any.
class Inventory {
  public:
    Inventory() = default;

    /// In the order of their ids, each once.
    explicit Inventory(std::vector<InventoryEntry> sorted_by_id)
        : entries_(std::move(sorted_by_id)) {}

    /// Errors: StartupError with every fault, as a config's: an id twice, a value that is no
    /// number, limits out of order.
    static Inventory load(const std::string& path);
    static Inventory parse(std::string_view text, const std::string& file_name);

    /// nullptr: not in the file. Cost: O(log n), no allocation.
    const InventoryEntry* find(std::uint64_t sensor_id) const noexcept {
        const auto at = std::lower_bound(
            entries_.begin(),
            entries_.end(),
            sensor_id,
            [](const InventoryEntry& entry, std::uint64_t id) { return entry.sensor_id < id; });
        return at != entries_.end() && at->sensor_id == sensor_id ? &*at : nullptr;
    }

    /// In the order of their ids; the position is the entry's number.
    std::span<const InventoryEntry> entries() const noexcept { return entries_; }

    std::size_t number_of(const InventoryEntry& entry) const noexcept {
        return static_cast<std::size_t>(&entry - entries_.data());
    }

  private:
    std::vector<InventoryEntry> entries_;
};

/// The value of a label; empty: it has none of this name. `name` and `unit` are not labels.
inline std::string_view label_of(const Labels& labels, std::string_view name) noexcept {
    for (const auto& [key, value] : labels) {
        if (key == name) {
            return value;
        }
    }
    return {};
}

}  // namespace roda::appliance
