// SPDX-License-Identifier: Apache-2.0
// ARP over Ethernet and IPv4.
#include "dpdk/neighbour/parts.hpp"

namespace roda::dpdk::detail {

namespace {

// Offsets inside the 28 bytes.
constexpr std::size_t arp_bytes = 28;
constexpr std::array<std::uint8_t, 6> ethernet_ipv4 = {0, 1, 0x08, 0x00, 6, 4};
constexpr std::size_t operation_at = 6;
constexpr std::size_t sender_mac_at = 8;
constexpr std::size_t sender_ip_at = 14;
constexpr std::size_t target_mac_at = 18;
constexpr std::size_t target_ip_at = 24;
constexpr std::uint16_t request = 1;
constexpr std::uint16_t reply = 2;

}  // namespace

std::size_t answer_arp(const Link& link, Bytes arp, const LinkIdentity& own, Room room) noexcept {
    if (arp.size() < arp_bytes ||
        !std::ranges::equal(arp.first(ethernet_ipv4.size()),
                            std::as_bytes(std::span(ethernet_ipv4))) ||
        load16(arp, operation_at) != request ||
        !contains(own.addresses, load_ipv4(arp, target_ip_at), link.vlan_id)) {
        return 0;
    }
    const Bytes asker = arp.subspan(sender_mac_at, mac_bytes);
    const bool announcement = load_ipv4(arp, sender_ip_at) == load_ipv4(arp, target_ip_at);
    if (is_group(asker) || announcement) {
        return 0;
    }
    const Draft draft = begin_frame(link.header, asker, bytes_of(own.mac), arp_bytes, room);
    if (draft.bytes != 0) {
        store(draft.packet, 0, arp.first(operation_at));
        store16(draft.packet, operation_at, reply);
        store(draft.packet, sender_mac_at, bytes_of(own.mac));
        store(draft.packet, sender_ip_at, arp.subspan(target_ip_at, 4));
        store(draft.packet, target_mac_at, asker);
        store(draft.packet, target_ip_at, arp.subspan(sender_ip_at, 4));
    }
    return draft.bytes;
}

std::size_t announce_arp(const MacAddress& mac,
                         const proto::HostAddress& address,
                         Room room) noexcept {
    constexpr MacAddress everybody = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const LinkHeader header(address.vlan_id, type_arp);
    const Draft draft =
        begin_frame(header.bytes(), bytes_of(everybody), bytes_of(mac), arp_bytes, room);
    if (draft.bytes != 0) {
        store(draft.packet, 0, std::as_bytes(std::span(ethernet_ipv4)));
        store16(draft.packet, operation_at, request);
        store(draft.packet, sender_mac_at, bytes_of(mac));
        store(draft.packet, sender_ip_at, bytes_of(address.address));
        store(draft.packet, target_ip_at, bytes_of(address.address));
    }
    return draft.bytes;
}

}  // namespace roda::dpdk::detail
