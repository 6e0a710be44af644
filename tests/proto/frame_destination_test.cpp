// SPDX-License-Identifier: Apache-2.0
// Whose frame it is: addresses on their VLANs, multicast groups, broadcasts.
#include <gtest/gtest.h>

#include "tests/proto/frame_judgement.hpp"

namespace roda {
namespace {

using namespace test;  // the builder is this file's language

Bytes datagram_to(const IpAddress& destination, std::initializer_list<VlanTag> tags = {}) {
    const Endpoints between = {destination.is_v4() ? Endpoints{}.source : ipv6_endpoints().source,
                               destination};
    const Bytes segment = udp(payload, {.between = between});
    return destination.is_v4()
               ? ethernet(ethertype_ipv4, ipv4(segment, {.between = between}), tags)
               : ethernet(ethertype_ipv6, ipv6(segment, {.between = between}), tags);
}

TEST(FrameDestination, AnAddressIsOursOnItsVlanOnly) {
    const IpAddress tagged = IpAddress::v4(10, 1, 0, 2);
    const HostIdentity both{.addresses = {own_v4, {tagged, 100}}};
    EXPECT_EQ(judge(datagram_to(own_v4), both), "datagram");
    EXPECT_EQ(judge(datagram_to(own_v4, {{0x8100, 0xe000}}), both), "datagram");  // priority only
    EXPECT_EQ(judge(datagram_to(own_v4, {{0x8100, 100}}), both), "wrong_address");
    EXPECT_EQ(judge(datagram_to(tagged), both), "wrong_address");
    EXPECT_EQ(judge(datagram_to(tagged, {{0x8100, 100}}), both), "datagram");
    EXPECT_EQ(judge(datagram_to(tagged, {{0x88a8, 7}, {0x8100, 100}}), both), "datagram");
    EXPECT_EQ(judge(datagram_to(tagged, {{0x88a8, 100}, {0x8100, 7}}), both), "wrong_address");
}

TEST(FrameDestination, OurGroupsDatagramsAreTaken) {
    EXPECT_EQ(judge(datagram_to(group_v4), member), "datagram");
    EXPECT_EQ(judge(datagram_to(group_v6), member), "datagram");
    EXPECT_EQ(judge(broadcast(datagram_to(group_v4)), member), "datagram");
    EXPECT_EQ(judge(datagram_to(group_v4, {{0x8100, 100}}), member), "other_group");
    EXPECT_EQ(judge(datagram_to(IpAddress::v4(239, 1, 2, 4)), member), "other_group");
    EXPECT_EQ(judge(datagram_to(IpAddress::v4(239, 1, 2, 4), {{0x8100, 100}}), member), "datagram");
}

TEST(FrameDestination, OtherGroupsAreRefusedUnderTheirOwnName) {
    for (const IpAddress& group : {IpAddress::v4(224, 0, 0, 1),
                                   IpAddress::v4(224, 0, 0, 251),
                                   IpAddress::v4(239, 255, 255, 255),
                                   ipv6_address(0xff02, 1),
                                   ipv6_address(0xff05, 0x76)}) {
        EXPECT_EQ(judge(datagram_to(group), member), "other_group");
        EXPECT_EQ(judge(datagram_to(group), host), "other_group");
        EXPECT_EQ(judge(datagram_to(group), anyone), "datagram");
    }
    EXPECT_EQ(judge(datagram_to(IpAddress::v4(223, 255, 255, 255)), member), "wrong_address");
    EXPECT_EQ(judge(datagram_to(IpAddress::v4(240, 0, 0, 1)), member), "wrong_address");
    EXPECT_EQ(judge(datagram_to(ipv6_address(0xfe80, 1)), member), "wrong_address");
}

TEST(FrameDestination, BroadcastsAreRefusedUnderTheirOwnName) {
    const Bytes limited = datagram_to(IpAddress::v4(255, 255, 255, 255));
    const Bytes of_a_network = datagram_to(IpAddress::v4(10, 0, 0, 255));
    EXPECT_EQ(judge(limited), "broadcast");
    EXPECT_EQ(judge(broadcast(limited)), "broadcast");
    EXPECT_EQ(judge(broadcast(of_a_network)), "broadcast");
    EXPECT_EQ(judge(of_a_network), "wrong_address");
    EXPECT_EQ(judge(broadcast(limited), anyone), "datagram");
}

TEST(FrameDestination, OurOwnAddressInALinkBroadcastIsNotForUs) {
    EXPECT_EQ(judge(broadcast(datagram_to(own_v4))), "broadcast");
    EXPECT_EQ(judge(broadcast(datagram_to(own_v4)), anyone), "datagram");
    Bytes almost = broadcast(datagram_to(own_v4));
    almost[5] = std::byte{0xfe};
    EXPECT_EQ(judge(almost), "datagram");
}

TEST(FrameDestination, OnlySoundFramesOfOthersMayBeTheKernels) {
    using enum FrameRefusal;
    for (const FrameRefusal why :
         {unknown_ethertype, wrong_address, broadcast, other_group, unknown_protocol, wrong_port}) {
        EXPECT_TRUE(proto::may_be_the_kernels(why));
    }
    for (const FrameRefusal why : {truncated,
                                   oversized,
                                   bad_ip_header,
                                   bad_ip_checksum,
                                   fragment,
                                   bad_udp_length,
                                   bad_udp_checksum}) {
        EXPECT_FALSE(proto::may_be_the_kernels(why));
    }
}

}  // namespace
}  // namespace roda
