// SPDX-License-Identifier: Apache-2.0
// What the readers of the two capture formats share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "proto/frame.hpp"

namespace roda::appliance {

inline constexpr std::uint32_t link_type_ethernet = 1;
inline constexpr std::uint32_t max_captured_bytes = 262'144;  // libpcap's own limit

/// Shape: `at + 4` is within the bytes.
inline std::uint32_t load_u32(std::span<const std::byte> bytes, std::size_t at, bool big_endian) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const std::size_t significance = big_endian ? 3 - i : i;
        value |= std::to_integer<std::uint32_t>(bytes[at + i]) << (8 * significance);
    }
    return value;
}

inline std::uint16_t load_u16(std::span<const std::byte> bytes, std::size_t at, bool big_endian) {
    const auto one = std::to_integer<unsigned>(bytes[at]);
    const auto other = std::to_integer<unsigned>(bytes[at + 1]);
    return static_cast<std::uint16_t>(big_endian ? one << 8 | other : other << 8 | one);
}

/// What a capture holds. Shape: views into the file's bytes. Units: whole microseconds.
struct CapturedFrames {
    std::vector<proto::FrameView> frames;
    bool truncated = false;  // the file ends inside a record

    void add(std::span<const std::byte> bytes, std::uint64_t unix_us) {
        frames.push_back({.bytes = bytes,
                          .wire_bytes = static_cast<std::uint32_t>(bytes.size()),
                          .checksum = proto::ChecksumVerdict::unknown,
                          .receive_ns = unix_us * 1000});
    }
};

}  // namespace roda::appliance
