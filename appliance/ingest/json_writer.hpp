// SPDX-License-Identifier: Apache-2.0
// Writes JSON key by key, in the order of the calls.
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace roda::appliance {

/// Text as a JSON string. Bytes beyond ASCII are taken for UTF-8 as they are.
inline std::string json_string(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string json = "\"";
    for (const char letter : text) {
        const auto code = static_cast<unsigned char>(letter);
        if (letter == '"' || letter == '\\') {
            json += '\\';
            json += letter;
        } else if (code < 0x20) {
            json += "\\u00";
            json += digits[code / 16];
            json += digits[code % 16];
        } else {
            json += letter;
        }
    }
    return json + '"';
}

/// An object or an array under construction. Shape: values of an array have no key.
class JsonWriter {
  public:
    JsonWriter& open(char bracket = '{') {
        separate();
        text_ += bracket;
        is_first_ = true;
        return *this;
    }

    JsonWriter& close(char bracket = '}') {
        text_ += bracket;
        is_first_ = false;
        return *this;
    }

    JsonWriter& key(std::string_view name) {
        separate();
        text_ += json_string(name);
        text_ += ':';
        is_first_ = true;  // its value follows without a comma
        return *this;
    }

    /// Text that is JSON already.
    JsonWriter& raw(std::string_view json) {
        separate();
        text_ += json;
        return *this;
    }

    JsonWriter& text(std::string_view name, std::string_view value) {
        return key(name).raw(json_string(value));
    }

    template <std::integral Number>
    JsonWriter& number(std::string_view name, Number value) {
        if constexpr (std::same_as<Number, bool>) {
            return key(name).raw(value ? "true" : "false");
        } else {
            return key(name).raw(std::to_string(value));
        }
    }

    /// The shortest text that reads back as the same number; null where JSON has none.
    template <std::floating_point Number>
    JsonWriter& number(std::string_view name, Number value) {
        if (!std::isfinite(value)) {
            return key(name).raw("null");
        }
        std::array<char, 32> text{};
        const char* const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
        return key(name).raw({text.data(), end});
    }

    const std::string& str() const noexcept { return text_; }

  private:
    void separate() {
        if (!is_first_) {
            text_ += ',';
        }
        is_first_ = false;
    }

    std::string text_;
    bool is_first_ = true;
};

}  // namespace roda::appliance
