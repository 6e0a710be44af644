// SPDX-License-Identifier: Apache-2.0
#include "dpdk/neighbour/packet_bytes.hpp"

#include <array>

namespace roda::dpdk::detail {

namespace {

constexpr std::size_t shortest_frame_bytes = 60;  // the FCS is the device's
constexpr std::size_t ethernet_bytes = 14;
constexpr std::size_t vlan_tag_bytes = 4;
constexpr std::size_t most_vlan_tags = 2;
constexpr std::uint16_t type_vlan = 0x8100;
constexpr std::uint16_t type_service_vlan = 0x88a8;

constexpr std::uint16_t fragment_mask = 0x3fff;  // more-fragments and offset
constexpr std::uint8_t option_end = 0;
constexpr std::uint8_t option_nothing = 1;
constexpr std::uint8_t option_loose_source_route = 131;
constexpr std::uint8_t option_strict_source_route = 137;

constexpr std::uint8_t next_hop_by_hop = 0;
constexpr std::uint8_t next_routing = 43;
constexpr std::uint8_t next_destination = 60;
constexpr std::uint8_t option_pad1 = 0;
constexpr std::uint8_t option_router_alert_v6 = 5;

// Not past their end, and no source route: its answer would have to go back the same way, and such
// packets are best dropped (RFC 7126, 4.3).
bool are_answerable_options(Bytes options) noexcept {
    for (std::size_t at = 0; at < options.size();) {
        const auto type = octet(options, at);
        if (type == option_end) {
            return true;
        }
        if (type == option_nothing) {
            ++at;
            continue;
        }
        const std::size_t length = at + 1 < options.size() ? octet(options, at + 1) : 0;
        if (length < 2 || at + length > options.size() || type == option_loose_source_route ||
            type == option_strict_source_route) {
            return false;
        }
        at += length;
    }
    return true;
}

bool has_mld_alert(Bytes options) noexcept {
    for (std::size_t at = 0; at < options.size();) {
        if (octet(options, at) == option_pad1) {
            ++at;
            continue;
        }
        const std::size_t length = at + 1 < options.size() ? octet(options, at + 1) : 0;
        if (at + 2 + length > options.size()) {
            return false;
        }
        if (octet(options, at) == option_router_alert_v6 && length == 2) {
            return load16(options, at + 2) == 0;
        }
        at += 2 + length;
    }
    return false;
}

}  // namespace

proto::IpAddress load_ipv4(Bytes bytes, std::size_t offset) noexcept {
    return proto::IpAddress::v4(octet(bytes, offset),
                                octet(bytes, offset + 1),
                                octet(bytes, offset + 2),
                                octet(bytes, offset + 3));
}

proto::IpAddress load_ipv6(Bytes bytes, std::size_t offset) noexcept {
    proto::IpAddress address;
    for (std::size_t i = 0; i < address.bytes.size(); ++i) {
        address.bytes[i] = octet(bytes, offset + i);
    }
    return address;
}

bool is_group(Bytes mac) noexcept {
    return (octet(mac, 0) & 1) != 0;
}

bool is_group(const proto::IpAddress& address) noexcept {
    return address.is_v4() ? address.bytes[12] >> 4 == 14 : address.bytes[0] == 0xff;
}

bool is_unicast(const proto::IpAddress& address) noexcept {
    if (address.is_v4()) {
        const auto first = address.bytes[12];
        return first != 0 && first != 127 && first < 224;
    }
    // Loopback and unspecified begin with 15 zero bytes.
    return !is_group(address) &&
           !std::all_of(
               address.bytes.begin(), address.bytes.end() - 1, [](auto b) { return b == 0; });
}

bool is_link_local_v6(const proto::IpAddress& address) noexcept {
    return address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
}

MacAddress station_of(const proto::IpAddress& group) noexcept {
    const auto& b = group.bytes;
    if (group.is_v4()) {
        return {0x01, 0x00, 0x5e, static_cast<std::uint8_t>(b[13] & 0x7f), b[14], b[15]};
    }
    return {0x33, 0x33, b[12], b[13], b[14], b[15]};
}

proto::IpAddress solicited_node_group(const proto::IpAddress& address) noexcept {
    const auto& b = address.bytes;
    return {{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xff, b[13], b[14], b[15]}};
}

proto::IpAddress all_nodes() noexcept {
    return {{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01}};
}

bool contains(std::span<const proto::HostAddress> list,
              const proto::IpAddress& address,
              std::uint16_t vlan_id) noexcept {
    return std::ranges::find(list, proto::HostAddress(address, vlan_id)) != list.end();
}

std::optional<Link> read_link(Bytes frame) noexcept {
    Link link;
    std::size_t bytes = ethernet_bytes;
    for (std::size_t tags = 0; bytes <= frame.size(); ++tags) {
        link.type = load16(frame, bytes - 2);
        if (link.type != type_vlan && link.type != type_service_vlan) {
            link.header = frame.first(bytes);
            return link;
        }
        if (tags == most_vlan_tags || bytes + vlan_tag_bytes > frame.size()) {
            return std::nullopt;
        }
        link.vlan_id = load16(frame, bytes) & 0x0fff;
        bytes += vlan_tag_bytes;
    }
    return std::nullopt;
}

std::optional<Packet> read_ipv4(Bytes bytes) noexcept {
    if (bytes.size() < ipv4_bytes) {
        return std::nullopt;
    }
    const std::size_t header_bytes = (octet(bytes, 0) & 0x0fu) * 4u;
    const std::size_t length = load16(bytes, 2);
    if (octet(bytes, 0) >> 4 != 4 || header_bytes < ipv4_bytes || length < header_bytes ||
        length > bytes.size() || (load16(bytes, 6) & fragment_mask) != 0) {
        return std::nullopt;
    }
    const Packet packet = {.header = bytes.first(header_bytes),
                           .payload = bytes.subspan(header_bytes, length - header_bytes),
                           .protocol = octet(bytes, 9),
                           .hop_limit = octet(bytes, 8),
                           .mld_alert = false,
                           .source = load_ipv4(bytes, 12),
                           .destination = load_ipv4(bytes, 16)};
    proto::ChecksumSum sum;
    sum.add(packet.header);
    if (!sum.valid() || !are_answerable_options(packet.header.subspan(ipv4_bytes))) {
        return std::nullopt;
    }
    return packet;
}

std::optional<Packet> read_ipv6(Bytes bytes) noexcept {
    if (bytes.size() < ipv6_bytes || octet(bytes, 0) >> 4 != 6) {
        return std::nullopt;
    }
    const std::size_t length = load16(bytes, 4);
    if (bytes.size() - ipv6_bytes < length) {
        return std::nullopt;
    }
    const Bytes behind = bytes.subspan(ipv6_bytes, length);
    Packet packet = {.header = {},
                     .payload = behind,
                     .protocol = octet(bytes, 6),
                     .hop_limit = octet(bytes, 7),
                     .mld_alert = false,
                     .source = load_ipv6(bytes, 8),
                     .destination = load_ipv6(bytes, 24)};
    if (packet.source.is_v4() || packet.destination.is_v4()) {
        return std::nullopt;  // mapped addresses never travel
    }
    while (packet.protocol == next_hop_by_hop || packet.protocol == next_routing ||
           packet.protocol == next_destination) {
        const Bytes at = packet.payload;
        const std::size_t extension_bytes = at.size() < 8 ? 8 : (octet(at, 1) + 1u) * 8u;
        if (at.size() < extension_bytes || (packet.protocol == next_routing && octet(at, 3) != 0)) {
            return std::nullopt;
        }
        packet.mld_alert |=
            packet.protocol == next_hop_by_hop && has_mld_alert(at.subspan(2, extension_bytes - 2));
        packet.protocol = octet(at, 0);
        packet.payload = at.subspan(extension_bytes);
    }
    packet.header = bytes.first(ipv6_bytes + behind.size() - packet.payload.size());
    return packet;
}

proto::ChecksumSum icmpv6_sum(const proto::IpAddress& source,
                              const proto::IpAddress& destination,
                              Bytes message) noexcept {
    std::array<std::byte, 8> length_and_protocol{};
    store16(length_and_protocol, 2, message.size());
    store16(length_and_protocol, 6, protocol_icmpv6);
    proto::ChecksumSum sum;
    sum.add(std::as_bytes(std::span(source.bytes)));
    sum.add(std::as_bytes(std::span(destination.bytes)));
    sum.add(length_and_protocol);
    sum.add(message);
    return sum;
}

Draft begin_frame(
    Bytes header, Bytes to, Bytes from, std::size_t packet_bytes, Room room) noexcept {
    const std::size_t length = std::max(header.size() + packet_bytes, shortest_frame_bytes);
    if (length > room.size()) {
        return {};
    }
    std::fill_n(room.begin(), length, std::byte{0});
    store(room, 0, header);
    store(room, 0, to);
    store(room, mac_bytes, from);
    return {room.subspan(header.size(), packet_bytes), length};
}

void write_ipv6(Room packet,
                std::uint8_t hop_limit,
                const proto::IpAddress& source,
                const proto::IpAddress& destination) noexcept {
    store16(packet, 4, packet.size() - ipv6_bytes);
    packet[6] = std::byte{protocol_icmpv6};
    packet[7] = std::byte{hop_limit};
    store(packet, 8, std::as_bytes(std::span(source.bytes)));
    store(packet, 24, std::as_bytes(std::span(destination.bytes)));
}

LinkHeader::LinkHeader(std::uint16_t vlan_id, std::uint16_t type) noexcept {
    if (vlan_id != 0) {
        store16(bytes_, ethernet_bytes - 2, type_vlan);
        store16(bytes_, ethernet_bytes, vlan_id);
        length_ += vlan_tag_bytes;
    }
    store16(bytes_, length_ - 2, type);
}

}  // namespace roda::dpdk::detail
