// SPDX-License-Identifier: Apache-2.0
#include "dpdk/neighbour/neighbour.hpp"

#include <algorithm>

#include "dpdk/neighbour/parts.hpp"

namespace roda::dpdk {

namespace {

using detail::Bytes;
using detail::Link;
using detail::Packet;
using detail::Room;

constexpr std::uint8_t type_echo_v6 = 128;
constexpr std::uint8_t type_query_v6 = 130;
constexpr std::uint8_t type_solicitation = 135;

NeighbourAnswer answer_to(NeighbourQuestion question, std::size_t bytes) noexcept {
    return {bytes, bytes == 0 ? NeighbourQuestion::none : question};
}

NeighbourAnswer answer_resolution(const Link& link,
                                  Bytes arp,
                                  const LinkIdentity& own,
                                  Room room) noexcept {
    const bool to_all = std::ranges::all_of(link.to(), [](auto b) { return b == std::byte{0xff}; });
    if (!to_all && !std::ranges::equal(link.to(), detail::bytes_of(own.mac))) {
        return {};
    }
    return answer_to(NeighbourQuestion::resolution, detail::answer_arp(link, arp, own, room));
}

NeighbourAnswer answer_ipv4(const Link& link,
                            const Packet& packet,
                            const LinkIdentity& own,
                            Room room,
                            std::size_t position) noexcept {
    if (packet.protocol == detail::protocol_igmp) {
        return answer_to(NeighbourQuestion::membership,
                         detail::answer_igmp_query(link, packet, own, position, room));
    }
    if (packet.protocol == detail::protocol_icmp && position == 0) {
        return answer_to(NeighbourQuestion::echo, detail::answer_ping(link, packet, own, room));
    }
    return {};
}

NeighbourAnswer answer_ipv6(const Link& link,
                            const Packet& packet,
                            const LinkIdentity& own,
                            Room room,
                            std::size_t position) noexcept {
    if (packet.protocol != detail::protocol_icmpv6 || packet.payload.empty()) {
        return {};
    }
    const auto type = detail::octet(packet.payload, 0);
    if (type == type_query_v6) {
        return answer_to(NeighbourQuestion::membership,
                         detail::answer_mld_query(link, packet, own, position, room));
    }
    if (position != 0) {
        return {};
    }
    if (type == type_solicitation) {
        return answer_to(NeighbourQuestion::resolution,
                         detail::answer_solicitation(link, packet, own, room));
    }
    if (type == type_echo_v6) {
        return answer_to(NeighbourQuestion::echo, detail::answer_ping_v6(link, packet, own, room));
    }
    return {};
}

}  // namespace

LinkIdentity link_identity(const MacAddress& mac,
                           std::span<const proto::HostAddress> addresses,
                           std::span<const proto::HostAddress> groups) {
    LinkIdentity own = {mac, {addresses.begin(), addresses.end()}, {groups.begin(), groups.end()}};
    for (const auto& [address, vlan_id] : addresses) {
        const auto group = detail::solicited_node_group(address);
        if (!address.is_v4() && !detail::contains(own.groups, group, vlan_id)) {
            own.groups.emplace_back(group, vlan_id);
        }
    }
    return own;
}

NeighbourAnswer answer_neighbour(std::span<const std::byte> question,
                                 const LinkIdentity& own,
                                 std::span<std::byte> answer,
                                 std::size_t position) noexcept {
    const auto link = detail::read_link(question);
    if (!link) {
        return {};
    }
    const Bytes behind = question.subspan(link->header.size());
    if (link->type == detail::type_arp) {
        return position == 0 ? answer_resolution(*link, behind, own, answer) : NeighbourAnswer{};
    }
    if (link->type == detail::type_ipv4) {
        const auto packet = detail::read_ipv4(behind);
        return packet ? answer_ipv4(*link, *packet, own, answer, position) : NeighbourAnswer{};
    }
    if (link->type == detail::type_ipv6) {
        const auto packet = detail::read_ipv6(behind);
        return packet ? answer_ipv6(*link, *packet, own, answer, position) : NeighbourAnswer{};
    }
    return {};
}

std::vector<FrameBytes> announcements(const LinkIdentity& own) {
    std::vector<FrameBytes> frames;
    detail::append_reports(own, detail::Membership::joined, frames);
    std::array<std::byte, 128> room;
    for (const auto& address : own.addresses) {
        const auto bytes = address.address.is_v4() ? detail::announce_arp(own.mac, address, room)
                                                   : detail::advertise(own.mac, address, room);
        frames.emplace_back(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(bytes));
    }
    return frames;
}

std::vector<FrameBytes> farewells(const LinkIdentity& own) {
    std::vector<FrameBytes> frames;
    detail::append_reports(own, detail::Membership::left, frames);
    return frames;
}

std::vector<MacAddress> group_stations(const LinkIdentity& own) {
    std::vector<MacAddress> stations;
    const auto add = [&](const proto::IpAddress& group) {
        const MacAddress station = detail::station_of(group);
        if (std::ranges::find(stations, station) == stations.end()) {
            stations.push_back(station);
        }
    };
    for (const auto& group : own.groups) {
        // Where its queries come to.
        add(group.address.is_v4() ? proto::IpAddress::v4(224, 0, 0, 1) : detail::all_nodes());
        add(group.address);
    }
    return stations;
}

}  // namespace roda::dpdk
