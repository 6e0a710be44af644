// SPDX-License-Identifier: Apache-2.0
// One judgement after the other, outermost header first; the order is the order of refusal when
// several apply.
#include "proto/frame.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "proto/checksum.hpp"

namespace roda::proto {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t ethernet_bytes = 14;
constexpr std::size_t vlan_tag_bytes = 4;
constexpr std::size_t arp_bytes = 28;
constexpr std::size_t ipv4_min_bytes = 20;
constexpr std::size_t ipv6_bytes = 40;
constexpr std::size_t icmp_bytes = 8;
constexpr std::size_t udp_bytes = 8;

constexpr std::uint16_t ethertype_ipv4 = 0x0800;
constexpr std::uint16_t ethertype_arp = 0x0806;
constexpr std::uint16_t ethertype_vlan = 0x8100;          // 802.1Q
constexpr std::uint16_t ethertype_service_vlan = 0x88a8;  // 802.1ad
constexpr std::uint16_t ethertype_ipv6 = 0x86dd;

constexpr std::uint8_t protocol_icmp = 1;
constexpr std::uint8_t protocol_udp = 17;
constexpr std::uint8_t next_hop_by_hop = 0;
constexpr std::uint8_t next_routing = 43;
constexpr std::uint8_t next_fragment = 44;
constexpr std::uint8_t next_destination = 60;

std::uint8_t load_u8(Bytes bytes, std::size_t at) {
    return std::to_integer<std::uint8_t>(bytes[at]);
}

std::uint16_t load_u16(Bytes bytes, std::size_t at) {
    return static_cast<std::uint16_t>(load_u8(bytes, at) << 8 | load_u8(bytes, at + 1));
}

IpAddress load_ipv4(Bytes bytes, std::size_t at) {
    static_assert(std::endian::native == std::endian::little);
    std::uint32_t word;
    std::memcpy(&word, &bytes[at], sizeof word);
    // IpAddress::v4() in two words: byte by byte it is a fifth of the whole parse.
    const std::array<std::uint64_t, 2> mapped = {0, std::uint64_t{word} << 32 | 0xffff'0000u};
    return std::bit_cast<IpAddress>(mapped);
}

IpAddress load_ipv6(Bytes bytes, std::size_t at) {
    IpAddress address;
    std::memcpy(address.bytes.data(), &bytes[at], address.bytes.size());
    return address;
}

ParsedFrame refuse(FrameRefusal why) {
    return {FrameKind::refused, why, {}};
}

ParsedFrame neighbour() {
    return {FrameKind::neighbour, {}, {}};
}

bool is_listed(const HostIdentity& host, const IpAddress& address) {
    return std::ranges::find(host.addresses, address) != host.addresses.end();
}

bool is_ours(const HostIdentity& host, const IpAddress& address) {
    return host.addresses.empty() || is_listed(host, address);
}

/// What layer 3 hands to layer 4.
struct Packet {
    Bytes addresses;  // source and destination as they lie in the IP header
    Bytes payload;
    std::uint8_t protocol = 0;
    bool is_v4 = false;
    IpAddress source;
    IpAddress destination;
    std::uint16_t vlan_id = 0;
};

bool udp_checksum_valid(const Packet& packet, Bytes segment) {
    if (load_u16(segment, 6) == 0) {
        return packet.is_v4;  // the sender computed none; over IPv6 it must (RFC 8200, 8.1)
    }
    // The rest of either pseudo-header: its words add up the same in both layouts.
    const std::array<std::byte, 4> length_and_protocol = {
        segment[4], segment[5], std::byte{0}, std::byte{packet.protocol}};
    ChecksumSum sum;
    sum.add(packet.addresses);
    sum.add(length_and_protocol);
    sum.add(segment);
    return sum.valid();
}

[[gnu::always_inline]] inline ParsedFrame parse_udp(const Packet& packet,
                                                    ChecksumVerdict verdict,
                                                    const HostIdentity& host) {
    if (packet.payload.size() < udp_bytes) {
        return refuse(FrameRefusal::bad_udp_length);
    }
    const std::size_t length = load_u16(packet.payload, 4);
    if (length < udp_bytes || length > packet.payload.size()) {
        return refuse(FrameRefusal::bad_udp_length);
    }
    const Bytes segment = packet.payload.first(length);
    if (verdict == ChecksumVerdict::bad ||
        (verdict == ChecksumVerdict::unknown && !udp_checksum_valid(packet, segment))) {
        return refuse(FrameRefusal::bad_udp_checksum);
    }
    if (load_u16(segment, 2) != host.ingest_port) {
        return refuse(FrameRefusal::wrong_port);
    }
    return {FrameKind::datagram,
            {},
            {.payload = segment.subspan(udp_bytes),
             .source = packet.source,
             .destination = packet.destination,
             .source_port = load_u16(segment, 0),
             .vlan_id = packet.vlan_id}};
}

bool is_echo_request(Bytes icmp) {
    return icmp.size() >= icmp_bytes && load_u8(icmp, 0) == 8 && load_u8(icmp, 1) == 0;
}

ParsedFrame parse_ipv4(Bytes bytes,
                       std::uint16_t vlan_id,
                       ChecksumVerdict verdict,
                       const HostIdentity& host) {
    if (bytes.size() < ipv4_min_bytes) {
        return refuse(FrameRefusal::truncated);
    }
    const std::size_t header_bytes = (load_u8(bytes, 0) & 0x0fu) * 4u;
    const std::size_t total_bytes = load_u16(bytes, 2);
    if (load_u8(bytes, 0) >> 4 != 4 || header_bytes < ipv4_min_bytes ||
        total_bytes < header_bytes) {
        return refuse(FrameRefusal::bad_ip_header);
    }
    if (bytes.size() < total_bytes) {
        return refuse(FrameRefusal::truncated);
    }
    // A device's `bad` does not say which of the two checksums: looked up here, twenty bytes.
    if (verdict != ChecksumVerdict::good) {
        ChecksumSum sum;
        sum.add(bytes.first(header_bytes));
        if (!sum.valid()) {
            return refuse(FrameRefusal::bad_ip_checksum);
        }
    }
    if ((load_u16(bytes, 6) & 0x3fff) != 0) {  // more fragments, or an offset
        return refuse(FrameRefusal::fragment);
    }
    const Packet packet = {
        .addresses = bytes.subspan(12, 8),
        .payload = bytes.subspan(header_bytes, total_bytes - header_bytes),
        .protocol = load_u8(bytes, 9),
        .is_v4 = true,
        .source = load_ipv4(bytes, 12),
        .destination = load_ipv4(bytes, 16),
        .vlan_id = vlan_id,
    };
    if (!is_ours(host, packet.destination)) {
        return refuse(FrameRefusal::wrong_address);
    }
    if (packet.protocol == protocol_udp) {
        return parse_udp(packet, verdict, host);
    }
    // Where every destination is ours (a mirror port), others answer for themselves.
    if (packet.protocol == protocol_icmp && !host.addresses.empty() &&
        is_echo_request(packet.payload)) {
        return neighbour();
    }
    return refuse(FrameRefusal::unknown_protocol);
}

ParsedFrame parse_ipv6(Bytes bytes,
                       std::uint16_t vlan_id,
                       ChecksumVerdict verdict,
                       const HostIdentity& host) {
    if (bytes.size() < ipv6_bytes) {
        return refuse(FrameRefusal::truncated);
    }
    if (load_u8(bytes, 0) >> 4 != 6) {
        return refuse(FrameRefusal::bad_ip_header);
    }
    const std::size_t payload_bytes = load_u16(bytes, 4);
    if (bytes.size() - ipv6_bytes < payload_bytes) {
        return refuse(FrameRefusal::truncated);
    }
    Packet packet = {
        .addresses = bytes.subspan(8, 32),
        .payload = bytes.subspan(ipv6_bytes, payload_bytes),
        .protocol = load_u8(bytes, 6),
        .is_v4 = false,
        .source = load_ipv6(bytes, 8),
        .destination = load_ipv6(bytes, 24),
        .vlan_id = vlan_id,
    };
    // Mapped addresses never travel; taken in, they would pass for the IPv4 hosts they name.
    if (packet.source.is_v4() || packet.destination.is_v4()) {
        return refuse(FrameRefusal::bad_ip_header);
    }
    bool routed_further = false;
    while (packet.protocol == next_hop_by_hop || packet.protocol == next_routing ||
           packet.protocol == next_destination) {
        if (packet.payload.size() < 8) {
            return refuse(FrameRefusal::bad_ip_header);
        }
        const std::size_t extension_bytes = (load_u8(packet.payload, 1) + 1u) * 8u;
        if (packet.payload.size() < extension_bytes) {
            return refuse(FrameRefusal::bad_ip_header);
        }
        routed_further |= packet.protocol == next_routing && load_u8(packet.payload, 3) != 0;
        packet.protocol = load_u8(packet.payload, 0);
        packet.payload = packet.payload.subspan(extension_bytes);
    }
    if (packet.protocol == next_fragment) {
        return refuse(FrameRefusal::fragment);
    }
    // With segments left the destination in the header is a stop on the way, not the end of it.
    if (routed_further || !is_ours(host, packet.destination)) {
        return refuse(FrameRefusal::wrong_address);
    }
    if (packet.protocol != protocol_udp) {
        return refuse(FrameRefusal::unknown_protocol);
    }
    return parse_udp(packet, verdict, host);
}

ParsedFrame parse_arp(Bytes bytes, const HostIdentity& host) {
    if (bytes.size() < arp_bytes) {
        return refuse(FrameRefusal::truncated);
    }
    const bool ethernet_to_ipv4 = load_u16(bytes, 0) == 1 && load_u16(bytes, 2) == ethertype_ipv4 &&
                                  load_u8(bytes, 4) == 6 && load_u8(bytes, 5) == 4;
    const bool request = load_u16(bytes, 6) == 1;
    if (!ethernet_to_ipv4 || !request) {
        return refuse(FrameRefusal::unknown_protocol);
    }
    return is_listed(host, load_ipv4(bytes, 24)) ? neighbour()
                                                 : refuse(FrameRefusal::wrong_address);
}

}  // namespace

bool IpAddress::is_v4() const noexcept {
    constexpr IpAddress mapped = v4(0, 0, 0, 0);
    return std::equal(mapped.bytes.begin(), mapped.bytes.begin() + 12, bytes.begin());
}

ParsedFrame parse_frame(const FrameView& frame, const HostIdentity& host) noexcept {
    if (frame.wire_bytes > host.max_frame_bytes || frame.wire_bytes > frame.bytes.size()) {
        return refuse(FrameRefusal::oversized);
    }
    if (frame.bytes.size() < ethernet_bytes) {
        return refuse(FrameRefusal::truncated);
    }
    std::uint16_t ethertype = load_u16(frame.bytes, 12);
    std::uint16_t vlan_id = 0;
    Bytes rest = frame.bytes.subspan(ethernet_bytes);
    for (int tags = 0; tags < 2; ++tags) {
        if (ethertype != ethertype_vlan && ethertype != ethertype_service_vlan) {
            break;
        }
        if (rest.size() < vlan_tag_bytes) {
            return refuse(FrameRefusal::truncated);
        }
        vlan_id = load_u16(rest, 0) & 0x0fff;
        ethertype = load_u16(rest, 2);
        rest = rest.subspan(vlan_tag_bytes);
    }
    switch (ethertype) {
        case ethertype_ipv4:
            return parse_ipv4(rest, vlan_id, frame.checksum, host);
        case ethertype_ipv6:
            return parse_ipv6(rest, vlan_id, frame.checksum, host);
        case ethertype_arp:
            return parse_arp(rest, host);
        default:
            return refuse(FrameRefusal::unknown_ethertype);
    }
}

}  // namespace roda::proto
