// SPDX-License-Identifier: Apache-2.0
#include "appliance/exporter/alert_labels.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "appliance/alerting/alert_message.hpp"
#include "appliance/alerting/alert_text.hpp"
#include "appliance/ingest/utf8_text.hpp"

namespace roda::appliance {
namespace {

void add(Labels& labels, std::string_view name, std::string_view value) {
    const bool taken =
        std::ranges::any_of(labels, [&](const auto& label) { return label.first == name; });
    if (!value.empty() && !taken) {
        labels.emplace_back(name, utf8_text(value));
    }
}

}  // namespace

AlertLabels::AlertLabels(std::shared_ptr<const RuleBook> book) : book_(std::move(book)) {
    for (std::size_t i = 0; book_ != nullptr && i < book_->rules().size(); ++i) {
        rules_.emplace(book_->rules()[i].name, i);
    }
}

Labels AlertLabels::of(const AlertName& alert, Severity severity) const {
    Labels labels;
    add(labels, "rule", alert.rule);
    add(labels, "severity", severity_name(severity));
    if (alert.level != Level::none) {
        add(labels, "level", level_name(alert.level));
    }
    if (alert.is_of_group) {
        add(labels, "group", alert.group);
    } else {
        add(labels, "sensor", std::to_string(alert.sensor_id));
    }
    const Rule* const rule = rule_of(alert.rule);
    const InventoryEntry* const sensor = alert.is_of_group ? nullptr : sensor_of(alert.sensor_id);
    if (sensor != nullptr) {
        add(labels, "name", alert_label(rule, sensor, "name"));
        add(labels, "unit", alert_label(rule, sensor, "unit"));
        for (const auto& [name, value] : sensor->labels) {
            add(labels, name, alert_label(rule, sensor, name));
        }
    }
    if (rule != nullptr) {
        for (const auto& [name, value] : rule->labels) {
            add(labels, name, value);
        }
    }
    return labels;
}

std::string AlertLabels::message_of(const AlertRecord& record) const {
    const Rule* const rule = rule_of(std::string(rule_name(record)));
    return rule == nullptr ? std::string()
                           : alert_message(*rule, record, sensor_of(record.sensor_id));
}

const InventoryEntry* AlertLabels::sensor_of(std::uint64_t sensor_id) const noexcept {
    return book_ == nullptr ? nullptr : book_->inventory().find(sensor_id);
}

const Rule* AlertLabels::rule_of(const std::string& name) const noexcept {
    const auto found = rules_.find(name);
    return found == rules_.end() ? nullptr : &book_->rules()[found->second];
}

}  // namespace roda::appliance
