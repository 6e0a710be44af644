// SPDX-License-Identifier: Apache-2.0
// The grammar of a rule's message: text with {placeholders}; `{{` is a brace.
// What stands in their places is appliance/alerting/alert_message.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace roda::appliance {

enum class MessageField : std::uint8_t {
    rule,
    severity,
    sensor,
    name,
    unit,
    device,
    value,
    reference,
    limit,
    level,
    transition,
    label,  // {label:NAME}
    text,   // no placeholder
};

inline constexpr std::array<std::string_view, 11> message_field_names = {"rule",
                                                                         "severity",
                                                                         "sensor",
                                                                         "name",
                                                                         "unit",
                                                                         "device",
                                                                         "value",
                                                                         "reference",
                                                                         "limit",
                                                                         "level",
                                                                         "transition"};

struct MessagePiece {
    MessageField field = MessageField::text;
    std::string text;  // of a label: its name

    friend bool operator==(const MessagePiece&, const MessagePiece&) = default;
};

struct MessageTemplate {
    std::vector<MessagePiece> pieces;
    std::string advice;  // what to do about its first fault; empty: it has none
};

MessageTemplate parse_message(std::string_view text);

/// Of Prometheus: a letter or _, then letters, digits and _; not __ in front, which it keeps for
/// itself.
bool is_label_name(std::string_view text) noexcept;

}  // namespace roda::appliance
