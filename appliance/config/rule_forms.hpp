// SPDX-License-Identifier: Apache-2.0
// The forms of a rule's own kinds of values: id ranges, limits, labels, messages.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "appliance/config/rule.hpp"
#include "appliance/config/yaml_forms.hpp"

namespace roda::appliance {

/// A label of alerts, valid for Prometheus and not one that Roda sets.
Text alert_label_name();

/// A label that the inventory gives to sensors: a column that is neither its id, name nor figures.
Text inventory_label_name();
bool is_inventory_label_name(std::string_view text);

Text label_value();
bool is_label_value(std::string_view text);

/// Columns of an inventory that are no labels.
inline constexpr std::array<std::string_view, 8> inventory_columns = {
    "id", "name", "unit", "expected_interval_s", "hihi", "hi", "lo", "lolo"};

/// Labels of alert series that Roda sets.
inline constexpr std::array<std::string_view, 5> alert_series_labels = {
    "rule", "severity", "level", "sensor", "transition"};

/// Names of an enum, in the order of its enumerators from 0 on.
template <typename E, std::size_t count>
Choice<E> choice_of(const std::array<std::string_view, count>& names) {
    std::vector<std::pair<std::string_view, E>> pairs;
    for (std::size_t i = 0; i < count; ++i) {
        pairs.emplace_back(names[i], static_cast<E>(i));
    }
    return Choice<E>(std::move(pairs));
}

/// N or FIRST-LAST.
class IdRangeLiteral {
  public:
    std::optional<std::string> read(const YAML::Node& node, IdRange& value) const;

    std::string range() const { return "whole numbers, or FIRST-LAST"; }

    std::string unit() const { return {}; }
};

/// A number, or the word `inventory`.
class LevelLimitForm {
  public:
    std::optional<std::string> read(const YAML::Node& node, LevelLimit& value) const;

    std::string show(const LevelLimit& value) const {
        return value.of_inventory ? "inventory" : show_real(value.value);
    }

    std::string range() const { return "a finite number, or inventory"; }

    std::string unit() const { return {}; }
};

class MessageForm {
  public:
    std::optional<std::string> read(const YAML::Node& node, std::string& value) const;

    std::string show(const std::string& value) const { return value.empty() ? "\"\"" : value; }

    std::string range() const { return "text with {placeholders}, at most 1000 bytes"; }

    std::string unit() const { return {}; }
};

}  // namespace roda::appliance
