// SPDX-License-Identifier: Apache-2.0
// Frames for tests, written as the hexadecimal that a packet dump shows.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace roda::dpdk::test {

/// Reads pairs of hexadecimal digits; everything else is for the eye.
inline std::vector<std::byte> hex(std::string_view text) {
    std::vector<std::byte> bytes;
    int high = -1;
    for (const char c : text) {
        const auto digit = std::string_view("0123456789abcdef").find(c);
        if (digit == std::string_view::npos) {
            continue;
        }
        if (high < 0) {
            high = static_cast<int>(digit);
        } else {
            bytes.push_back(static_cast<std::byte>(high * 16 + static_cast<int>(digit)));
            high = -1;
        }
    }
    return bytes;
}

/// The same frame, filled with zeros up to the shortest Ethernet frame.
inline std::vector<std::byte> padded(std::vector<std::byte> frame) {
    if (frame.size() < 60) {
        frame.resize(60);
    }
    return frame;
}

}  // namespace roda::dpdk::test
