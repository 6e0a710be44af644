// SPDX-License-Identifier: Apache-2.0
#include "tests/dpdk/neighbour/neighbour_frames.hpp"

namespace roda::dpdk {
namespace {

using namespace test;

const std::string own_v6 = "20010db8000000000000000000000002";
const std::string own_group = "ff0200000000000000000001ff000002";
const std::string own_v6_vlan = "20010db8006400000000000000000003";
const std::string own_group_vlan = "ff0200000000000000000001ff000003";
const std::string asker_v6 = "fe800000000000000000000000000011";
const std::string nobody = "00000000000000000000000000000000";
const std::string everybody = "ff020000000000000000000000000001";
const std::string source_option = "0101 020000000011";

std::string solicited(const std::string& target, const std::string& options) {
    return "8700 0000 00000000" + target + options;
}

Ipv6 solicitation() {
    return {.to = "3333ff000002",
            .destination = own_group,
            .message = hex(solicited(own_v6, source_option))};
}

Ipv6 advertisement() {
    return Ipv6{.to = std::string(asker_station),
                .from = std::string(own_station),
                .source = own_v6,
                .destination = asker_v6,
                .message = hex("8800 0000 60000000" + own_v6 + "0201 020000000022")}
        .with_checksum();
}

Ipv6 with(Ipv6 question, std::string Ipv6::*field, const std::string& value) {
    question.*field = value;
    return question;
}

Ipv6 with_message(Ipv6 question, const std::string& message) {
    question.message = hex(message);
    return question;
}

Frame answered_to(const Ipv6& question) {
    return answered(question.with_checksum().frame());
}

TEST(NeighbourDiscovery, SolicitationIsAnsweredByAnAdvertisementOfOurStation) {
    EXPECT_EQ(answered_to(solicitation()), advertisement().frame());
    EXPECT_EQ(kind_of(solicitation().with_checksum().frame()), NeighbourQuestion::resolution);
}

TEST(NeighbourDiscovery, SolicitationToOurAddressIsAnsweredEvenWithoutTheAskersStation) {
    auto question =
        with(with(solicitation(), &Ipv6::to, std::string(own_station)), &Ipv6::destination, own_v6);
    EXPECT_EQ(answered_to(question), advertisement().frame());
    EXPECT_EQ(answered_to(with_message(question, solicited(own_v6, ""))), advertisement().frame());
    const auto unknown = solicited(own_v6, "0e02 000000000000 0000000000000000" + source_option);
    EXPECT_EQ(answered_to(with_message(question, unknown)), advertisement().frame());
}

TEST(NeighbourDiscovery, SolicitationByGroupInAFrameToUsAloneIsAnswered) {
    EXPECT_EQ(answered_to(with(solicitation(), &Ipv6::to, std::string(own_station))),
              advertisement().frame());
}

TEST(NeighbourDiscovery, TheAskersStationIsTheOneItNames) {
    auto expected = advertisement();
    expected.to = "020000000099";
    EXPECT_EQ(answered_to(with_message(solicitation(), solicited(own_v6, "0101 020000000099"))),
              expected.frame());
}

TEST(NeighbourDiscovery, WhoeverLooksWhetherOurAddressIsFreeIsToldBeforeAll) {
    const auto question =
        with_message(with(solicitation(), &Ipv6::source, nobody), solicited(own_v6, ""));
    auto expected = advertisement();
    expected.to = "333300000001";
    expected.destination = everybody;
    expected.message = hex("8800 0000 20000000" + own_v6 + "0201 020000000022");
    EXPECT_EQ(answered_to(question), expected.with_checksum().frame());

    EXPECT_EQ(answered_to(with_message(question, solicited(own_v6, source_option))), Frame{})
        << "nobody has no station";
    EXPECT_EQ(answered_to(with(
                  with(question, &Ipv6::to, std::string(own_station)), &Ipv6::destination, own_v6)),
              Frame{})
        << "not to the group";
}

TEST(NeighbourDiscovery, AddressOnAVlanIsAnsweredThereAndThereOnly) {
    Ipv6 question = {.to = "3333ff000003",
                     .tags = "81000064",
                     .destination = own_group_vlan,
                     .message = hex(solicited(own_v6_vlan, source_option))};
    auto expected = advertisement();
    expected.tags = "81000064";
    expected.source = own_v6_vlan;
    expected.message = hex("8800 0000 60000000" + own_v6_vlan + "0201 020000000022");
    EXPECT_EQ(answered_to(question), expected.with_checksum().frame());
    EXPECT_EQ(answered_to(with(question, &Ipv6::tags, "")), Frame{});
    EXPECT_EQ(answered_to(with(question, &Ipv6::tags, "81000065")), Frame{});
    EXPECT_EQ(answered_to(with(solicitation(), &Ipv6::tags, "81000064")), Frame{});
}

TEST(NeighbourDiscovery, SolicitationThatMayHaveCrossedARouterIsNotAnswered) {
    for (const auto* hop_limit : {"fe", "01", "00", "40"}) {
        EXPECT_EQ(answered_to(with(solicitation(), &Ipv6::hop_limit, hop_limit)), Frame{});
    }
}

TEST(NeighbourDiscovery, DamagedSolicitationIsNotAnswered) {
    expect_no_answer_when_damaged(solicitation().with_checksum().frame(), 54);
    EXPECT_EQ(answered(solicitation().frame()), Frame{}) << "no checksum";
}

TEST(NeighbourDiscovery, UnsoundOptionsLeaveASolicitationUnanswered) {
    for (const auto* options : {"0100 020000000011",  // of no length
                                "0102 020000000011",  // longer than the message
                                "0101 0200000000",    // cut short
                                "01"}) {
        EXPECT_EQ(answered_to(with_message(solicitation(), solicited(own_v6, options))), Frame{})
            << options;
    }
    EXPECT_EQ(answered_to(with_message(solicitation(), solicited(own_v6, "0101 030000000011"))),
              Frame{})
        << "a group as the asker's station";
}

TEST(NeighbourDiscovery, OtherMessagesAreNotAnswered) {
    const auto question = solicitation();
    const std::string other = "20010db8000000000000000000000009";
    EXPECT_EQ(answered_to(with_message(question, solicited(other, source_option))), Frame{})
        << "another host's address";
    EXPECT_EQ(answered_to(with_message(question, solicited(own_group, source_option))), Frame{})
        << "a group";
    EXPECT_EQ(answered_to(with_message(question, "8701 0000 00000000" + own_v6)), Frame{})
        << "an unknown code";
    EXPECT_EQ(answered_to(with_message(question, "8800 0000 00000000" + own_v6)), Frame{})
        << "an advertisement";
    EXPECT_EQ(answered_to(with_message(question, "8500 0000 00000000" + own_v6)), Frame{})
        << "a router solicitation";
    for (const auto& source : {everybody, std::string("00000000000000000000000000000001")}) {
        EXPECT_EQ(answered_to(with(question, &Ipv6::source, source)), Frame{}) << source;
    }
    EXPECT_EQ(
        answered_to(with(with(question, &Ipv6::to, "333300000001"), &Ipv6::destination, everybody)),
        Frame{})
        << "to all nodes";
    EXPECT_EQ(answered_to(with(question, &Ipv6::to, "3333ff000003")), Frame{})
        << "to another group's station";
    EXPECT_EQ(answered_to(with(question, &Ipv6::to, "ffffffffffff")), Frame{});
    EXPECT_EQ(answered_to(with(question, &Ipv6::from, "3333ff000002")), Frame{});
    auto cut = question.with_checksum();
    cut.next = "2c";
    cut.extension = "3a00 0000 12345678";
    EXPECT_EQ(answered(cut.frame()), Frame{}) << "with a fragment header (RFC 6980)";
}

TEST(NeighbourDiscovery, TruncatedAtEveryLengthIsNoQuestion) {
    expect_no_answer_to_any_piece_of(solicitation().with_checksum().frame());
    // The packet may be short as well: then its length and checksum fit, and only the target lacks.
    const auto whole = hex(solicited(own_v6, ""));
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
        auto question = solicitation();
        question.message = piece(whole, 0, bytes);
        question.message.resize(std::max<std::size_t>(bytes, 4));
        EXPECT_EQ(answered_to(question), Frame{}) << bytes;
    }
}

TEST(NeighbourDiscovery, AnswerThatDoesNotFitIsNotBegun) {
    const auto question = solicitation().with_checksum().frame();
    EXPECT_EQ(answered(question, 85), Frame{});
    EXPECT_EQ(answered(question, 86).size(), 86u);
}

}  // namespace
}  // namespace roda::dpdk
