// SPDX-License-Identifier: Apache-2.0
#include "dpdk/fragment/fragment.hpp"

#include <algorithm>

#include "dpdk/neighbour/packet_bytes.hpp"

namespace roda::dpdk {

namespace {

using detail::Bytes;
using detail::load16;
using detail::octet;

constexpr std::size_t ipv4_min_bytes = 20;
constexpr std::size_t fragment_header_bytes = 8;
constexpr std::size_t unit_bytes = 8;

/// Cuts the data out of the packet; false when there is none, or it is not cut at units.
bool set_data(Fragment& piece, Bytes packet, std::size_t begin, std::size_t end) noexcept {
    if (end > packet.size() || end <= begin) {
        return false;
    }
    piece.data = packet.subspan(begin, end - begin);
    return piece.last || piece.data.size() % unit_bytes == 0;
}

bool read_ipv4(Fragment& piece, Bytes frame) noexcept {
    const Bytes packet = frame.subspan(piece.packet_at);
    if (packet.size() < ipv4_min_bytes) {
        return false;
    }
    const std::size_t header_bytes = (octet(packet, 0) & 0x0fu) * 4u;
    if (header_bytes < ipv4_min_bytes || header_bytes > packet.size()) {
        return false;
    }
    const std::uint16_t flags_and_offset = load16(packet, 6);
    piece.key.version = 4;
    piece.key.protocol = octet(packet, 9);
    piece.key.identification = load16(packet, 4);
    std::copy_n(packet.begin() + 12, 8, piece.key.addresses.begin());
    piece.headers = frame.first(piece.packet_at + header_bytes);
    piece.offset = (flags_and_offset & 0x1fffu) * unit_bytes;
    piece.last = (flags_and_offset & 0x2000) == 0;
    return set_data(piece, packet, header_bytes, load16(packet, 2));
}

/// The headers that may stand in front of a fragment header: hop-by-hop, routing, destination.
bool stands_before_pieces(std::uint8_t next_header) noexcept {
    return next_header == 0 || next_header == 43 || next_header == 60;
}

bool read_ipv6(Fragment& piece, Bytes frame) noexcept {
    constexpr std::uint8_t fragment_header = 44;
    const Bytes packet = frame.subspan(piece.packet_at);
    if (packet.size() < detail::ipv6_bytes) {
        return false;
    }
    std::size_t protocol_at = 6;
    std::size_t at = detail::ipv6_bytes;
    while (stands_before_pieces(octet(packet, protocol_at))) {
        if (packet.size() < at + 2) {
            return false;
        }
        protocol_at = at;
        at += (octet(packet, at + 1) + 1u) * 8u;
    }
    if (octet(packet, protocol_at) != fragment_header ||
        packet.size() < at + fragment_header_bytes) {
        return false;
    }
    const std::uint16_t offset_and_more = load16(packet, at + 2);
    piece.key.version = 6;
    piece.key.identification = std::uint32_t{load16(packet, at + 4)} << 16 | load16(packet, at + 6);
    std::copy_n(packet.begin() + 8, 32, piece.key.addresses.begin());
    piece.headers = frame.first(piece.packet_at + at);
    piece.protocol_at = piece.packet_at + protocol_at;
    piece.protocol = packet[at];
    piece.offset = offset_and_more & 0xfff8u;
    piece.last = (offset_and_more & 1) == 0;
    return set_data(
        piece, packet, at + fragment_header_bytes, detail::ipv6_bytes + load16(packet, 4));
}

}  // namespace

std::optional<Fragment> read_fragment(Bytes frame) noexcept {
    const auto link = detail::read_link(frame);
    if (!link) {
        return std::nullopt;
    }
    Fragment piece;
    piece.key.vlan_id = link->vlan_id;
    piece.packet_at = link->header.size();
    const bool sound = (link->type == detail::type_ipv4 && read_ipv4(piece, frame)) ||
                       (link->type == detail::type_ipv6 && read_ipv6(piece, frame));
    return sound ? std::optional(piece) : std::nullopt;
}

}  // namespace roda::dpdk
