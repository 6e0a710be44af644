// SPDX-License-Identifier: Apache-2.0
// From a rule to its alarm points, and from those to what tells them apart over a reload.
#pragma once

#include <cstdint>
#include <vector>

#include "appliance/rules/alarm_point.hpp"
#include "appliance/rules/selector.hpp"

namespace roda::appliance {

/// In the order hihi, hi, lo, lolo of a limits rule's levels; of any other kind one. Fields that
/// its kind does not know stay at their defaults. `series` and `window` are the caller's to set.
std::vector<AlarmPoint> points_of(const Rule& rule, std::uint32_t number);

/// RuleBook::identity_of(). `window`: of the point's figure, where it is a window's.
std::uint64_t identity_of(const AlarmPoint& point,
                          const Rule& rule,
                          const Selector& selector,
                          const WindowShape& window);

}  // namespace roda::appliance
