// SPDX-License-Identifier: Apache-2.0
// A rule's selection in the one form that equal selections have, and in which it is asked.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "appliance/rules/inventory.hpp"

namespace roda::appliance {

/// Thread: immutable once made; any. Cost of the questions: no allocation.
class Selector {
  public:
    explicit Selector(const Selection& selection);

    /// `device_id` 0: not known, and of no rule that wants a device. `entry`: the sensor's, nullptr
    /// where it has none.
    bool has(std::uint64_t sensor_id,
             std::uint64_t device_id,
             const InventoryEntry* entry) const noexcept {
        return has_id(sensor_id) && has_device(device_id) && has_labels(entry);
    }

    bool has_id(std::uint64_t sensor_id) const noexcept;
    bool has_device(std::uint64_t device_id) const noexcept;
    bool has_labels(const InventoryEntry* entry) const noexcept;

    bool is_by_id() const noexcept { return is_by_id_; }

    bool is_by_device() const noexcept { return is_by_device_; }

    bool is_by_label() const noexcept { return !labels_.empty(); }

    /// In order, apart from each other.
    std::span<const IdRange> ids() const noexcept { return ids_; }

    /// In order, each once, without 0.
    std::span<const std::uint64_t> devices() const noexcept { return devices_; }

    /// In order, each once.
    const Labels& labels() const noexcept { return labels_; }

    friend bool operator==(const Selector&, const Selector&) = default;

  private:
    std::vector<IdRange> ids_;
    std::vector<std::uint64_t> devices_;
    Labels labels_;
    // Apart from the lists: a condition that nothing can fulfil is not the same as none.
    bool is_by_id_;
    bool is_by_device_;
};

}  // namespace roda::appliance
