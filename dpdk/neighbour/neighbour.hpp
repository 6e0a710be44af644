// SPDX-License-Identifier: Apache-2.0
// What makes a port past the kernel reachable: the answers to its neighbours' questions (ARP,
// neighbour discovery, ping, queries for groups) and what it tells them unasked. Pure functions
// over bytes; who limits and who sends is in rx_queue.hpp and port.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "proto/frame.hpp"

namespace roda::dpdk {

using MacAddress = std::array<std::uint8_t, 6>;

/// Who a port is to its neighbours.
struct LinkIdentity {
    MacAddress mac{};
    std::vector<proto::HostAddress> addresses;
    std::vector<proto::HostAddress> groups;  // all that are listened to: link_identity()
};

/// The identity of a port that listens to `groups` and, so that it can be found, to the
/// solicited-node groups of its IPv6 addresses (RFC 4291, 2.7.1).
LinkIdentity link_identity(const MacAddress& mac,
                           std::span<const proto::HostAddress> addresses,
                           std::span<const proto::HostAddress> groups);

/// What a neighbour asked for; each kind has a limit of its own.
enum class NeighbourQuestion : std::uint8_t {
    none,        // nothing that is answered
    resolution,  // ARP, neighbour solicitation: where is this address?
    echo,        // ping
    membership,  // IGMP, MLD: which groups are listened to?
};

inline constexpr std::size_t neighbour_question_count = 4;

/// An answer in the caller's room. Units: bytes of the frame, at least 60 (the shortest on
/// Ethernet); 0: none.
struct NeighbourAnswer {
    std::size_t bytes = 0;
    NeighbourQuestion question = NeighbourQuestion::none;
};

/// Writes the answer to a question for one of `own.addresses` or about `own.groups` on the VLAN
/// that it came by, tags kept. Anything else gets none, and so does what is damaged, cut short,
/// not addressed to us, from no unicast sender, or has an answer that does not fit `answer`.
///
/// A query for groups may have several answers (one report for each group in the older versions):
/// `position` counts them; behind the last there is none. All come at once, without the random
/// delay that the standards ask of a link with many listeners.
/// An echo request with IP options is answered without them, unless it came by a source route.
/// Cost: no allocation; a pass over a ping's bytes.
/// Source: RFC 826; 792, 1122 (3.2.2.6); 4861 (7.1.1, 7.2.4); 4443 (4.2); 1112, 2236, 3376 (7.1);
/// 2710, 3810 (6.2).
NeighbourAnswer answer_neighbour(std::span<const std::byte> question,
                                 const LinkIdentity& own,
                                 std::span<std::byte> answer,
                                 std::size_t position = 0) noexcept;

using FrameBytes = std::vector<std::byte>;

/// What a port tells its links when it starts: the groups that it joins (IGMPv3, MLDv2), then where
/// its addresses are (gratuitous ARP, unsolicited neighbour advertisement), each on its VLAN.
///
/// Source: RFC 3376 (4.2), 3810 (5.2); 5227 (2.3), 4861 (7.2.6).
std::vector<FrameBytes> announcements(const LinkIdentity& own);

/// What it tells them when it stops: the groups that it leaves.
std::vector<FrameBytes> farewells(const LinkIdentity& own);

/// The stations that a port with these groups listens to besides its own: each once. Those that
/// queries come to are among them.
///
/// Source: RFC 1112 (6.4), 2464 (7).
std::vector<MacAddress> group_stations(const LinkIdentity& own);

}  // namespace roda::dpdk
