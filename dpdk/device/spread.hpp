// SPDX-License-Identifier: Apache-2.0
// From the wish how frames spread over queues to what a driver can hash, or does by itself.
#pragma once

#include <rte_ethdev.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "dpdk/port.hpp"

namespace roda::dpdk::detail {

/// What a device is told to hash, and what that comes to.
struct HashTypes {
    std::uint64_t types = 0;            // RTE_ETH_RSS_*; 0: it hashes nothing that we need
    Spread spread = Spread::addresses;  // what a UDP datagram's queue depends on
};

/// Addresses alone are a type of their own on most devices. Others have one type a protocol: there
/// UDP is hashed with its ports or not at all, and not at all means queue 0.
constexpr HashTypes hash_types(Spread wish, std::uint64_t offered) noexcept {
    constexpr std::uint64_t v4_addresses =
        RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_FRAG_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_OTHER;
    constexpr std::uint64_t v6_addresses = RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_FRAG_IPV6 |
                                           RTE_ETH_RSS_NONFRAG_IPV6_OTHER | RTE_ETH_RSS_IPV6_EX;
    constexpr std::uint64_t ports =
        RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_NONFRAG_IPV6_UDP | RTE_ETH_RSS_IPV6_UDP_EX;
    const bool by_ports = (offered & RTE_ETH_RSS_NONFRAG_IPV4_UDP) != 0 &&
                          (wish == Spread::tuple || (offered & RTE_ETH_RSS_IPV4) == 0);
    const std::uint64_t wanted = v4_addresses | v6_addresses | (by_ports ? ports : 0);
    return {offered & wanted, by_ports ? Spread::tuple : Spread::addresses};
}

/// A driver that has no hash of ours, and how frames find their queue all the same.
struct OwnSpread {
    std::string_view driver;
    std::string_view how;      // "frames spread by ..."
    bool queues_by_arguments;  // the device string says how many; each has to be polled
};

inline constexpr std::array own_spreads = {
    OwnSpread{"net_tap", "the kernel's hash of addresses and ports", false},
    OwnSpread{"net_af_packet",
              "the kernel's hash of addresses and ports, and to another queue when one is full",
              true},
    OwnSpread{"net_af_xdp", "the hash of the interface behind it", true},
    OwnSpread{"net_pcap", "capture, one for each queue", true},
    OwnSpread{"net_memif", "queue of the sending process", false},
    OwnSpread{"net_vhost", "queue of the sending side", false},
    OwnSpread{"net_virtio_user", "the other side of the device", false},
    OwnSpread{"net_virtio", "the other side of the device", false},
};

/// nullptr: the driver spreads nothing by itself.
inline const OwnSpread* own_spread_of(std::string_view driver) noexcept {
    const auto* found = std::ranges::find(own_spreads, driver, &OwnSpread::driver);
    return found == own_spreads.end() ? nullptr : found;
}

}  // namespace roda::dpdk::detail
