// SPDX-License-Identifier: Apache-2.0
// Membership in multicast groups: IGMP and MLD, queries answered in the version they are asked in.
#include "dpdk/neighbour/parts.hpp"
#include "dpdk/neighbour/reports.hpp"

namespace roda::dpdk::detail {

namespace {

constexpr std::uint8_t igmp_query = 0x11;
constexpr std::uint8_t mld_query = 130;

// Type, code, checksum, then the group; with MLD four bytes later.
constexpr std::size_t igmp_group_at = 4;
constexpr std::size_t mld_group_at = 8;
constexpr std::size_t igmp_query_bytes = 8;
constexpr std::size_t mld_query_bytes = 24;
constexpr std::size_t newer_query_extra_bytes = 4;  // and more than them: IGMPv3, MLDv2

constexpr std::uint8_t on_link_hop_limit = 1;
constexpr auto all_systems = proto::IpAddress::v4(224, 0, 0, 1);
constexpr proto::IpAddress every_group = {};

/// Every host is in these without saying so (RFC 3376, 6; RFC 3810, 6).
bool is_told(const proto::IpAddress& group) noexcept {
    if (group.is_v4()) {
        return group != all_systems;
    }
    constexpr std::uint8_t link_scope = 2;
    return (group.bytes[1] & 0x0f) >= link_scope && group != all_nodes();
}

/// What report number `position` tells, when each tells `per_report` groups.
Groups groups_to_tell(const LinkIdentity& own,
                      std::uint16_t vlan_id,
                      bool of_v4,
                      const proto::IpAddress& asked,
                      std::size_t position,
                      std::size_t per_report) noexcept {
    Groups groups;
    std::size_t seen = 0;
    for (const auto& group : own.groups) {
        if (group.vlan_id != vlan_id || group.address.is_v4() != of_v4 || !is_told(group.address) ||
            (asked != every_group && asked != group.address)) {
            continue;
        }
        if (seen / per_report == position) {
            groups.at[groups.count++] = &group.address;
        }
        ++seen;
    }
    return groups;
}

// A query comes to all hosts, to the group that it asks for, or to us; by the station of that.
bool reaches_us(const Link& link,
                const Packet& packet,
                const LinkIdentity& own,
                const proto::IpAddress& everybody,
                const proto::IpAddress& asked) noexcept {
    const bool to_group =
        packet.destination == everybody || (asked != every_group && packet.destination == asked);
    const bool to_us = contains(own.addresses, packet.destination, link.vlan_id);
    const MacAddress station = to_group ? station_of(packet.destination) : own.mac;
    return (to_group || to_us) && (std::ranges::equal(link.to(), bytes_of(station)) ||
                                   std::ranges::equal(link.to(), bytes_of(own.mac)));
}

}  // namespace

std::size_t answer_igmp_query(const Link& link,
                              const Packet& packet,
                              const LinkIdentity& own,
                              std::size_t position,
                              Room room) noexcept {
    const Bytes message = packet.payload;
    proto::ChecksumSum sum;
    sum.add(message);
    if (message.size() < igmp_query_bytes || octet(message, 0) != igmp_query ||
        packet.hop_limit != on_link_hop_limit || is_group(packet.source) || is_group(link.from()) ||
        !sum.valid()) {
        return 0;
    }
    const bool newer = message.size() >= igmp_query_bytes + newer_query_extra_bytes;
    if (!newer && message.size() != igmp_query_bytes) {
        return 0;
    }
    const proto::IpAddress group = load_ipv4(message, igmp_group_at);
    const proto::IpAddress asked = group == proto::IpAddress::v4(0, 0, 0, 0) ? every_group : group;
    if (!reaches_us(link, packet, own, all_systems, asked)) {
        return 0;
    }
    const Reporter reporter = {link.header, own, link.vlan_id, &packet.source};
    if (newer) {
        return write_report(
            reporter,
            Record::is_exclude,
            groups_to_tell(own, link.vlan_id, true, asked, position, records_per_report),
            room);
    }
    const bool first_version = octet(message, 1) == 0;  // RFC 3376, 7.1
    return write_single_report(reporter,
                               first_version ? SingleReport::igmp1 : SingleReport::igmp2,
                               groups_to_tell(own, link.vlan_id, true, asked, position, 1),
                               room);
}

std::size_t answer_mld_query(const Link& link,
                             const Packet& packet,
                             const LinkIdentity& own,
                             std::size_t position,
                             Room room) noexcept {
    const Bytes message = packet.payload;
    if (message.size() < mld_query_bytes || octet(message, 0) != mld_query ||
        packet.hop_limit != on_link_hop_limit || !packet.mld_alert ||
        !is_link_local_v6(packet.source) || is_group(link.from()) ||
        !icmpv6_sum(packet.source, packet.destination, message).valid()) {
        return 0;
    }
    const bool newer = message.size() >= mld_query_bytes + newer_query_extra_bytes;
    if (!newer && message.size() != mld_query_bytes) {
        return 0;
    }
    const proto::IpAddress asked = load_ipv6(message, mld_group_at);
    if (!reaches_us(link, packet, own, all_nodes(), asked)) {
        return 0;
    }
    const Reporter reporter = {link.header, own, link.vlan_id, &packet.source};
    if (newer) {
        return write_report(
            reporter,
            Record::is_exclude,
            groups_to_tell(own, link.vlan_id, false, asked, position, records_per_report),
            room);
    }
    return write_single_report(reporter,
                               SingleReport::mld1,
                               groups_to_tell(own, link.vlan_id, false, asked, position, 1),
                               room);
}

void append_reports(const LinkIdentity& own, Membership change, std::vector<FrameBytes>& frames) {
    const auto record = change == Membership::joined ? Record::to_exclude : Record::to_include;
    std::vector<std::uint16_t> vlan_ids;
    for (const auto& group : own.groups) {
        if (std::ranges::find(vlan_ids, group.vlan_id) == vlan_ids.end()) {
            vlan_ids.push_back(group.vlan_id);
        }
    }
    std::array<std::byte, 1024> room;
    for (const auto vlan_id : vlan_ids) {
        for (const bool of_v4 : {true, false}) {
            const LinkHeader header(vlan_id, of_v4 ? type_ipv4 : type_ipv6);
            const Reporter reporter = {header.bytes(), own, vlan_id};
            for (std::size_t position = 0;; ++position) {
                const auto groups =
                    groups_to_tell(own, vlan_id, of_v4, every_group, position, records_per_report);
                const auto bytes = write_report(reporter, record, groups, room);
                if (bytes == 0) {
                    break;
                }
                frames.emplace_back(room.begin(),
                                    room.begin() + static_cast<std::ptrdiff_t>(bytes));
            }
        }
    }
}

}  // namespace roda::dpdk::detail
