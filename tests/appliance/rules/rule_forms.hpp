// SPDX-License-Identifier: Apache-2.0
// Plain rules and sensors, of which tests change what they are about.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "appliance/config/rule.hpp"
#include "appliance/rules/inventory.hpp"

namespace roda::appliance {

inline Rule rule_of(RuleKind kind, std::string name = "rule") {
    Rule rule;
    rule.name = std::move(name);
    rule.kind = kind;
    return rule;
}

inline Rule high(std::string name, double limit) {
    Rule rule = rule_of(RuleKind::limits, std::move(name));
    rule.hi = LevelLimit{limit};
    return rule;
}

/// Eight seconds of it.
inline Rule silence() {
    Rule rule = rule_of(RuleKind::absence, "silent");
    rule.for_ns = 8'000'000'000;
    return rule;
}

inline InventoryEntry entry_of(std::uint64_t sensor_id, Labels labels = {}) {
    InventoryEntry entry;
    entry.sensor_id = sensor_id;
    entry.labels = std::move(labels);
    return entry;
}

}  // namespace roda::appliance
