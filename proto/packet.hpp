// SPDX-License-Identifier: Apache-2.0
// What the parts of the frame parser share: numbers in network order, and an IP packet without its
// headers. Nobody else includes this.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "proto/frame.hpp"

namespace roda::proto {

using Bytes = std::span<const std::byte>;

constexpr std::uint8_t protocol_icmp = 1;
constexpr std::uint8_t protocol_igmp = 2;
constexpr std::uint8_t protocol_udp = 17;
constexpr std::uint8_t protocol_icmpv6 = 58;

inline std::uint8_t load_u8(Bytes bytes, std::size_t at) noexcept {
    return std::to_integer<std::uint8_t>(bytes[at]);
}

inline std::uint16_t load_u16(Bytes bytes, std::size_t at) noexcept {
    return static_cast<std::uint16_t>(load_u8(bytes, at) << 8 | load_u8(bytes, at + 1));
}

inline IpAddress load_ipv4(Bytes bytes, std::size_t at) noexcept {
    static_assert(std::endian::native == std::endian::little);
    std::uint32_t word;
    std::memcpy(&word, &bytes[at], sizeof word);
    // IpAddress::v4() in two words: byte by byte it is a fifth of the whole parse.
    const std::array<std::uint64_t, 2> mapped = {0, std::uint64_t{word} << 32 | 0xffff'0000u};
    return std::bit_cast<IpAddress>(mapped);
}

inline IpAddress load_ipv6(Bytes bytes, std::size_t at) noexcept {
    IpAddress address;
    std::memcpy(address.bytes.data(), &bytes[at], address.bytes.size());
    return address;
}

/// In whole words: byte by byte it is a sixth of the whole parse.
inline bool is_listed(std::span<const HostAddress> list, const HostAddress& address) noexcept {
    using Words = std::array<std::uint64_t, 2>;
    const auto wanted = std::bit_cast<Words>(address.address.bytes);
    for (const HostAddress& own : list) {
        const auto words = std::bit_cast<Words>(own.address.bytes);
        if (words[1] == wanted[1] && words[0] == wanted[0] && own.vlan_id == address.vlan_id) {
            return true;
        }
    }
    return false;
}

/// What layer 3 hands to layer 4. The payload lies behind all extension headers.
struct Packet {
    Bytes addresses;  // source and destination as they lie in the IP header
    Bytes payload;
    std::uint8_t protocol = 0;
    bool is_v4 = false;
    bool is_piece = false;  // of a packet that was cut: the payload begins anywhere
    IpAddress source;
    IpAddress destination;
    std::uint16_t vlan_id = 0;

    HostAddress to() const noexcept { return {destination, vlan_id}; }
};

}  // namespace roda::proto
