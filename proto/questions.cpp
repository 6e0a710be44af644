// SPDX-License-Identifier: Apache-2.0
#include "proto/questions.hpp"

#include <algorithm>

namespace roda::proto {
namespace {

constexpr std::size_t echo_bytes = 8;
constexpr std::size_t igmp_query_bytes = 8;    // IGMPv3 adds to it
constexpr std::size_t icmpv6_asks_bytes = 24;  // a solicitation or an MLD query: 8, and an address

constexpr std::uint8_t icmp_echo_request = 8;
constexpr std::uint8_t igmp_query = 0x11;
constexpr std::uint8_t icmpv6_echo_request = 128;
constexpr std::uint8_t icmpv6_mld_query = 130;
constexpr std::uint8_t icmpv6_neighbour_solicitation = 135;

constexpr IpAddress all_hosts = IpAddress::v4(224, 0, 0, 1);
constexpr IpAddress all_nodes = {{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
constexpr IpAddress every_group_v4 = IpAddress::v4(0, 0, 0, 0);
constexpr IpAddress every_group_v6 = {};

/// The group that an IPv6 address is asked for in (RFC 4291, 2.7.1): it keeps its last three bytes.
bool is_solicited_node_group(const IpAddress& group, const IpAddress& address) {
    constexpr std::array<std::uint8_t, 13> prefix = {
        0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff};
    return !address.is_v4() && std::equal(prefix.begin(), prefix.end(), group.bytes.begin()) &&
           std::equal(
               group.bytes.begin() + prefix.size(), group.bytes.end(), address.bytes.begin() + 13);
}

/// A group of our addresses' own making, or one that the config names.
bool is_own_group(const HostIdentity& host, const HostAddress& group) {
    return is_listed(host.groups, group) ||
           std::ranges::any_of(host.addresses, [&group](const HostAddress& own) {
               return own.vlan_id == group.vlan_id &&
                      is_solicited_node_group(group.address, own.address);
           });
}

/// Whether a query for every group has anything to hear from us on this VLAN. An IPv6 address is in
/// a group by itself.
bool is_in_any_group(const HostIdentity& host, std::uint16_t vlan_id, bool is_v4) {
    const auto speaks_there = [&](const HostAddress& own) {
        return own.vlan_id == vlan_id && own.address.is_v4() == is_v4;
    };
    return std::ranges::any_of(host.groups, speaks_there) ||
           (!is_v4 && std::ranges::any_of(host.addresses, speaks_there));
}

bool is_echo_request(const Packet& packet, std::uint8_t type, const HostIdentity& host) {
    return packet.payload.size() >= echo_bytes && load_u8(packet.payload, 0) == type &&
           load_u8(packet.payload, 1) == 0 && is_listed(host.addresses, packet.to());
}

bool is_igmp_query(const Packet& packet, const HostIdentity& host) {
    if (packet.payload.size() < igmp_query_bytes || load_u8(packet.payload, 0) != igmp_query) {
        return false;
    }
    const IpAddress asked = load_ipv4(packet.payload, 4);
    const bool reaches_us = packet.destination == all_hosts ||
                            is_listed(host.groups, packet.to()) ||
                            is_listed(host.addresses, packet.to());
    return reaches_us &&
           (asked == every_group_v4 ? is_in_any_group(host, packet.vlan_id, true)
                                    : is_listed(host.groups, {asked, packet.vlan_id}));
}

bool is_mld_query(const Packet& packet, const HostIdentity& host) {
    const IpAddress asked = load_ipv6(packet.payload, 8);
    const bool reaches_us = packet.destination == all_nodes || is_own_group(host, packet.to()) ||
                            is_listed(host.addresses, packet.to());
    return reaches_us && (asked == every_group_v6 ? is_in_any_group(host, packet.vlan_id, false)
                                                  : is_own_group(host, {asked, packet.vlan_id}));
}

bool is_solicitation(const Packet& packet, const HostIdentity& host) {
    const IpAddress asked = load_ipv6(packet.payload, 8);
    return load_u8(packet.payload, 1) == 0 && is_listed(host.addresses, {asked, packet.vlan_id}) &&
           (is_listed(host.addresses, packet.to()) ||
            is_solicited_node_group(packet.destination, asked));
}

bool is_icmpv6_question(const Packet& packet, const HostIdentity& host) {
    if (is_echo_request(packet, icmpv6_echo_request, host)) {
        return true;
    }
    if (packet.payload.size() < icmpv6_asks_bytes) {
        return false;
    }
    switch (load_u8(packet.payload, 0)) {
        case icmpv6_mld_query:
            return is_mld_query(packet, host);
        case icmpv6_neighbour_solicitation:
            return is_solicitation(packet, host);
        default:
            return false;
    }
}

}  // namespace

bool is_question(const Packet& packet, const HostIdentity& host) noexcept {
    if (packet.is_piece || host.addresses.empty()) {
        return false;
    }
    if (!packet.is_v4) {
        return packet.protocol == protocol_icmpv6 && is_icmpv6_question(packet, host);
    }
    return (packet.protocol == protocol_icmp && is_echo_request(packet, icmp_echo_request, host)) ||
           (packet.protocol == protocol_igmp && is_igmp_query(packet, host));
}

}  // namespace roda::proto
