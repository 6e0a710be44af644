// SPDX-License-Identifier: Apache-2.0
// What a neighbour asks of this host: pings, who has an address, who listens to a group.
#include <gtest/gtest.h>

#include "tests/proto/frame_judgement.hpp"

namespace roda {
namespace {

using namespace test;  // the builder is this file's language

const IpAddress all_hosts = IpAddress::v4(224, 0, 0, 1);
const IpAddress all_nodes = ipv6_address(0xff02, 1);
const IpAddress router_v6 = ipv6_address(0xfe80, 1);
const Bytes router_alert = bytes_of({0x94, 4, 0, 0});

/// ff02::1:ffXX:XXXX of an address.
IpAddress solicited_node(const IpAddress& address) {
    IpAddress group = ipv6_address(0xff02, 0);
    group.bytes[11] = 1;
    group.bytes[12] = 0xff;
    std::copy(address.bytes.begin() + 13, address.bytes.end(), group.bytes.begin() + 13);
    return group;
}

std::string ping4(const Bytes& message,
                  const IpAddress& to = own_v4,
                  const HostIdentity& identity = host,
                  std::uint16_t flags = 0x4000) {
    const Ipv4Fields fields = {
        .between = {.destination = to}, .protocol = 1, .flags_and_offset = flags};
    return judge(padded(ethernet(ethertype_ipv4, ipv4(message, fields))), identity);
}

std::string igmp(const Bytes& message,
                 const IpAddress& to,
                 const HostIdentity& identity = member,
                 std::initializer_list<VlanTag> tags = {}) {
    const Ipv4Fields fields = {
        .between = {.destination = to}, .protocol = 2, .options = router_alert};
    return judge(padded(ethernet(ethertype_ipv4, ipv4(message, fields), tags)), identity);
}

/// IGMPv3's form, whose front is that of the older ones.
Bytes igmp_query(const IpAddress& asked, std::uint8_t type = 0x11) {
    Bytes message = bytes_of({type, 100, 0, 0});
    append(message, address_bytes(asked));
    append(message, Bytes(4));
    return message;
}

/// Behind a hop-by-hop header with the router-alert option, as MLD is sent.
Bytes alerted(const Bytes& message) {
    return concat(bytes_of({58, 0, 5, 2, 0, 0, 1, 0}), message);
}

std::string icmpv6(const Bytes& message,
                   const IpAddress& to = own_v6,
                   const HostIdentity& identity = member,
                   std::initializer_list<VlanTag> tags = {},
                   std::uint8_t next_header = 58) {
    const Ipv6Fields fields = {.between = {router_v6, to}, .next_header = next_header};
    return judge(ethernet(ethertype_ipv6, ipv6(message, fields), tags), identity);
}

/// A neighbour solicitation (135), or an MLD query (130).
Bytes about(std::uint8_t type, const IpAddress& asked) {
    Bytes message = bytes_of({type, 0, 0, 0, 0, 0, 0, 0});
    append(message, address_bytes(asked));
    return message;
}

std::string solicitation(const IpAddress& asked,
                         const IpAddress& to,
                         const HostIdentity& identity = member,
                         std::initializer_list<VlanTag> tags = {}) {
    return icmpv6(
        concat(about(135, asked), bytes_of({1, 1, 2, 0, 0, 0, 0, 1})), to, identity, tags);
}

std::string mld(const IpAddress& asked,
                const IpAddress& to,
                const HostIdentity& identity = member,
                std::initializer_list<VlanTag> tags = {}) {
    return icmpv6(alerted(about(130, asked)), to, identity, tags, 0);
}

TEST(FrameQuestion, EchoRequestToOurAddress) {
    EXPECT_EQ(ping4(icmp_echo(true)), "neighbour");
    EXPECT_EQ(ping4(icmp_echo(true), own_v4, anyone), "unknown_protocol");
    EXPECT_EQ(ping4(icmp_echo(false)), "unknown_protocol");
    EXPECT_EQ(ping4(icmp_echo(true), IpAddress::v4(10, 0, 0, 3)), "wrong_address");
    EXPECT_EQ(ping4(bytes_of({8, 0, 0})), "unknown_protocol");
    EXPECT_EQ(ping4(icmp_echo(true, Bytes(8)), own_v4, host, 0x2000), "unknown_protocol");
}

TEST(FrameQuestion, EchoRequestToOurIpv6Address) {
    const Bytes request = bytes_of({128, 0, 0, 0, 0, 1, 0, 1});
    EXPECT_EQ(icmpv6(request), "neighbour");
    EXPECT_EQ(icmpv6(request, own_v6, anyone), "unknown_protocol");
    EXPECT_EQ(icmpv6(bytes_of({129, 0, 0, 0, 0, 1, 0, 1})), "unknown_protocol");
    EXPECT_EQ(icmpv6(bytes_of({128, 1, 0, 0, 0, 1, 0, 1})), "unknown_protocol");
    EXPECT_EQ(icmpv6(bytes_of({128, 0, 0, 0, 0, 1, 0})), "unknown_protocol");
    EXPECT_EQ(icmpv6(request, ipv6_address(0x2001, 3)), "wrong_address");
}

TEST(FrameQuestion, GroupsAreNotPinged) {
    EXPECT_EQ(ping4(icmp_echo(true), group_v4, member), "unknown_protocol");
    EXPECT_EQ(ping4(icmp_echo(true), all_hosts, member), "other_group");
    EXPECT_EQ(icmpv6(bytes_of({128, 0, 0, 0, 0, 1, 0, 1}), group_v6), "unknown_protocol");
    EXPECT_EQ(icmpv6(bytes_of({128, 0, 0, 0, 0, 1, 0, 1}), all_nodes), "other_group");
}

TEST(FrameQuestion, AProtocolBelongsToItsVersionOfIp) {
    const Ipv4Fields icmpv6_in_v4 = {.protocol = 58};
    EXPECT_EQ(judge_ipv4(ipv4(bytes_of({128, 0, 0, 0, 0, 1, 0, 1}), icmpv6_in_v4)),
              "unknown_protocol");
    EXPECT_EQ(judge_ipv6(ipv6(icmp_echo(true), {.next_header = 1})), "unknown_protocol");
}

TEST(FrameQuestion, SolicitationOfOurAddress) {
    EXPECT_EQ(solicitation(own_v6, solicited_node(own_v6)), "neighbour");
    EXPECT_EQ(solicitation(own_v6, own_v6), "neighbour");  // is it still there?
    EXPECT_EQ(solicitation(own_v6, solicited_node(own_v6), anyone), "unknown_protocol");
    EXPECT_EQ(icmpv6(about(135, own_v6), solicited_node(own_v6)), "neighbour");
    Bytes short_of_one = about(135, own_v6);
    short_of_one.pop_back();
    EXPECT_EQ(icmpv6(short_of_one, own_v6), "unknown_protocol");
    Bytes other_code = about(135, own_v6);
    other_code[1] = std::byte{1};
    EXPECT_EQ(icmpv6(other_code, own_v6), "unknown_protocol");
}

TEST(FrameQuestion, SolicitationOfOthersAddresses) {
    IpAddress same_end = ipv6_address(0x2002, 2);  // in the same group as ours
    ASSERT_EQ(solicited_node(same_end), solicited_node(own_v6));
    EXPECT_EQ(solicitation(same_end, solicited_node(own_v6)), "other_group");
    const IpAddress other = ipv6_address(0x2001, 3);
    EXPECT_EQ(solicitation(other, solicited_node(other)), "other_group");
    EXPECT_EQ(solicitation(own_v6, solicited_node(other)), "other_group");
    EXPECT_EQ(solicitation(own_v6, all_nodes), "other_group");
    EXPECT_EQ(icmpv6(about(136, own_v6), all_nodes), "other_group");  // an advertisement
    EXPECT_EQ(icmpv6(about(136, own_v6), own_v6), "unknown_protocol");
}

TEST(FrameQuestion, AnAddressIsSolicitedOnItsVlan) {
    const HostIdentity tagged{.addresses = {{own_v6, 100}}};
    EXPECT_EQ(solicitation(own_v6, solicited_node(own_v6), tagged, {{0x8100, 100}}), "neighbour");
    EXPECT_EQ(solicitation(own_v6, solicited_node(own_v6), tagged), "other_group");
    EXPECT_EQ(solicitation(own_v6, solicited_node(own_v6), member, {{0x8100, 100}}), "other_group");
}

TEST(FrameQuestion, IgmpQueryForEveryGroup) {
    const IpAddress every = IpAddress::v4(0, 0, 0, 0);
    EXPECT_EQ(igmp(igmp_query(every), all_hosts), "neighbour");
    EXPECT_EQ(igmp(igmp_query(every), all_hosts, member, {{0x8100, 100}}), "neighbour");
    EXPECT_EQ(igmp(igmp_query(every), all_hosts, member, {{0x8100, 99}}), "other_group");
    EXPECT_EQ(igmp(igmp_query(every), all_hosts, host), "other_group");  // is in no group
    EXPECT_EQ(igmp(igmp_query(every), all_hosts, anyone), "unknown_protocol");
    EXPECT_EQ(igmp(igmp_query(every), own_v4), "neighbour");
    EXPECT_EQ(igmp(igmp_query(every), own_v4, host), "unknown_protocol");
}

TEST(FrameQuestion, IgmpQueryForOneGroup) {
    const IpAddress other = IpAddress::v4(239, 9, 9, 9);
    EXPECT_EQ(igmp(igmp_query(group_v4), group_v4), "neighbour");
    EXPECT_EQ(igmp(igmp_query(group_v4), all_hosts), "neighbour");
    EXPECT_EQ(igmp(igmp_query(other), other), "other_group");
    EXPECT_EQ(igmp(igmp_query(other), all_hosts), "other_group");
    EXPECT_EQ(igmp(igmp_query(other), group_v4), "unknown_protocol");
    EXPECT_EQ(igmp(igmp_query(group_v4), group_v4, member, {{0x8100, 100}}), "other_group");
}

TEST(FrameQuestion, OtherIgmpIsNoQuestion) {
    EXPECT_EQ(igmp(igmp_query(group_v4, 0x16), group_v4), "unknown_protocol");  // a report
    Bytes cut = igmp_query(group_v4);
    cut.resize(7);
    EXPECT_EQ(igmp(cut, group_v4), "unknown_protocol");
}

TEST(FrameQuestion, MldQueryForEveryGroup) {
    EXPECT_EQ(mld({}, all_nodes), "neighbour");
    EXPECT_EQ(mld({}, all_nodes, host), "neighbour");  // its solicited-node group
    EXPECT_EQ(mld({}, all_nodes, member, {{0x8100, 100}}), "neighbour");
    EXPECT_EQ(mld({}, all_nodes, member, {{0x8100, 99}}), "other_group");
    EXPECT_EQ(mld({}, all_nodes, anyone), "unknown_protocol");
    EXPECT_EQ(mld({}, all_nodes, {.addresses = {own_v4}, .groups = {group_v4}}), "other_group");
    EXPECT_EQ(mld({}, own_v6), "neighbour");
}

TEST(FrameQuestion, MldQueryForOneGroup) {
    const IpAddress other = ipv6_address(0xff05, 0x99);
    const IpAddress solicited = solicited_node(own_v6);
    EXPECT_EQ(mld(group_v6, group_v6), "neighbour");
    EXPECT_EQ(mld(group_v6, all_nodes), "neighbour");
    EXPECT_EQ(mld(solicited, solicited), "neighbour");
    EXPECT_EQ(mld(other, other), "other_group");
    EXPECT_EQ(mld(other, all_nodes), "other_group");
    EXPECT_EQ(mld(other, group_v6), "unknown_protocol");
    EXPECT_EQ(mld(group_v6, group_v6, member, {{0x8100, 100}}), "other_group");
    Bytes cut = about(130, group_v6);
    cut.pop_back();
    EXPECT_EQ(icmpv6(alerted(cut), group_v6, member, {}, 0), "unknown_protocol");
}

TEST(FrameQuestion, APieceIsNoQuestion) {
    const Bytes piece = concat(bytes_of({58, 0, 0, 1, 0, 0, 0, 1}), about(135, own_v6));
    EXPECT_EQ(icmpv6(piece, solicited_node(own_v6), member, {}, 44), "other_group");
    EXPECT_EQ(icmpv6(piece, own_v6, member, {}, 44), "unknown_protocol");
}

}  // namespace
}  // namespace roda
