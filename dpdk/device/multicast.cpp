// SPDX-License-Identifier: Apache-2.0
#include "dpdk/device/multicast.hpp"

#include <rte_ethdev.h>

#include <algorithm>
#include <vector>

#include "dpdk/device/log_capture.hpp"

namespace roda::dpdk::detail {

namespace {

// A capture holds what it holds; a queue pair of another process filters nothing.
bool never_filters(const std::string& driver) {
    return driver == "net_pcap" || driver == "net_memif" || driver == "net_null";
}

}  // namespace

std::optional<std::string> listen_to_groups(std::uint16_t port_id,
                                            const std::string& driver,
                                            const LinkIdentity& own) {
    const std::vector<MacAddress> stations = group_stations(own);
    if (stations.empty() || never_filters(driver)) {
        return std::nullopt;
    }
    std::vector<rte_ether_addr> list(stations.size());
    std::transform(stations.begin(), stations.end(), list.begin(), [](const MacAddress& station) {
        rte_ether_addr address{};
        std::copy(station.begin(), station.end(), std::begin(address.addr_bytes));
        return address;
    });
    LogCapture log;  // what is tried in turn is no fault
    if (rte_eth_dev_set_mc_addr_list(
            port_id, list.data(), static_cast<std::uint32_t>(list.size())) == 0 ||
        rte_eth_allmulticast_enable(port_id) == 0 || rte_eth_promiscuous_get(port_id) == 1) {
        return std::nullopt;
    }
    return driver +
           " cannot be told which multicast groups to take: it gets those that reach it anyway. On "
           "a NIC that the kernel keeps: ip link set IFACE allmulticast on";
}

}  // namespace roda::dpdk::detail
