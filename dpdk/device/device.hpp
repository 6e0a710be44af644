// SPDX-License-Identifier: Apache-2.0
// Finding an ethdev and bringing it to the state before its queues are set up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dpdk/eal.hpp"
#include "dpdk/port.hpp"

namespace roda::dpdk::detail {

/// What is known of a device once it is configured.
struct Device {
    std::uint16_t port_id = 0;
    int socket = -1;              // NUMA node; -1: any
    std::uint16_t tx_queues = 0;  // one for each receive queue, where it has as many
    std::uint16_t rx_descriptors = 0;
    std::uint16_t tx_descriptors = 0;
    bool interrupts = false;       // of its receive queues; they may still fail
    std::uint64_t hash_types = 0;  // that spread frames over the queues; 0: not by a hash of ours
    unsigned interface_index = 0;  // of the kernel's interface behind a virtual device; 0: none
    std::string driver;
    ChecksumPolicy checksum = ChecksumPolicy::software;  // resolved
    std::vector<std::string> notes;                      // Port::notes()
};

/// Errors: StartupError with the devices that there are and what this kind of device needs.
std::uint16_t find_device(const Eal& eal, const std::string& device);

/// Queues and how frames spread over them, MTU, checksum offload when it is to be used, receive
/// interrupts when wished for and had, descriptor counts that the device can do.
///
/// Errors: StartupError.
Device configure_device(std::uint16_t port_id,
                        const PortOptions& options,
                        bool wish_interrupts = true);

/// Throws what a device refused, with its driver's own words when there are any.
[[noreturn]] void refuse_device(const std::string& device,
                                const std::string& what,
                                int error,
                                const std::string& driver_log,
                                const std::string& hint);

}  // namespace roda::dpdk::detail
