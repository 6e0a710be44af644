// SPDX-License-Identifier: Apache-2.0
// Whether a file is UTF-8: its names become labels, and Prometheus refuses a whole scrape over one
// that is not.
#pragma once

#include <cstddef>
#include <string_view>

namespace roda::appliance {

/// How many bytes the character at the front of `text` has; 0: it is none, or not whole.
constexpr std::size_t utf8_character_bytes(std::string_view text) noexcept {
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

/// How many bytes at the front of `text` are UTF-8: whole characters in their shortest forms, no
/// surrogates, up to U+10FFFF.
constexpr std::size_t utf8_prefix(std::string_view text) noexcept {
    std::size_t at = 0;
    while (const std::size_t bytes = utf8_character_bytes(text.substr(at))) {
        at += bytes;
    }
    return at;
}

constexpr bool is_utf8(std::string_view text) noexcept {
    return utf8_prefix(text) == text.size();
}

}  // namespace roda::appliance
