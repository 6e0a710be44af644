// SPDX-License-Identifier: Apache-2.0
#include "dpdk/detail_device.hpp"

#include <rte_errno.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "dpdk/detail_checksum.hpp"
#include "dpdk/detail_log_capture.hpp"
#include "dpdk/eal_arguments.hpp"
#include "pipeline/base/error.hpp"

namespace roda::dpdk::detail {

namespace {

constexpr std::uint16_t standard_mtu = 1500;
constexpr std::uint16_t wanted_tx_descriptors = 256;  // answers only

std::string known_devices() {
    std::string names;
    for (auto port_id = rte_eth_find_next(0); port_id < RTE_MAX_ETHPORTS;
         port_id = rte_eth_find_next(static_cast<std::uint16_t>(port_id + 1))) {
        char name[RTE_ETH_NAME_MAX_LEN] = {};
        if (rte_eth_dev_get_name_by_port(port_id, name) == 0) {
            names += (names.empty() ? "" : ", ") + std::string(name);
        }
    }
    return names.empty() ? "none" : names;
}

std::string needs_of(const std::string& device) {
    if (is_pci_address(device)) {
        const auto address = device_name(device);
        return "bind the NIC: dpdk-devbind.py --bind=vfio-pci " + address;
    }
    const auto driver = vdev_driver(device);
    if (driver == "net_tap") {
        return "a tap needs CAP_NET_ADMIN, /dev/net/tun and a free interface name";
    }
    if (driver == "net_af_packet" || driver == "net_af_xdp") {
        return driver + " needs CAP_NET_RAW and an existing iface=";
    }
    if (driver == "net_pcap") {
        return "is the capture there, and readable?";
    }
    return "is it in the list of devices, and is the driver's package installed?";
}

// Such a device delivers frames of any length: the MTU only sizes the buffers.
bool has_no_mtu(const rte_eth_dev_info& info) {
    return std::string_view(info.driver_name) == "net_pcap";
}

void set_mtu(std::uint16_t port_id, const PortOptions& options, const rte_eth_dev_info& info) {
    // Every device starts with the standard one, and some cannot change it.
    if (options.mtu == standard_mtu || has_no_mtu(info)) {
        return;
    }
    LogCapture log;
    const int result = rte_eth_dev_set_mtu(port_id, options.mtu);
    if (result != 0) {
        refuse_device(options.device,
                      "MTU " + std::to_string(options.mtu) + " is refused",
                      -result,
                      log.text(),
                      std::string(info.driver_name) +
                          " cannot change its MTU so: leave port.mtu at " +
                          std::to_string(standard_mtu));
    }
}

void check_mtu(const PortOptions& options, const rte_eth_dev_info& info) {
    if (options.mtu < info.min_mtu || options.mtu > info.max_mtu) {
        throw StartupError("MTU " + std::to_string(options.mtu) + " is out of range",
                           options.device,
                           std::string(info.driver_name) + " takes " +
                               std::to_string(info.min_mtu) + " to " +
                               std::to_string(info.max_mtu));
    }
}

}  // namespace

void refuse_device(const std::string& device,
                   const std::string& what,
                   int error,
                   const std::string& driver_log,
                   const std::string& hint) {
    std::string text = what;
    if (error != 0) {
        text += std::string(": ") + rte_strerror(error);
    }
    if (!driver_log.empty()) {
        text += ": " + driver_log;
    }
    throw StartupError(text, device, hint);
}

std::uint16_t find_device(const Eal& eal, const std::string& device) {
    std::uint16_t port_id = 0;
    if (rte_eth_dev_get_port_by_name(device_name(device).c_str(), &port_id) != 0) {
        refuse_device(device,
                      "no such device",
                      0,
                      eal.startup_log(),
                      needs_of(device) + "; devices that started: " + known_devices());
    }
    return port_id;
}

Device configure_device(std::uint16_t port_id, const PortOptions& options) {
    rte_eth_dev_info info{};
    const int found = rte_eth_dev_info_get(port_id, &info);
    if (found != 0) {
        refuse_device(options.device, "cannot be asked what it is", -found, "", "");
    }
    check_mtu(options, info);

    Device device;
    device.port_id = port_id;
    device.socket = rte_eth_dev_socket_id(port_id);
    device.interface_index = info.if_index;
    device.driver = info.driver_name;
    const bool offered = (info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_UDP_CKSUM) != 0;
    device.checksum = resolve_checksum(options.checksum, device.driver, offered);

    rte_eth_conf config{};
    config.rxmode.mtu = options.mtu;
    if (device.checksum == ChecksumPolicy::hardware) {
        config.rxmode.offloads =
            info.rx_offload_capa & (RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM);
    }
    device.rx_descriptors = options.rx_descriptors;
    device.tx_descriptors = wanted_tx_descriptors;
    {
        LogCapture log;
        int result = rte_eth_dev_configure(port_id, 1, 1, &config);
        if (result == 0) {
            result = rte_eth_dev_adjust_nb_rx_tx_desc(
                port_id, &device.rx_descriptors, &device.tx_descriptors);
        }
        if (result != 0) {
            refuse_device(options.device,
                          "cannot be configured",
                          -result,
                          log.text(),
                          "check port.mtu and port.rx_descriptors");
        }
    }
    set_mtu(port_id, options, info);

    if (options.promiscuous) {
        // A virtual device that has no such mode sees every frame anyway.
        const int result = rte_eth_promiscuous_enable(port_id);
        if (result != 0 && result != -ENOTSUP) {
            refuse_device(options.device,
                          "refuses promiscuous mode",
                          -result,
                          "",
                          "set port.promiscuous to false");
        }
    }
    return device;
}

}  // namespace roda::dpdk::detail
