// SPDX-License-Identifier: Apache-2.0
// Inside of neighbour*.cpp: bytes in network order, the link header, IP packets as the answers
// read and begin them. Nothing here knows a question.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "dpdk/neighbour/neighbour.hpp"
#include "proto/checksum.hpp"
#include "proto/frame.hpp"

namespace roda::dpdk::detail {

using Bytes = std::span<const std::byte>;
using Room = std::span<std::byte>;

inline constexpr std::size_t mac_bytes = 6;
inline constexpr std::uint16_t type_ipv4 = 0x0800;
inline constexpr std::uint16_t type_arp = 0x0806;
inline constexpr std::uint16_t type_ipv6 = 0x86dd;
inline constexpr std::size_t ipv4_bytes = 20;  // without options
inline constexpr std::size_t ipv6_bytes = 40;
inline constexpr std::uint8_t protocol_icmp = 1;
inline constexpr std::uint8_t protocol_igmp = 2;
inline constexpr std::uint8_t protocol_icmpv6 = 58;

inline std::uint8_t octet(Bytes bytes, std::size_t offset) noexcept {
    return std::to_integer<std::uint8_t>(bytes[offset]);
}

inline std::uint16_t load16(Bytes bytes, std::size_t offset) noexcept {
    return static_cast<std::uint16_t>(octet(bytes, offset) << 8 | octet(bytes, offset + 1));
}

inline void store16(Room bytes, std::size_t offset, std::size_t value) noexcept {
    bytes[offset] = static_cast<std::byte>(value >> 8 & 0xff);
    bytes[offset + 1] = static_cast<std::byte>(value & 0xff);
}

inline void store(Room bytes, std::size_t offset, Bytes value) noexcept {
    std::copy(value.begin(), value.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
}

inline Bytes bytes_of(const MacAddress& mac) noexcept {
    return std::as_bytes(std::span(mac));
}

/// Of an IPv4 address its last four bytes, as they travel.
inline Bytes bytes_of(const proto::IpAddress& address) noexcept {
    return std::as_bytes(std::span(address.bytes)).subspan(address.is_v4() ? 12 : 0);
}

proto::IpAddress load_ipv4(Bytes bytes, std::size_t offset) noexcept;
proto::IpAddress load_ipv6(Bytes bytes, std::size_t offset) noexcept;

bool is_group(Bytes mac) noexcept;
bool is_group(const proto::IpAddress& address) noexcept;

/// An address that an answer may go to: no group, no loopback, not unspecified, not reserved.
bool is_unicast(const proto::IpAddress& address) noexcept;

bool is_link_local_v6(const proto::IpAddress& address) noexcept;

/// The station that frames to a group go to.
MacAddress station_of(const proto::IpAddress& group) noexcept;

proto::IpAddress solicited_node_group(const proto::IpAddress& address) noexcept;

/// The group that every IPv6 host listens to, ff02::1.
proto::IpAddress all_nodes() noexcept;

bool contains(std::span<const proto::HostAddress> list,
              const proto::IpAddress& address,
              std::uint16_t vlan_id) noexcept;

/// The header of a frame, tags included; borrowed from it.
struct Link {
    Bytes header;
    std::uint16_t type = 0;
    std::uint16_t vlan_id = 0;  // innermost

    Bytes to() const noexcept { return header.first(mac_bytes); }

    Bytes from() const noexcept { return header.subspan(mac_bytes, mac_bytes); }
};

std::optional<Link> read_link(Bytes frame) noexcept;

/// An IP packet whose own header is sound; borrowed from its frame.
struct Packet {
    Bytes header;               // with options or extension headers
    Bytes payload;              // without the link's padding
    std::uint8_t protocol = 0;  // of the payload
    std::uint8_t hop_limit = 0;
    bool mld_alert = false;  // has the router alert option of MLD
    proto::IpAddress source;
    proto::IpAddress destination;
};

/// None for a damaged header, a fragment, or a packet that came by a source route.
std::optional<Packet> read_ipv4(Bytes bytes) noexcept;

/// None for a damaged header or one with an extension other than hop-by-hop, routing (at its end)
/// and destination options.
std::optional<Packet> read_ipv6(Bytes bytes) noexcept;

/// The checksum of ICMPv6 also covers the addresses; with the field as zero, field() is what
/// belongs there.
proto::ChecksumSum icmpv6_sum(const proto::IpAddress& source,
                              const proto::IpAddress& destination,
                              Bytes message) noexcept;

/// A frame begun in the caller's room: link header written, the rest zero.
struct Draft {
    Room packet;            // behind the link header; empty when it does not fit
    std::size_t bytes = 0;  // of the frame with its padding
};

/// `header` gives tags and type; stations are replaced.
Draft begin_frame(Bytes header, Bytes to, Bytes from, std::size_t packet_bytes, Room room) noexcept;

/// Length, next header and addresses of an ICMPv6 packet without extension headers; its first four
/// bytes are the caller's.
void write_ipv6(Room packet,
                std::uint8_t hop_limit,
                const proto::IpAddress& source,
                const proto::IpAddress& destination) noexcept;

/// A link header for begin_frame() where no question gives one.
class LinkHeader {
  public:
    LinkHeader(std::uint16_t vlan_id, std::uint16_t type) noexcept;

    Bytes bytes() const noexcept { return std::span(bytes_).first(length_); }

  private:
    std::array<std::byte, 18> bytes_{};
    std::size_t length_ = 14;
};

}  // namespace roda::dpdk::detail
