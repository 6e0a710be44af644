// SPDX-License-Identifier: Apache-2.0
// Names that others gave, made fit for formats that demand UTF-8: Prometheus refuses a whole scrape
// for one bad byte.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace roda::appliance {

/// How many bytes the character at the front of `text` has; 0: it is none, or not whole.
inline std::size_t utf8_character_bytes(std::string_view text) noexcept {
    const auto byte = [text](std::size_t at) {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
    };
    const unsigned first = byte(0);
    if (first < 0x80) {
        return text.empty() ? 0 : 1;
    }
    const std::size_t bytes = first >= 0xc2 && first < 0xe0   ? 2
                              : first >= 0xe0 && first < 0xf0 ? 3
                              : first >= 0xf0 && first < 0xf5 ? 4
                                                              : 0;
    for (std::size_t at = 1; at < bytes; ++at) {
        if ((byte(at) & 0xc0) != 0x80) {
            return 0;
        }
    }
    // Longer than need be, a surrogate, or beyond the last character.
    const bool excluded = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) >= 0xa0) ||
                          (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) >= 0x90);
    return excluded ? 0 : bytes;
}

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
