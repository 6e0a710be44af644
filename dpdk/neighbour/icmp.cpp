// SPDX-License-Identifier: Apache-2.0
// Ping: ICMP and ICMPv6 echo.
#include "dpdk/neighbour/parts.hpp"

namespace roda::dpdk::detail {

namespace {

constexpr std::size_t echo_bytes = 8;  // before its data
constexpr std::size_t checksum_at = 2;
constexpr std::uint16_t echo_request = 0x0800;     // type and code
constexpr std::uint16_t echo_reply = 0x0000;       // type and code
constexpr std::uint16_t echo_request_v6 = 0x8000;  // type and code
constexpr std::uint16_t echo_reply_v6 = 0x8100;    // type and code
constexpr std::uint8_t answer_hop_limit = 64;

bool is_for_us(const Link& link, const Packet& packet, const LinkIdentity& own) noexcept {
    return std::ranges::equal(link.to(), bytes_of(own.mac)) && !is_group(link.from()) &&
           is_unicast(packet.source) && contains(own.addresses, packet.destination, link.vlan_id);
}

}  // namespace

std::size_t answer_ping(const Link& link,
                        const Packet& packet,
                        const LinkIdentity& own,
                        Room room) noexcept {
    if (packet.payload.size() < echo_bytes || load16(packet.payload, 0) != echo_request ||
        !is_for_us(link, packet, own)) {
        return 0;
    }
    proto::ChecksumSum asked;
    asked.add(packet.payload);
    if (!asked.valid()) {
        return 0;
    }
    const Draft draft = begin_frame(
        link.header, link.from(), bytes_of(own.mac), ipv4_bytes + packet.payload.size(), room);
    if (draft.bytes == 0) {
        return 0;
    }
    const Room header = draft.packet.first(ipv4_bytes);
    store(header, 0, packet.header.first(8));  // with the service class and the identification
    header[0] = std::byte{0x45};
    store16(header, 2, draft.packet.size());
    header[8] = std::byte{answer_hop_limit};
    header[9] = std::byte{protocol_icmp};
    store(header, 12, bytes_of(packet.destination));
    store(header, 16, bytes_of(packet.source));
    proto::ChecksumSum header_sum;
    header_sum.add(header);
    store16(header, 10, header_sum.field());

    const Room reply = draft.packet.subspan(ipv4_bytes);
    store(reply, 0, packet.payload);
    store16(reply, 0, echo_reply);
    store16(reply, checksum_at, 0);
    proto::ChecksumSum sum;
    sum.add(reply);
    store16(reply, checksum_at, sum.field());
    return draft.bytes;
}

std::size_t answer_ping_v6(const Link& link,
                           const Packet& packet,
                           const LinkIdentity& own,
                           Room room) noexcept {
    if (packet.payload.size() < echo_bytes || load16(packet.payload, 0) != echo_request_v6 ||
        !is_for_us(link, packet, own) ||
        !icmpv6_sum(packet.source, packet.destination, packet.payload).valid()) {
        return 0;
    }
    const Draft draft = begin_frame(
        link.header, link.from(), bytes_of(own.mac), ipv6_bytes + packet.payload.size(), room);
    if (draft.bytes == 0) {
        return 0;
    }
    store(draft.packet, 0, packet.header.first(4));  // with the traffic class and the flow label
    write_ipv6(draft.packet, answer_hop_limit, packet.destination, packet.source);

    const Room reply = draft.packet.subspan(ipv6_bytes);
    store(reply, 0, packet.payload);
    store16(reply, 0, echo_reply_v6);
    store16(reply, checksum_at, 0);
    store16(reply, checksum_at, icmpv6_sum(packet.destination, packet.source, reply).field());
    return draft.bytes;
}

}  // namespace roda::dpdk::detail
