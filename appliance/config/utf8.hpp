// SPDX-License-Identifier: Apache-2.0
// Whether a file is UTF-8: its names become labels, and Prometheus refuses a whole scrape over one
// that is not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace roda::appliance {

/// How many bytes at the front of `text` are UTF-8: whole characters in their shortest forms, no
/// surrogates, up to U+10FFFF.
constexpr std::size_t utf8_prefix(std::string_view text) noexcept {
    constexpr std::array<std::uint32_t, 4> least_of = {0, 0x80, 0x800, 0x10000};
    const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    std::size_t at = 0;
    while (at < text.size()) {
        const unsigned first = byte(at);
        const std::size_t more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
        if ((first >= 0x80 && first < 0xc0) || first > 0xf7 || more >= text.size() - at) {
            return at;
        }
        std::uint32_t point = more == 0 ? first : first & (0x3fU >> more);
        for (std::size_t next = at + 1; next <= at + more; ++next) {
            if ((byte(next) & 0xc0U) != 0x80) {
                return at;
            }
            point = point << 6 | (byte(next) & 0x3fU);
        }
        if (point < least_of[more] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
            return at;
        }
        at += more + 1;
    }
    return at;
}

constexpr bool is_utf8(std::string_view text) noexcept {
    return utf8_prefix(text) == text.size();
}

}  // namespace roda::appliance
