// SPDX-License-Identifier: Apache-2.0
// From the options of the config to the arguments of rte_eal_init. Pure functions, no DPDK.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dpdk/eal.hpp"

namespace roda::dpdk {

/// Whether a device string names a PCI function: [DOMAIN:]BUS:DEVICE.FUNCTION, in hexadecimal.
bool is_pci_address(std::string_view device) noexcept;

/// The name under which DPDK knows a device: the part before the first comma; a PCI address in
/// lower case with its domain ("3B:00.0" is 0000:3b:00.0).
std::string device_name(std::string_view device);

/// The driver part of a virtual device's name: "net_tap" of "net_tap0,iface=x".
std::string vdev_driver(std::string_view device);

/// CPU numbers in ascending order as a list of ranges: {0, 1, 2, 5} is "0-2,5".
std::string cpu_ranges(std::span<const unsigned> cpus);

/// The whole argument vector, program name first.
///
/// One lcore that floats over `cpus`, so that EAL leaves the main thread's affinity as it is; our
/// workers are threads of our own. With hugepages nothing is mounted or left behind
/// (--in-memory); without, --no-shconf does the same. Messages: see device/log_capture.hpp.
std::vector<std::string> eal_arguments(const EalOptions& options,
                                       bool use_hugepages,
                                       std::span<const unsigned> cpus);

}  // namespace roda::dpdk
