// SPDX-License-Identifier: Apache-2.0
#include "appliance/config/rule_forms.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "appliance/config/message_template.hpp"

namespace roda::appliance {

namespace {

template <std::size_t count>
bool is_one_of(std::string_view text, const std::array<std::string_view, count>& names) {
    return std::find(names.begin(), names.end(), text) != names.end();
}

bool is_alert_label_name(std::string_view text) {
    return is_label_name(text) && !is_one_of(text, alert_series_labels);
}

bool has_control_character(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    });
}

// Reads digits from the front of the text.
std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    return number;
}

}  // namespace

bool is_inventory_label_name(std::string_view text) {
    return is_alert_label_name(text) && !is_one_of(text, inventory_columns);
}

bool is_label_value(std::string_view text) {
    constexpr std::size_t longest = 255;
    return !text.empty() && text.size() <= longest && !has_control_character(text);
}

Text alert_label_name() {
    return {
        "a name of letters, digits and _, no digit and no __ in front, other than rule, "
        "severity, level, sensor, transition",
        is_alert_label_name};
}

Text inventory_label_name() {
    return {"a column of the inventory that is a label: group, or one of your own",
            is_inventory_label_name};
}

Text label_value() {
    return {"1 to 255 bytes of text without control characters", is_label_value};
}

std::optional<std::string> IdRangeLiteral::read(const YAML::Node& node, IdRange& value) const {
    const std::string advice = "give a whole number, or two as FIRST-LAST";
    if (!node.IsScalar()) {
        return advice;
    }
    std::string_view text = node.Scalar();
    const auto first = take_number(text);
    std::optional<std::uint64_t> last = first;
    if (!text.empty() && text.front() == '-') {
        text.remove_prefix(1);
        last = take_number(text);
    }
    if (!first || !last || !text.empty()) {
        return advice;
    }
    if (*first > *last) {
        return "give the smaller one first: " + std::to_string(*last) + '-' +
               std::to_string(*first);
    }
    value = {*first, *last};
    return std::nullopt;
}

std::optional<std::string> LevelLimitForm::read(const YAML::Node& node, LevelLimit& value) const {
    if (node.IsScalar() && node.Scalar() == "inventory") {
        value = {0.0, true};
        return std::nullopt;
    }
    double number = 0.0;
    if (Real::any().read(node, number)) {
        return "give a finite number, or inventory for each sensor's own";
    }
    value = {number, false};
    return std::nullopt;
}

std::optional<std::string> MessageForm::read(const YAML::Node& node, std::string& value) const {
    constexpr std::size_t longest = 1000;
    if (!node.IsScalar() || node.Scalar().size() > longest ||
        has_control_character(node.Scalar())) {
        return "give one line of text, at most 1000 bytes";
    }
    const MessageTemplate parsed = parse_message(node.Scalar());
    if (!parsed.advice.empty()) {
        return parsed.advice;
    }
    value = node.Scalar();
    return std::nullopt;
}

}  // namespace roda::appliance
