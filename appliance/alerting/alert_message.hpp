// SPDX-License-Identifier: Apache-2.0
// An alert in words: its rule's message with the figures of one record, or a sentence of its kind
// where the rule has none.
#pragma once

#include <string>

#include "appliance/alarms/alert_record.hpp"
#include "appliance/config/rule.hpp"
#include "appliance/rules/inventory.hpp"

namespace roda::appliance {

/// `rule` is the record's; `sensor` its sensor's line of the inventory, nullptr: it has none.
///
/// Numbers have the fewest digits that give them back. What a placeholder does not know (no name,
/// no unit, no such label) is left out. Of a label the rule's own comes before the sensor's.
/// Shape: UTF-8. Thread: any.
std::string alert_message(const Rule& rule,
                          const AlertRecord& record,
                          const InventoryEntry* sensor);

}  // namespace roda::appliance
