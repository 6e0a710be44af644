// SPDX-License-Identifier: Apache-2.0
// What group rules come to: the values that their label has, and whose alerts they count.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "appliance/rules/alarm_point.hpp"
#include "appliance/rules/inventory.hpp"

namespace roda::appliance {

/// The inventory is read once for all rules that ask the same.
class GroupValues {
  public:
    explicit GroupValues(const Inventory& inventory) : inventory_(inventory) {}

    /// Distinct values of this label, in order.
    std::span<const std::string_view> of(const std::string& label);

  private:
    const Inventory& inventory_;
    std::map<std::string, std::vector<std::string_view>> values_;
};

/// For each point the group points, ascending, that count its alerts. `first_points`: of each rule,
/// and at the end the number of points.
std::vector<std::vector<std::uint32_t>> counting_points(
    std::span<const Rule> rules,
    std::span<const AlarmPoint> points,
    std::span<const std::uint32_t> first_points);

}  // namespace roda::appliance
