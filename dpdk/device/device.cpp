// SPDX-License-Identifier: Apache-2.0
#include "dpdk/device/device.hpp"

#include <rte_errno.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "dpdk/device/checksum_verdict.hpp"
#include "dpdk/device/log_capture.hpp"
#include "dpdk/device/spread.hpp"
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

std::string more_queues_of(const rte_eth_dev_info& info, std::uint16_t queues) {
    const std::string_view driver = info.driver_name;
    const std::string number = std::to_string(queues);
    if (driver == "net_af_packet") {
        return "qpairs=" + number + " in port.device";
    }
    if (driver == "net_af_xdp") {
        return "queue_count=" + number + " in port.device, and as many queues of its interface";
    }
    if (driver == "net_pcap") {
        return "one rx_pcap= in port.device for each queue";
    }
    return "port.queues: at most " + std::to_string(info.max_rx_queues);
}

void check_queues(const PortOptions& options, const rte_eth_dev_info& info) {
    const OwnSpread* own = own_spread_of(info.driver_name);
    const bool too_many = options.queues > info.max_rx_queues;
    // Frames of a queue that nobody polls would be lost without a trace.
    const bool too_few =
        own != nullptr && own->queues_by_arguments && options.queues < info.max_rx_queues;
    if (too_many || too_few) {
        throw StartupError("has " + std::to_string(info.max_rx_queues) +
                               " receive queues, and port.queues is " +
                               std::to_string(options.queues),
                           options.device,
                           too_few ? "port.queues: " + std::to_string(info.max_rx_queues)
                                   : more_queues_of(info, options.queues));
    }
    const bool by_hash = hash_types(options.spread, info.flow_type_rss_offloads).types != 0;
    if (options.queues > 1 && own == nullptr && !by_hash) {
        throw StartupError(std::string(info.driver_name) + " spreads no frames over " +
                               std::to_string(options.queues) + " queues",
                           options.device,
                           "port.queues: 1");
    }
}

/// A driver that spreads by itself is left alone: net_tap, for one, offers hashes that it has not.
/// Except where the same driver has both (net_virtio with and without RSS).
void spread_frames(const PortOptions& options,
                   const rte_eth_dev_info& info,
                   Device& device,
                   rte_eth_conf& config) {
    const OwnSpread* own = own_spread_of(device.driver);
    const HashTypes hash = hash_types(options.spread, info.flow_type_rss_offloads);
    if (options.queues == 1) {
        return;
    }
    if (hash.types == 0 || (own != nullptr && device.driver != "net_virtio")) {
        device.notes.push_back(device.driver + " has no hash of port.spread: frames spread by " +
                               std::string(own->how));
        return;
    }
    device.hash_types = hash.types;
    config.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
    config.rx_adv_conf.rss_conf.rss_hf = hash.types;
    if (hash.spread != options.spread) {
        device.notes.push_back(
            options.spread == Spread::addresses
                ? device.driver + " hashes no UDP by addresses alone: port.spread is tuple"
                : device.driver + " hashes no UDP ports: port.spread is addresses");
    }
}

int configure(const PortOptions& options, Device& device, const rte_eth_conf& config) {
    const int result =
        rte_eth_dev_configure(device.port_id, options.queues, device.tx_queues, &config);
    return result != 0 ? result
                       : rte_eth_dev_adjust_nb_rx_tx_desc(
                             device.port_id, &device.rx_descriptors, &device.tx_descriptors);
}

/// With receive interrupts first: that a driver has none shows when it refuses them.
void apply(const PortOptions& options, bool wish_interrupts, Device& device, rte_eth_conf& config) {
    LogCapture log;
    config.intr_conf.rxq = wish_interrupts ? 1 : 0;
    int result = configure(options, device, config);
    device.interrupts = wish_interrupts && result == 0;
    if (result != 0 && wish_interrupts) {
        config.intr_conf.rxq = 0;
        result = configure(options, device, config);
    }
    if (result != 0) {
        refuse_device(options.device,
                      "cannot be configured",
                      -result,
                      log.text(),
                      "check port.mtu, port.queues and port.rx_descriptors");
    }
}

void add_notes(const PortOptions& options, const rte_eth_dev_info& info, Device& device) {
    if (options.checksum == ChecksumPolicy::hardware &&
        device.checksum == ChecksumPolicy::software) {
        device.notes.push_back(device.driver +
                               " verifies no checksums: they are computed on the CPU");
    }
    if (device.tx_queues < options.queues) {
        device.notes.push_back(device.driver + " transmits on " +
                               std::to_string(info.max_tx_queues) +
                               " queues: answers of several go through one");
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

Device configure_device(std::uint16_t port_id, const PortOptions& options, bool wish_interrupts) {
    rte_eth_dev_info info{};
    const int found = rte_eth_dev_info_get(port_id, &info);
    if (found != 0) {
        refuse_device(options.device, "cannot be asked what it is", -found, "", "");
    }
    check_mtu(options, info);
    check_queues(options, info);

    Device device;
    device.port_id = port_id;
    device.socket = rte_eth_dev_socket_id(port_id);
    device.interface_index = info.if_index;
    device.driver = info.driver_name;
    const bool offered = (info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_UDP_CKSUM) != 0;
    device.checksum = resolve_checksum(options.checksum, device.driver, offered);
    device.rx_descriptors = options.rx_descriptors;
    device.tx_descriptors = wanted_tx_descriptors;
    device.tx_queues = std::min(options.queues, info.max_tx_queues);

    rte_eth_conf config{};
    config.rxmode.mtu = options.mtu;
    if (device.checksum == ChecksumPolicy::hardware) {
        config.rxmode.offloads =
            info.rx_offload_capa & (RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM);
    }
    spread_frames(options, info, device, config);
    config.intr_conf.rmv = (*info.dev_flags & RTE_ETH_DEV_INTR_RMV) != 0;
    apply(options, wish_interrupts, device, config);
    set_mtu(port_id, options, info);
    add_notes(options, info, device);

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
