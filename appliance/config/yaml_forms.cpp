// SPDX-License-Identifier: Apache-2.0
#include "appliance/config/yaml_forms.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

namespace roda::appliance {

namespace {

// yaml-cpp's tag of a scalar without quotes and without a tag of its own; in YAML only such a
// scalar can be a number or a truth value.
bool is_plain(const YAML::Node& node) {
    return node.IsScalar() && node.Tag() == "?";
}

template <typename T>
std::optional<T> parse_number(const YAML::Node& node) {
    if (!is_plain(node)) {
        return std::nullopt;
    }
    const std::string& text = node.Scalar();
    const char* const end = text.data() + text.size();
    T number{};
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end) {
        return std::nullopt;
    }
    return number;
}

}  // namespace

std::string show_text(const std::string& text) {
    constexpr std::size_t longest_bytes = 60;
    std::string shown = text.substr(0, longest_bytes);
    for (char& byte : shown) {
        if (static_cast<unsigned char>(byte) < ' ' || byte == '\x7f') {
            byte = ' ';  // one fault, one line
        }
    }
    return text.size() > longest_bytes ? shown + "..." : shown;
}

std::string show_value(const YAML::Node& node) {
    switch (node.Type()) {
        case YAML::NodeType::Sequence:
            return "a list";
        case YAML::NodeType::Map:
            return "a mapping";
        case YAML::NodeType::Scalar:
            return is_plain(node) ? show_text(node.Scalar()) : '"' + show_text(node.Scalar()) + '"';
        default:
            return "empty";
    }
}

std::string show_real(double value) {
    std::array<char, 32> text{};
    const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), result.ptr};
}

std::optional<std::string> Flag::read(const YAML::Node& node, bool& value) const {
    if (!is_plain(node) || (node.Scalar() != "true" && node.Scalar() != "false")) {
        return "give true or false";
    }
    value = node.Scalar() == "true";
    return std::nullopt;
}

std::optional<std::uint64_t> Whole::parse(const YAML::Node& node) const {
    const auto number = parse_number<std::uint64_t>(node);
    return number && *number >= min_ && *number <= max_ ? number : std::nullopt;
}

std::string Whole::advice() const {
    const std::string of_unit = unit_.empty() ? "" : " of " + unit_;
    return "give a whole number" + of_unit + " from " + std::to_string(min_) + " to " +
           std::to_string(max_);
}

std::string Whole::range() const {
    return std::to_string(min_) + " to " + std::to_string(max_);
}

std::optional<std::string> Real::read(const YAML::Node& node, double& value) const {
    const auto number = parse_number<double>(node);
    if (!number || !std::isfinite(*number) || *number > most_ || *number < least_ ||
        (*number == least_ && !least_itself_)) {
        return advice();
    }
    value = *number;
    return std::nullopt;
}

std::string Real::advice() const {
    if (!std::isfinite(least_)) {
        return "give " + range();
    }
    return (least_itself_ ? "give a number of " : "give a number ") + range();
}

std::string Real::range() const {
    if (!std::isfinite(least_)) {
        return "a finite number";
    }
    std::string text = (least_itself_ ? "at least " : "above ") + show_real(least_);
    if (std::isfinite(most_)) {
        text += " and at most " + show_real(most_);
    }
    return text;
}

std::optional<std::string> Milliseconds::read(const YAML::Node& node,
                                              std::uint64_t& value_ns) const {
    std::uint64_t value_ms = 0;
    auto advice = whole_.read(node, value_ms);
    if (!advice) {
        value_ns = value_ms * ns_of_one;
    }
    return advice;
}

std::optional<std::string> Text::read(const YAML::Node& node, std::string& value) const {
    if (!node.IsScalar() || !accepts_(node.Scalar())) {
        return "give " + what_;
    }
    value = node.Scalar();
    return std::nullopt;
}

}  // namespace roda::appliance
