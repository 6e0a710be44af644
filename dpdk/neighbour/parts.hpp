// SPDX-License-Identifier: Apache-2.0
// The parts of neighbour/neighbour.hpp, one file for each protocol family: neighbour/arp.cpp,
// neighbour/icmp.cpp, neighbour/nd.cpp, neighbour/groups.cpp.
#pragma once

#include <cstddef>
#include <vector>

#include "dpdk/neighbour/neighbour.hpp"
#include "dpdk/neighbour/packet_bytes.hpp"

namespace roda::dpdk::detail {

/// Each writes its answer into `room`, or none: 0 bytes. The link's station is no judge: the
/// caller has looked at it where it is said so.
std::size_t answer_arp(const Link& link, Bytes arp, const LinkIdentity& own, Room room) noexcept;
std::size_t answer_ping(const Link& link,
                        const Packet& packet,
                        const LinkIdentity& own,
                        Room room) noexcept;
std::size_t answer_ping_v6(const Link& link,
                           const Packet& packet,
                           const LinkIdentity& own,
                           Room room) noexcept;
std::size_t answer_solicitation(const Link& link,
                                const Packet& packet,
                                const LinkIdentity& own,
                                Room room) noexcept;
std::size_t answer_igmp_query(const Link& link,
                              const Packet& packet,
                              const LinkIdentity& own,
                              std::size_t position,
                              Room room) noexcept;
std::size_t answer_mld_query(const Link& link,
                             const Packet& packet,
                             const LinkIdentity& own,
                             std::size_t position,
                             Room room) noexcept;

/// Gratuitous ARP for an IPv4 address, an unsolicited neighbour advertisement for an IPv6 one.
std::size_t announce_arp(const MacAddress& mac,
                         const proto::HostAddress& address,
                         Room room) noexcept;
std::size_t advertise(const MacAddress& mac, const proto::HostAddress& address, Room room) noexcept;

enum class Membership : std::uint8_t { joined, left };

/// IGMPv3 and MLDv2 reports of a change, all groups of all VLANs.
void append_reports(const LinkIdentity& own, Membership change, std::vector<FrameBytes>& frames);

}  // namespace roda::dpdk::detail
