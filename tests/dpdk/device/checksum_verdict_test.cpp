// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "dpdk/device/checksum_verdict.hpp"

namespace roda::dpdk {
namespace {

using detail::hardware_verdict;
using detail::resolve_checksum;
using proto::ChecksumVerdict;

TEST(ChecksumPolicy, AutomaticDependsOnTheDriver) {
    constexpr auto automatic = ChecksumPolicy::automatic;
    EXPECT_EQ(resolve_checksum(automatic, "net_ixgbe", true), ChecksumPolicy::hardware);
    EXPECT_EQ(resolve_checksum(automatic, "net_pcap", false), ChecksumPolicy::software);
    EXPECT_EQ(resolve_checksum(automatic, "net_af_packet", false), ChecksumPolicy::trust);
    EXPECT_EQ(resolve_checksum(automatic, "net_virtio_user", true), ChecksumPolicy::trust);
    EXPECT_EQ(resolve_checksum(automatic, "net_virtio", true), ChecksumPolicy::hardware);
}

TEST(ChecksumPolicy, TheOperatorsWordHoldsUnlessTheDeviceCannot) {
    EXPECT_EQ(resolve_checksum(ChecksumPolicy::software, "net_af_packet", true),
              ChecksumPolicy::software);
    EXPECT_EQ(resolve_checksum(ChecksumPolicy::trust, "net_ixgbe", true), ChecksumPolicy::trust);
    EXPECT_EQ(resolve_checksum(ChecksumPolicy::hardware, "net_af_packet", false),
              ChecksumPolicy::software);
}

TEST(ChecksumPolicy, HardwareVerdictNeedsBothLayersAndOneDamageIsEnough) {
    constexpr std::uint64_t ip_good = RTE_MBUF_F_RX_IP_CKSUM_GOOD;
    constexpr std::uint64_t ip_bad = RTE_MBUF_F_RX_IP_CKSUM_BAD;
    constexpr std::uint64_t l4_good = RTE_MBUF_F_RX_L4_CKSUM_GOOD;
    constexpr std::uint64_t l4_bad = RTE_MBUF_F_RX_L4_CKSUM_BAD;
    constexpr std::uint64_t unrelated = RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_RSS_HASH;
    EXPECT_EQ(hardware_verdict(ip_good | l4_good | unrelated), ChecksumVerdict::good);
    EXPECT_EQ(hardware_verdict(ip_bad | l4_good), ChecksumVerdict::bad);
    EXPECT_EQ(hardware_verdict(ip_good | l4_bad), ChecksumVerdict::bad);
    EXPECT_EQ(hardware_verdict(l4_bad), ChecksumVerdict::bad);
    EXPECT_EQ(hardware_verdict(ip_good), ChecksumVerdict::unknown);
    EXPECT_EQ(hardware_verdict(l4_good), ChecksumVerdict::unknown);
    EXPECT_EQ(hardware_verdict(unrelated), ChecksumVerdict::unknown);
}

// virtio: the sender on the same host left the checksum to a device that never was.
TEST(ChecksumPolicy, AFieldLeftUnfilledOnTheHostIsGood) {
    EXPECT_EQ(hardware_verdict(RTE_MBUF_F_RX_L4_CKSUM_NONE), ChecksumVerdict::good);
    EXPECT_EQ(hardware_verdict(RTE_MBUF_F_RX_L4_CKSUM_NONE | RTE_MBUF_F_RX_IP_CKSUM_BAD),
              ChecksumVerdict::bad);
}

}  // namespace
}  // namespace roda::dpdk
