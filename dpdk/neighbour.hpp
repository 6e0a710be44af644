// SPDX-License-Identifier: Apache-2.0
// The answers that make a port past the kernel reachable: ARP and ping for its own addresses.
// Pure functions over bytes; IPv6 neighbour discovery is not answered yet.
#pragma once

#include <cstddef>
#include <span>

#include "dpdk/port.hpp"
#include "proto/frame.hpp"

namespace roda::dpdk {

/// Writes the answer to an ARP request or an ICMP echo request for one of `addresses`, VLAN tags
/// kept. Anything else, and whatever does not fit `answer`, is 0.
///
/// A damaged ping is answered damaged: the ICMP checksum is carried over, not made anew, so that
/// the asker finds the damage. Headers with IP options, fragments and group senders are not
/// answered.
/// Shape: returns the length of the answer, at least 60 bytes (the shortest Ethernet frame).
/// Cost: no allocation. Source: RFC 826, 792, 1624; RFC 1122, 3.2.2.6.
std::size_t answer_neighbour(std::span<const std::byte> question,
                             const MacAddress& mac,
                             std::span<const proto::IpAddress> addresses,
                             std::span<std::byte> answer) noexcept;

/// Writes the ARP announcement that tells the link where `address` is now; 0 for IPv6.
///
/// Source: RFC 5227, 2.3.
std::size_t announce_address(const MacAddress& mac,
                             const proto::IpAddress& address,
                             std::span<std::byte> frame) noexcept;

}  // namespace roda::dpdk
