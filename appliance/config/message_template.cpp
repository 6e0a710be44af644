// SPDX-License-Identifier: Apache-2.0
#include "appliance/config/message_template.hpp"

#include <algorithm>
#include <optional>

#include "appliance/config/nearest_word.hpp"

namespace roda::appliance {

namespace {

constexpr std::string_view label_prefix = "label:";

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// What stands between braces; nothing: unknown.
std::optional<MessagePiece> placeholder(std::string_view name) {
    if (name.substr(0, label_prefix.size()) == label_prefix) {
        const std::string_view label = name.substr(label_prefix.size());
        if (!is_label_name(label)) {
            return std::nullopt;
        }
        return MessagePiece{MessageField::label, std::string(label)};
    }
    const auto* const found =
        std::find(message_field_names.begin(), message_field_names.end(), name);
    if (found == message_field_names.end()) {
        return std::nullopt;
    }
    return MessagePiece{static_cast<MessageField>(found - message_field_names.begin()), {}};
}

std::string advice_for(std::string_view name) {
    if (name.substr(0, label_prefix.size()) == label_prefix) {
        return "give {label:NAME} the name of a label";
    }
    const std::vector<std::string> known(message_field_names.begin(), message_field_names.end());
    if (const std::string* const meant = nearest_word(name, known)) {
        return "did you mean {" + *meant + "}?";
    }
    std::string advice = "{{ is a brace; placeholders are";
    for (const std::string& field : known) {
        advice += " {" + field + "},";
    }
    return advice + " {label:NAME}";
}

void add_text(std::vector<MessagePiece>& pieces, std::string_view text) {
    if (text.empty()) {
        return;
    }
    if (pieces.empty() || pieces.back().field != MessageField::text) {
        pieces.emplace_back();
    }
    pieces.back().text += text;
}

}  // namespace

bool is_label_name(std::string_view text) noexcept {
    return !text.empty() && is_letter(text.front()) && text.substr(0, 2) != "__" &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_letter(c) || (c >= '0' && c <= '9');
           });
}

MessageTemplate parse_message(std::string_view text) {
    MessageTemplate message;
    while (!text.empty()) {
        const std::size_t brace = std::min(text.find('{'), text.size());
        add_text(message.pieces, text.substr(0, brace));
        text.remove_prefix(brace);
        if (text.substr(0, 2) == "{{") {
            add_text(message.pieces, "{");
            text.remove_prefix(2);
        } else if (!text.empty()) {
            const std::size_t end = text.find('}');
            if (end == std::string_view::npos) {
                message.advice = "close the brace with }, or write {{ for a brace";
                return message;
            }
            const std::string_view name = text.substr(1, end - 1);
            auto piece = placeholder(name);
            if (!piece) {
                message.advice = advice_for(name);
                return message;
            }
            message.pieces.push_back(std::move(*piece));
            text.remove_prefix(end + 1);
        }
    }
    return message;
}

}  // namespace roda::appliance
