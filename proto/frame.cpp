// SPDX-License-Identifier: Apache-2.0
// One judgement after the other, outermost header first; the order is the order of refusal when
// several apply.
#include "proto/frame.hpp"

#include "proto/checksum.hpp"
#include "proto/packet.hpp"
#include "proto/questions.hpp"

namespace roda::proto {
namespace {

constexpr std::size_t ethernet_bytes = 14;
constexpr std::size_t vlan_tag_bytes = 4;
constexpr std::size_t arp_bytes = 28;
constexpr std::size_t ipv4_min_bytes = 20;
constexpr std::size_t ipv6_bytes = 40;
constexpr std::size_t extension_unit_bytes = 8;
constexpr std::size_t udp_bytes = 8;
constexpr std::size_t longest_packet_bytes = 65'535;  // of IPv4, and of an IPv6 payload

constexpr std::uint16_t ethertype_ipv4 = 0x0800;
constexpr std::uint16_t ethertype_arp = 0x0806;
constexpr std::uint16_t ethertype_vlan = 0x8100;          // 802.1Q
constexpr std::uint16_t ethertype_service_vlan = 0x88a8;  // 802.1ad
constexpr std::uint16_t ethertype_ipv6 = 0x86dd;

constexpr std::uint8_t next_hop_by_hop = 0;
constexpr std::uint8_t next_routing = 43;
constexpr std::uint8_t next_fragment = 44;
constexpr std::uint8_t next_destination = 60;

ParsedFrame refuse(FrameRefusal why) {
    return {FrameKind::refused, why, {}};
}

ParsedFrame neighbour() {
    return {FrameKind::neighbour, {}, {}};
}

ParsedFrame fragment() {
    return {FrameKind::fragment, {}, {}};
}

bool is_ours(const HostIdentity& host, const HostAddress& address) {
    return host.addresses.empty() || is_listed(host.addresses, address);
}

bool is_extension(std::uint8_t next_header) {
    return next_header == next_hop_by_hop || next_header == next_routing ||
           next_header == next_fragment || next_header == next_destination;
}

/// To everybody on the link; six bytes.
bool is_link_broadcast(Bytes frame) {
    std::uint32_t front;
    std::uint16_t back;
    std::memcpy(&front, &frame[0], sizeof front);
    std::memcpy(&back, &frame[sizeof front], sizeof back);
    return front == 0xffff'ffff && back == 0xffff;
}

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

/// Where a piece lies in its packet.
struct Piece {
    std::size_t headers_bytes = 0;  // of the packet, as far as they count towards its length
    std::size_t offset_bytes = 0;
    bool more = false;

