// SPDX-License-Identifier: Apache-2.0
#include "dpdk/eal_arguments.hpp"

#include <gtest/gtest.h>

#include <array>

namespace roda::dpdk {
namespace {

using Arguments = std::vector<std::string>;
constexpr std::array<unsigned, 4> cpus = {0, 1, 2, 5};

TEST(EalArguments, VirtualDevicesWithoutHugepages) {
    EalOptions options;
    options.devices = {"net_tap0,iface=roda0", "net_pcap0,rx_pcap=a.pcap"};
    options.memory_mb = 96;
    EXPECT_EQ(eal_arguments(options, false, cpus),
              (Arguments{"roda",
                         "--lcores=0@(0-2,5)",
                         "--no-huge",
                         "--no-shconf",
                         "-m",
                         "96",
                         "--no-telemetry",
                         "--log-level=warning",
                         "--log-level=lib.eal:error",
                         "--no-pci",
                         "--vdev=net_tap0,iface=roda0",
                         "--vdev=net_pcap0,rx_pcap=a.pcap"}));
}

TEST(EalArguments, NicWithHugepagesAndExtraArgumentsLast) {
    EalOptions options;
    options.devices = {"0000:3b:00.0"};
    options.extra_args = {"--iova-mode=va", "--log-level=debug"};
    EXPECT_EQ(eal_arguments(options, true, std::array<unsigned, 1>{3}),
              (Arguments{"roda",
                         "--lcores=0@(3)",
                         "--in-memory",
                         "-m",
                         "128",
                         "--no-telemetry",
                         "--log-level=warning",
                         "--log-level=lib.eal:error",
                         "-a",
                         "0000:3b:00.0",
                         "--iova-mode=va",
                         "--log-level=debug"}));
}

TEST(EalArguments, PciAddressesAreToldFromVirtualDevices) {
    for (const auto* device : {"0000:3b:00.0", "3b:00.1", "10000:e1:1f.7", "3B:00.0,arg=1"}) {
        EXPECT_TRUE(is_pci_address(device)) << device;
    }
    for (const auto* device : {"net_tap0",
                               "net_pcap0,rx_pcap=3b:00.0",
                               "3b:00",
                               "3b:00.8",
                               "3b:0.0",
                               ":3b:00.0",
                               "000g:3b:00.0",
                               "",
                               ".",
                               "3b:00.01"}) {
        EXPECT_FALSE(is_pci_address(device)) << device;
    }
}

TEST(EalArguments, DeviceNameIsTheOneDpdkUses) {
    EXPECT_EQ(device_name("net_tap0,iface=roda0"), "net_tap0");
    EXPECT_EQ(device_name("net_memif"), "net_memif");
    EXPECT_EQ(device_name("3B:00.1"), "0000:3b:00.1");
    EXPECT_EQ(device_name("0000:3B:00.1,arg=X"), "0000:3b:00.1");
    EXPECT_EQ(vdev_driver("net_af_packet12,iface=v0"), "net_af_packet");
    EXPECT_EQ(vdev_driver("net_tap"), "net_tap");
}

TEST(EalArguments, CpusAreWrittenAsRanges) {
    EXPECT_EQ(cpu_ranges(std::array<unsigned, 1>{7}), "7");
    EXPECT_EQ(cpu_ranges(std::array<unsigned, 6>{0, 2, 3, 8, 10, 11}), "0,2-3,8,10-11");
    EXPECT_EQ(cpu_ranges({}), "");
}

}  // namespace
}  // namespace roda::dpdk
