// SPDX-License-Identifier: Apache-2.0
// An alert in words: its rule's message with the figures of one record, or a sentence of its kind
// where the rule has none.
#pragma once

#include <string>
#include <string_view>

#include "appliance/alarms/alert_record.hpp"
#include "appliance/config/rule.hpp"
#include "appliance/rules/inventory.hpp"

namespace roda::appliance {

/// `rule` is the record's; `sensor` its sensor's line of the inventory, nullptr: it has none.
///
/// Numbers have the fewest digits that give them back. What a placeholder does not know (no name,
/// no unit, no such label, not a number but what a quality rule found) is left out.
/// Shape: UTF-8. Thread: any.
std::string alert_message(const Rule& rule,
                          const AlertRecord& record,
                          const InventoryEntry* sensor);

/// What an alert's label of this name says: the rule's own, else the sensor's in the inventory, its
/// name and unit too. Empty: neither has it. Either may be nullptr. Roda's own are not known here.
std::string_view alert_label(const Rule* rule,
                             const InventoryEntry* sensor,
                             std::string_view name) noexcept;

}  // namespace roda::appliance
