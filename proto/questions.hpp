// SPDX-License-Identifier: Apache-2.0
// Which packets are a neighbour's question to this host: echo, neighbour solicitation, and queries
// for multicast groups. What is answered, and whether, is dpdk/neighbour's to say.
#pragma once

#include "proto/packet.hpp"

namespace roda::proto {

/// Whether a whole packet asks this host something, wherever it is sent to: an address of ours, a
/// group of ours, or a group that all hosts or our addresses are in by themselves.
///
/// Where every destination is ours (a mirror port), nothing is a question: others answer for
/// themselves. Checksums of layer 4 are not looked at.
/// Source: RFC 792, 4443 (echo); 4861, 4.3; 2236, 3376 (IGMP); 2710, 3810 (MLD).
bool is_question(const Packet& packet, const HostIdentity& host) noexcept;

}  // namespace roda::proto
