// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/dpdk/neighbour/neighbour_frames.hpp"

namespace roda::dpdk {
namespace {

using namespace test;
using Frames = std::vector<Frame>;

const std::string router_v6 = "fe800000000000000000000000000001";
const std::string own_link_local = "fe8000000000000000000000 00000022";
const std::string derived_link_local = "fe80000000000000 0000 00ff fe00 0022";  // from the MAC
const std::string group_v6 = "ff050000000000000000000000001234";
const std::string solicited_node = "ff0200000000000000000001ff000002";
const std::string every_group_v6 = "00000000000000000000000000000000";
const std::string all_nodes = "ff020000000000000000000000000001";
const std::string mld2_routers = "ff020000000000000000000000000016";

Ipv4 igmp_query(const std::string& message) {
    return {.to = "01005e000001",
            .hop_limit = "01",
            .protocol = "02",
            .source = "c00002fe",
            .destination = "e0000001",
            .options = "94040000",
            .message = checked(hex(message))};
}

Ipv4 igmp_report(const std::string& station, const std::string& to, const std::string& message) {
    return {.to = station,
            .from = std::string(own_station),
            .service = "c0",
            .hop_limit = "01",
            .protocol = "02",
            .source = "c0000207",
            .destination = to,
            .options = "94040000",
            .message = checked(hex(message))};
}

Ipv6 mld_query(const std::string& message) {
    return {.to = "333300000001",
            .hop_limit = "01",
            .source = router_v6,
            .destination = all_nodes,
            .next = "00",
            .extension = std::string(mld_alert),
            .message = hex(message)};
}

Ipv6 mld_report(const std::string& station, const std::string& to, const std::string& message) {
    return Ipv6{.to = station,
                .from = std::string(own_station),
                .hop_limit = "01",
                .source = derived_link_local,
                .destination = to,
                .next = "00",
                .extension = std::string(mld_alert),
                .message = hex(message)}
        .with_checksum();
}

template <typename Query>
Query with(Query query, std::string Query::*field, const std::string& value) {
    query.*field = value;
    return query;
}

Frames answers_to(const Ipv4& query) {
    return answers(query.frame());
}

Frames answers_to(const Ipv6& query) {
    return answers(query.with_checksum().frame());
}

const std::string igmp3_general = "1164 0000 00000000 02 7d 0000";
const std::string mld2_general = "8200 0000 27100000" + every_group_v6 + "02 7d 0000";
const std::string mld1_general = "8200 0000 27100000" + every_group_v6;

// --- IGMP

TEST(NeighbourGroups, Igmp3QueryIsAnsweredByOneReportOfAllGroupsOfTheVlan) {
    const auto report =
        igmp_report("01005e000016", "e0000016", "2200 0000 0000 0001 0200 0000 ef010203");
    EXPECT_EQ(answers_to(igmp_query(igmp3_general)), Frames{padded(report.frame())});
    EXPECT_EQ(kind_of(igmp_query(igmp3_general).frame()), NeighbourQuestion::membership);

    auto tagged = igmp_report("01005e000016", "e0000016", "2200 0000 0000 0001 0200 0000 ef010204");
    tagged.tags = "81000064";
    tagged.source = "0a090003";
    EXPECT_EQ(answers_to(with(igmp_query(igmp3_general), &Ipv4::tags, "81000064")),
              Frames{padded(tagged.frame())});
    EXPECT_EQ(answers_to(with(igmp_query(igmp3_general), &Ipv4::tags, "81000065")), Frames{});
}

TEST(NeighbourGroups, OlderIgmpQueriesAreAnsweredInTheirVersionToTheGroup) {
    const auto second = igmp_report("01005e010203", "ef010203", "1600 0000 ef010203");
    EXPECT_EQ(answers_to(igmp_query("1164 0000 00000000")), Frames{padded(second.frame())});
    const auto first = igmp_report("01005e010203", "ef010203", "1200 0000 ef010203");
    EXPECT_EQ(answers_to(igmp_query("1100 0000 00000000")), Frames{padded(first.frame())});
}

TEST(NeighbourGroups, QueryForOneGroupIsAnsweredForThatGroup) {
    const auto to_group = [](const std::string& message) {
        return with(
            with(igmp_query(message), &Ipv4::to, "01005e010203"), &Ipv4::destination, "ef010203");
    };
    EXPECT_EQ(answers_to(to_group("110a 0000 ef010203 02 7d 0000")),
              answers_to(igmp_query(igmp3_general)));
    EXPECT_EQ(answers_to(to_group("110a 0000 ef010203 02 7d 0001 0a090001")),
              answers_to(igmp_query(igmp3_general)))
        << "of one source: all are wanted";
    EXPECT_EQ(answers_to(to_group("110a 0000 ef010203")),
              answers_to(igmp_query("1164 0000 00000000")));
    EXPECT_EQ(answers_to(to_group("110a 0000 ef010205")), Frames{}) << "none of ours";
    EXPECT_EQ(answers_to(with(to_group("110a 0000 ef010203"), &Ipv4::to, "01005e010204")), Frames{})
        << "by another group's station";
    EXPECT_EQ(
        answers_to(with(with(igmp_query("110a 0000 ef010203"), &Ipv4::to, std::string(own_station)),
                        &Ipv4::destination,
                        "0a090002")),
        answers_to(igmp_query("1164 0000 00000000")))
        << "to us alone";
}

TEST(NeighbourGroups, IgmpComesFromTheAddressNearestToWhoAsks) {
    const std::string igmp2_general = "1164 0000 00000000";
    const auto source_for = [](const std::string& message, const std::string& querier) {
        const auto reports = answers_to(with(igmp_query(message), &Ipv4::source, querier));
        return reports.size() == 1 ? piece(reports[0], 26, 4) : Frame{};
    };
    for (const auto& message : {igmp3_general, igmp2_general}) {
        EXPECT_EQ(source_for(message, "0a0900fe"), hex("0a090002"));
        EXPECT_EQ(source_for(message, "0a090002"), hex("0a090002")) << "our own address";
        EXPECT_EQ(source_for(message, "c00003fe"), hex("c0000207")) << "not quite its subnet";
        EXPECT_EQ(source_for(message, "00000000"), hex("c0000207")) << "a switch: the first";
        EXPECT_EQ(source_for(message, "4a000001"), hex("0a090002"))
            << "of no subnet of ours: nearer by one bit";
    }
}

TEST(NeighbourGroups, OtherIgmpIsNotAnswered) {
    const auto query = igmp_query(igmp3_general);
    ASSERT_EQ(answers_to(query).size(), 1u);
    EXPECT_EQ(answers_to(with(query, &Ipv4::source, "00000000")).size(), 1u) << "a switch asks";
    EXPECT_EQ(answers_to(with(query, &Ipv4::options, "")).size(), 1u) << "one that is careless";
    EXPECT_EQ(answers_to(with(query, &Ipv4::hop_limit, "02")), Frames{});
    EXPECT_EQ(answers_to(with(query, &Ipv4::source, "e0000005")), Frames{});
    EXPECT_EQ(answers_to(with(query, &Ipv4::destination, "e0000002")), Frames{}) << "to routers";
    EXPECT_EQ(answers_to(with(query, &Ipv4::to, "01005e000002")), Frames{});
    EXPECT_EQ(answers_to(with(query, &Ipv4::from, "01005e000001")), Frames{});
    EXPECT_EQ(answers_to(igmp_query("1164 0000 00000000 027d")), Frames{}) << "of no version";
    EXPECT_EQ(answers_to(igmp_query("1600 0000 ef010203")), Frames{}) << "another's report";
    EXPECT_EQ(answers_to(igmp_query("2200 0000 0000 0001 0200 0000 ef010203")), Frames{});
    expect_no_answer_when_damaged(query.frame(), 38);
}

// --- MLD

const std::string record = "0200 0000";

TEST(NeighbourGroups, Mld2QueryIsAnsweredByOneReportWithTheGroupsOfOurAddresses) {
    const auto report =
        mld_report("333300000016",
                   mld2_routers,
                   "8f00 0000 0000 0002" + record + group_v6 + record + solicited_node);
    EXPECT_EQ(answers_to(mld_query(mld2_general)), Frames{report.frame()});
    EXPECT_EQ(kind_of(mld_query(mld2_general).with_checksum().frame()),
              NeighbourQuestion::membership);

    auto tagged = mld_report("333300000016",
                             mld2_routers,
                             "8f00 0000 0000 0002" + record + "ff050000000000000000000000000064" +
                                 record + "ff0200000000000000000001ff000003");
    tagged.tags = "81000064";
    EXPECT_EQ(answers_to(with(mld_query(mld2_general), &Ipv6::tags, "81000064")),
              Frames{tagged.frame()});
    EXPECT_EQ(answers_to(with(mld_query(mld2_general), &Ipv6::tags, "81000065")), Frames{});
}

TEST(NeighbourGroups, Mld1QueryIsAnsweredByAReportForEachGroup) {
    const auto first = mld_report("333300001234", group_v6, "8300 0000 0000 0000" + group_v6);
    const auto second =
        mld_report("3333ff000002", solicited_node, "8300 0000 0000 0000" + solicited_node);
    EXPECT_EQ(answers_to(mld_query(mld1_general)), (Frames{first.frame(), second.frame()}));
    const auto specific =
        with(with(mld_query("8200 0000 27100000" + group_v6), &Ipv6::to, "333300001234"),
             &Ipv6::destination,
             group_v6);
    EXPECT_EQ(answers_to(specific), Frames{first.frame()});
}

TEST(NeighbourGroups, MldComesFromAConfiguredLinkLocalAddressWhereThereIsOne) {
    auto own = own_identity();
    own.addresses.emplace_back(
        proto::IpAddress{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x22}});
    auto expected = mld_report("333300000016",
                               mld2_routers,
                               "8f00 0000 0000 0002" + record + group_v6 + record + solicited_node);
    expected.source = own_link_local;
    EXPECT_EQ(answers(mld_query(mld2_general).with_checksum().frame(), own),
              Frames{expected.with_checksum().frame()});
}

TEST(NeighbourGroups, OtherMldIsNotAnswered) {
    const auto query = mld_query(mld2_general);
    ASSERT_EQ(answers_to(query).size(), 1u);
    EXPECT_EQ(answers_to(with(query, &Ipv6::hop_limit, "ff")), Frames{});
    EXPECT_EQ(answers_to(with(query, &Ipv6::source, every_group_v6)), Frames{});
    EXPECT_EQ(answers_to(with(query, &Ipv6::source, "20010db8000000000000000000000001")), Frames{})
        << "not from the link";
    EXPECT_EQ(answers_to(with(query, &Ipv6::extension, "3a00 0104 00000000")), Frames{})
        << "no alert";
    EXPECT_EQ(answers_to(with(query, &Ipv6::extension, "3a00 0502 0001 0100")), Frames{})
        << "another alert";
    EXPECT_EQ(answers_to(with(with(query, &Ipv6::extension, ""), &Ipv6::next, "3a")), Frames{});
    EXPECT_EQ(answers_to(with(query, &Ipv6::destination, mld2_routers)), Frames{});
    EXPECT_EQ(answers_to(with(query, &Ipv6::to, "333300000002")), Frames{});
    EXPECT_EQ(answers_to(with(query, &Ipv6::from, "333300000001")), Frames{});
    EXPECT_EQ(answers_to(mld_query("8200 0000 27100000" + every_group_v6 + "027d")), Frames{});
    EXPECT_EQ(answers_to(mld_query("8300 0000 27100000" + group_v6)), Frames{});
    expect_no_answer_when_damaged(query.with_checksum().frame(), 62);
}

TEST(NeighbourGroups, TruncatedAtEveryLengthIsNoQuestion) {
    expect_no_answer_to_any_piece_of(igmp_query(igmp3_general).frame());
    expect_no_answer_to_any_piece_of(
        with(igmp_query("1164 0000 00000000"), &Ipv4::tags, "81000064").frame());
    expect_no_answer_to_any_piece_of(mld_query(mld2_general).with_checksum().frame());
    expect_no_answer_to_any_piece_of(mld_query(mld1_general).with_checksum().frame());
}

// --- many groups, and none

LinkIdentity with_groups(std::size_t count) {
    std::vector<proto::HostAddress> groups;
    for (std::size_t i = 0; i < count; ++i) {
        groups.emplace_back(proto::IpAddress::v4(239, 7, 0, static_cast<std::uint8_t>(i)));
        groups.emplace_back(proto::IpAddress{
            {0xff, 0x05, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, static_cast<std::uint8_t>(i)}});
    }
    return link_identity({0x02, 0, 0, 0, 0, 0x22}, {}, groups);
}

TEST(NeighbourGroups, ManyGroupsAreToldInReportsThatFitTheSmallestMtu) {
    const auto own = with_groups(50);
    for (const auto& query :
         {igmp_query(igmp3_general).frame(), mld_query(mld2_general).with_checksum().frame()}) {
        const auto reports = answers(query, own, 14 + 576);
        ASSERT_EQ(reports.size(), 3u);
        const bool v4 = query.at(12) == std::byte{0x08};
        for (std::size_t i = 0; i < reports.size(); ++i) {
            const auto& count = reports[i].at(v4 ? 14 + 24 + 7 : 14 + 48 + 7);
            EXPECT_EQ(count, std::byte{static_cast<unsigned char>(i < 2 ? 24 : 2)});
        }
    }
    EXPECT_EQ(answers(igmp_query("1164 0000 00000000").frame(), own).size(), 50u);
    EXPECT_EQ(answers(mld_query(mld1_general).with_checksum().frame(), own).size(), 50u);
}

TEST(NeighbourGroups, GroupsThatAllHostsAreInAreNotTold) {
    const std::vector<proto::HostAddress> groups = {
        proto::IpAddress::v4(224, 0, 0, 1),
        proto::IpAddress{{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
        proto::IpAddress{{0xff, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}}};
    const auto own = link_identity({0x02, 0, 0, 0, 0, 0x22}, {}, groups);
    EXPECT_EQ(answers(igmp_query(igmp3_general).frame(), own), Frames{});
    EXPECT_EQ(answers(mld_query(mld2_general).with_checksum().frame(), own), Frames{});
    EXPECT_EQ(announcements(own), Frames{});
}

// --- unasked

TEST(NeighbourGroups, StartTellsGroupsThenAddressesEachOnItsVlan) {
    const auto own = link_identity({0x02, 0, 0, 0, 0, 0x22},
                                   own_identity().addresses,
                                   std::vector{own_identity().groups[0], own_identity().groups[1]});
    const std::string joins = "0400 0000";
    auto igmp = igmp_report("01005e000016", "e0000016", "2200 0000 0000 0001" + joins + "ef010203");
    auto igmp_vlan =
        igmp_report("01005e000016", "e0000016", "2200 0000 0000 0001" + joins + "ef010204");
    igmp_vlan.tags = "81000064";
    igmp_vlan.source = "0a090003";
    const auto mld =
        mld_report("333300000016", mld2_routers, "8f00 0000 0000 0001" + joins + solicited_node);
    auto mld_vlan = mld_report("333300000016",
                               mld2_routers,
                               "8f00 0000 0000 0001" + joins + "ff0200000000000000000001ff000003");
    mld_vlan.tags = "81000064";
    const auto arp = [](const std::string& tags, const std::string& address) {
        return padded(hex("ffffffffffff 020000000022" + tags + "0806 0001 0800 06 04 0001" +
                          "020000000022" + address + "000000000000" + address));
    };
    const auto advertisement = [](const std::string& tags, const std::string& address) {
        return Ipv6{.to = "333300000001",
                    .from = std::string(own_station),
                    .tags = tags,
                    .source = address,
                    .destination = all_nodes,
                    .message = hex("8800 0000 20000000" + address + "0201 020000000022")}
            .with_checksum()
            .frame();
    };
    EXPECT_EQ(announcements(own),
              (Frames{padded(igmp.frame()),
                      mld.frame(),
                      padded(igmp_vlan.frame()),
                      mld_vlan.frame(),
                      arp("", "c0000207"),
                      arp("", "0a090002"),
                      arp("81000064", "0a090003"),
                      advertisement("", "20010db8000000000000000000000002"),
                      advertisement("81000064", "20010db8006400000000000000000003")}));
}

TEST(NeighbourGroups, StopLeavesTheGroups) {
    const auto own = link_identity({0x02, 0, 0, 0, 0, 0x22},
                                   std::vector{own_identity().addresses[0]},
                                   std::vector{own_identity().groups[0]});
    const auto left =
        igmp_report("01005e000016", "e0000016", "2200 0000 0000 0001 0300 0000 ef010203");
    EXPECT_EQ(farewells(own), Frames{padded(left.frame())});
    EXPECT_EQ(farewells(link_identity(own.mac, own.addresses, {})), Frames{});
}

TEST(NeighbourGroups, WithoutAnIpv4AddressIgmpComesFromNobody) {
    const auto frames = announcements(with_groups(1));
    ASSERT_EQ(frames.size(), 2u);
    EXPECT_EQ(piece(frames[0], 26, 4), hex("00000000"));
}

TEST(NeighbourGroups, StationsAreThoseOfGroupsAndTheirQueriesEachOnce) {
    const std::vector<MacAddress> expected = {{0x01, 0, 0x5e, 0, 0, 0x01},
                                              {0x01, 0, 0x5e, 0x01, 0x02, 0x03},
                                              {0x01, 0, 0x5e, 0x01, 0x02, 0x04},
                                              {0x33, 0x33, 0, 0, 0, 0x01},
                                              {0x33, 0x33, 0, 0, 0x12, 0x34},
                                              {0x33, 0x33, 0, 0, 0, 0x64},
                                              {0x33, 0x33, 0xff, 0, 0, 0x02},
                                              {0x33, 0x33, 0xff, 0, 0, 0x03}};
    EXPECT_EQ(group_stations(own_identity()), expected);
    const std::vector<proto::HostAddress> high_bit = {proto::IpAddress::v4(239, 0x81, 2, 3)};
    EXPECT_THAT(group_stations(link_identity({}, {}, high_bit)),
                testing::Contains(MacAddress{0x01, 0, 0x5e, 0x01, 0x02, 0x03}));
    EXPECT_EQ(group_stations(link_identity({}, {}, {})), std::vector<MacAddress>{});
}

TEST(NeighbourGroups, AddressesThatShareASolicitedNodeGroupAreInItOnce) {
    const std::vector<proto::HostAddress> addresses = {
        proto::IpAddress{{0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3}},
        proto::IpAddress{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3}}};
    const std::vector<proto::HostAddress> expected = {
        proto::IpAddress{{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 1, 2, 3}}};
    EXPECT_EQ(link_identity({}, addresses, {}).groups, expected);
}

}  // namespace
}  // namespace roda::dpdk