    bool is_whole() const noexcept { return offset_bytes == 0 && !more; }
};

/// A piece for this host. Of a protocol that is none of ours, a kernel may put it together.
[[gnu::cold]] ParsedFrame parse_piece(const Piece& piece, Packet packet, const FrameView& frame) {
    const std::size_t bytes = packet.payload.size();
    const bool divides = !piece.more || bytes % extension_unit_bytes == 0;
    const bool fits = piece.headers_bytes + piece.offset_bytes + bytes <= longest_packet_bytes;
    // Within a packet that was put together there are no more pieces: they would never end.
    if (bytes == 0 || !divides || !fits || frame.reassembled) {
        return refuse(FrameRefusal::bad_ip_header);
    }
    const bool may_be_udp =
        packet.protocol == protocol_udp || (!packet.is_v4 && is_extension(packet.protocol));
    return may_be_udp ? fragment() : refuse(FrameRefusal::unknown_protocol);
}

/// A packet to none of our addresses and groups. By value: the caller's lives in registers.
[[gnu::cold, gnu::noinline]] ParsedFrame parse_others(Packet packet,
                                                      const FrameView& frame,
                                                      const HostIdentity& host) {
    if (is_question(packet, host)) {
        return neighbour();
    }
    const auto& to = packet.destination.bytes;
    const bool is_group = packet.is_v4 ? to[12] >> 4 == 0xe : to[0] == 0xff;
    if (is_group) {
        return refuse(FrameRefusal::other_group);
    }
    // With a link broadcast around it, an address that is not ours is that of all on its network.
    const bool to_all = packet.is_v4 && (packet.destination == IpAddress::v4(255, 255, 255, 255) ||
                                         is_link_broadcast(frame.bytes));
    return refuse(to_all ? FrameRefusal::broadcast : FrameRefusal::wrong_address);
}

/// A whole packet to one of our addresses or groups.
[[gnu::always_inline]] inline ParsedFrame parse_protocol(const Packet& packet,
                                                         ChecksumVerdict verdict,
                                                         const HostIdentity& host) {
    if (packet.protocol == protocol_udp) {
        return parse_udp(packet, verdict, host);
    }
    return is_question(packet, host) ? neighbour() : refuse(FrameRefusal::unknown_protocol);
}

ParsedFrame parse_ipv4(Bytes bytes,
                       std::uint16_t vlan_id,
                       const FrameView& frame,
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
    if (frame.checksum != ChecksumVerdict::good) {
        ChecksumSum sum;
        sum.add(bytes.first(header_bytes));
        if (!sum.valid()) {
            return refuse(FrameRefusal::bad_ip_checksum);
        }
    }
    const std::uint16_t cut = load_u16(bytes, 6) & 0x3fff;  // more pieces, and the offset
    const Packet packet = {
        .addresses = bytes.subspan(12, 8),
        .payload = bytes.subspan(header_bytes, total_bytes - header_bytes),
        .protocol = load_u8(bytes, 9),
        .is_v4 = true,
        .is_piece = cut != 0,
        .source = load_ipv4(bytes, 12),
        .destination = load_ipv4(bytes, 16),
        .vlan_id = vlan_id,
    };
    if (is_ours(host, packet.to())) [[likely]] {
        // Link broadcasts are for broadcast and group addresses only (RFC 1122, 3.3.6).
        if (is_link_broadcast(frame.bytes) && !host.addresses.empty()) {
            return refuse(FrameRefusal::broadcast);
        }
    } else if (!is_listed(host.groups, packet.to())) {
        return parse_others(packet, frame, host);
    }
    if (packet.is_piece) {
        return parse_piece(
            {header_bytes, (cut & 0x1fffu) * 8u, (cut & 0x2000) != 0}, packet, frame);
    }
    return parse_protocol(packet, frame.checksum, host);
}

ParsedFrame parse_ipv6(Bytes bytes,
                       std::uint16_t vlan_id,
                       const FrameView& frame,
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
    Piece piece;
    while (is_extension(packet.protocol) && !packet.is_piece) {
        if (packet.payload.size() < extension_unit_bytes) {
            return refuse(FrameRefusal::bad_ip_header);
        }
        const bool cuts = packet.protocol == next_fragment;
        const std::size_t extension_bytes =
            cuts ? extension_unit_bytes : (load_u8(packet.payload, 1) + 1u) * extension_unit_bytes;
        if (packet.payload.size() < extension_bytes) {
            return refuse(FrameRefusal::bad_ip_header);
        }
        if (cuts) {
            const std::uint16_t cut = load_u16(packet.payload, 2);
            piece = {payload_bytes - packet.payload.size(), cut & 0xfff8u, (cut & 1) != 0};
            packet.is_piece = !piece.is_whole();  // a whole packet may say so too (RFC 6946)
        }
        routed_further |= packet.protocol == next_routing && load_u8(packet.payload, 3) != 0;
        packet.protocol = load_u8(packet.payload, 0);
        packet.payload = packet.payload.subspan(extension_bytes);
    }
    // With segments left the destination in the header is a stop on the way, not the end of it.
    if (routed_further) {
        return refuse(FrameRefusal::wrong_address);
    }
    if (!is_ours(host, packet.to()) && !is_listed(host.groups, packet.to())) {
        return parse_others(packet, frame, host);
    }
    if (packet.is_piece) {
        return parse_piece(piece, packet, frame);
    }
    return parse_protocol(packet, frame.checksum, host);
}

ParsedFrame parse_arp(Bytes bytes, std::uint16_t vlan_id, const HostIdentity& host) {
    if (bytes.size() < arp_bytes) {
        return refuse(FrameRefusal::truncated);
    }
    const bool ethernet_to_ipv4 = load_u16(bytes, 0) == 1 && load_u16(bytes, 2) == ethertype_ipv4 &&
                                  load_u8(bytes, 4) == 6 && load_u8(bytes, 5) == 4;
    const bool request = load_u16(bytes, 6) == 1;
    if (!ethernet_to_ipv4 || !request) {
        return refuse(FrameRefusal::unknown_protocol);
    }
    return is_listed(host.addresses, {load_ipv4(bytes, 24), vlan_id})
               ? neighbour()
               : refuse(FrameRefusal::wrong_address);
}

}  // namespace

bool IpAddress::is_v4() const noexcept {
    constexpr IpAddress mapped = v4(0, 0, 0, 0);
    return std::equal(mapped.bytes.begin(), mapped.bytes.begin() + 12, bytes.begin());
}

ParsedFrame parse_frame(const FrameView& frame, const HostIdentity& host) noexcept {
    if ((frame.wire_bytes > host.max_frame_bytes && !frame.reassembled) ||
        frame.wire_bytes > frame.bytes.size()) {
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
            return parse_ipv4(rest, vlan_id, frame, host);
        case ethertype_ipv6:
            return parse_ipv6(rest, vlan_id, frame, host);
        case ethertype_arp:
            return parse_arp(rest, vlan_id, host);
        default:
            return refuse(FrameRefusal::unknown_ethertype);
    }
}

}  // namespace roda::proto
