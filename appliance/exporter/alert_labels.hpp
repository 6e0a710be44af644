// SPDX-License-Identifier: Apache-2.0
// The labels of an alert's series: what the alert is of, what the inventory says of its sensor, and
// the rule's own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "appliance/alarms/alert_record.hpp"
#include "appliance/rules/rule_book.hpp"

namespace roda::appliance {

/// What tells an alert from all others; of one alarm it is always the same.
struct AlertName {
    std::string rule;
    Level level = Level::none;
    bool is_of_group = false;
    std::uint64_t sensor_id = 0;  // 0: a group's
    std::string group;            // the group's name; empty: a sensor's

    friend auto operator<=>(const AlertName&, const AlertName&) = default;
};

/// Thread: one at a time. Shape: rule, severity, level, sensor (of a group's alert: group), name,
/// unit, the inventory's columns, then the rule's own, both in the order of their names; without
/// those that it has no value for. No name stands twice: what the rule gives comes before the
/// inventory's, as in its messages (alert_label()), never before what the alert is of.
class AlertLabels {
  public:
    AlertLabels() = default;
    explicit AlertLabels(std::shared_ptr<const RuleBook> book);

    /// Cost: one look-up of the rule, one of the sensor. Of a rule that is gone: without its own.
    Labels of(const AlertName& alert, Severity severity) const;

    /// The alert in words (alert_message.hpp); empty of a rule that is gone.
    std::string message_of(const AlertRecord& record) const;

  private:
    const InventoryEntry* sensor_of(std::uint64_t sensor_id) const noexcept;
    const Rule* rule_of(const std::string& name) const noexcept;

    std::shared_ptr<const RuleBook> book_;
    std::unordered_map<std::string, std::size_t> rules_;  // by name
};

}  // namespace roda::appliance
