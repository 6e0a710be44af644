// SPDX-License-Identifier: Apache-2.0
// Names that others gave, made fit for formats that demand UTF-8: Prometheus refuses a whole scrape
// for one bad byte.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "appliance/config/utf8.hpp"

namespace roda::appliance {

/// `text` with a question mark for each byte that is no part of a character, and for each control
/// character.
inline std::string utf8_text(std::string_view text) {
    std::string good;
    good.reserve(text.size());
    while (!text.empty()) {
        const std::size_t bytes = utf8_character_bytes(text);
        const auto first = static_cast<unsigned char>(text.front());
        if (bytes == 0 || first < 0x20 || first == 0x7f) {
            good += '?';
        } else {
            good += text.substr(0, bytes);
        }
        text.remove_prefix(bytes == 0 ? 1 : bytes);
    }
    return good;
}

/// `text` without a last character that was cut.
inline std::string_view without_cut_character(std::string_view text) noexcept {
    constexpr std::size_t character_bytes_max = 4;
    for (std::size_t back = 1; back < character_bytes_max && back <= text.size(); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if (byte >= 0xc0) {
            return utf8_character_bytes(text.substr(text.size() - back)) == 0
                       ? text.substr(0, text.size() - back)
                       : text;
        }
        if (byte < 0x80) {
            return text;
        }
    }
    return text;
}

}  // namespace roda::appliance
