// SPDX-License-Identifier: Apache-2.0
// From a port's checksum policy and a frame's flags to a verdict.
#pragma once

#include <rte_mbuf_core.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "dpdk/port.hpp"
#include "proto/frame.hpp"

namespace roda::dpdk::detail {

/// What a policy came to on this driver; never `automatic`.
///
/// Hardware without the driver's offer is software: nobody else looks.
inline ChecksumPolicy resolve_checksum(ChecksumPolicy policy,
                                       std::string_view driver,
                                       bool offered) noexcept {
    constexpr std::string_view never_leave_the_host[] = {
        "net_af_packet", "net_af_xdp", "net_virtio_user", "net_vhost", "net_memif"};
    if (policy == ChecksumPolicy::automatic) {
        for (const auto local : never_leave_the_host) {
            if (driver == local) {
                return ChecksumPolicy::trust;
            }
        }
        policy = ChecksumPolicy::hardware;
    }
    return policy == ChecksumPolicy::hardware && !offered ? ChecksumPolicy::software : policy;
}

inline std::string checksum_name(ChecksumPolicy resolved) {
    switch (resolved) {
        case ChecksumPolicy::hardware:
            return "hardware";
        case ChecksumPolicy::trust:
            return "trust";
        default:
            return "software";
    }
}

/// Reads a device's flags. A field that it declares unfilled but vouched for (NONE: a sender on
/// the same host left it to the device) is good, for no computation could confirm it.
inline proto::ChecksumVerdict hardware_verdict(std::uint64_t flags) noexcept {
    // Each is two bits wide: UNKNOWN, BAD, GOOD and NONE are values, not flags.
    const auto ip = flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;
    const auto l4 = flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;
    if (ip == RTE_MBUF_F_RX_IP_CKSUM_BAD || l4 == RTE_MBUF_F_RX_L4_CKSUM_BAD) {
        return proto::ChecksumVerdict::bad;
    }
    const bool ip_good = ip == RTE_MBUF_F_RX_IP_CKSUM_GOOD || ip == RTE_MBUF_F_RX_IP_CKSUM_NONE;
    if (l4 == RTE_MBUF_F_RX_L4_CKSUM_NONE || (ip_good && l4 == RTE_MBUF_F_RX_L4_CKSUM_GOOD)) {
        return proto::ChecksumVerdict::good;
    }
    return proto::ChecksumVerdict::unknown;
}

}  // namespace roda::dpdk::detail
