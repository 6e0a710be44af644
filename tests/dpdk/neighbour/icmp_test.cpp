// SPDX-License-Identifier: Apache-2.0
#include "tests/dpdk/neighbour/neighbour_frames.hpp"

namespace roda::dpdk {
namespace {

using namespace test;

const Frame asked = checked(hex("0800 0000 0001 0002 726f6461 206f6b21"));

// ping -c1 -s8: do not fragment, a service class, TTL 3, payload "roda ok!".
Ipv4 ping() {
    return {.service = "10", .identification = "1234 4000", .hop_limit = "03", .message = asked};
}

Ipv4 pong() {
    return {.to = std::string(asker_station),
            .from = std::string(own_station),
            .service = "10",
            .identification = "1234 4000",
            .source = "0a090002",
            .destination = "0a090001",
            .message = checked(hex("0000 0000 0001 0002 726f6461 206f6b21"))};
}

Ipv6 ping_v6() {
    return Ipv6{.front = "6abcdef0",
                .hop_limit = "05",
                .message = hex("8000 0000 0001 0002 726f6461 206f6b21")}
        .with_checksum();
}

Ipv6 pong_v6() {
    return Ipv6{.to = std::string(asker_station),
                .from = std::string(own_station),
                .front = "6abcdef0",
                .hop_limit = "40",
                .source = "20010db8000000000000000000000002",
                .destination = "fe800000000000000000000000000011",
                .message = hex("8100 0000 0001 0002 726f6461 206f6b21")}
        .with_checksum();
}

template <typename Ping>
Ping with(Ping ping, std::string Ping::*field, const std::string& value) {
    ping.*field = value;
    return ping;
}

Ipv4 with_message(Ipv4 ping, const Frame& message) {
    ping.message = message;
    return ping;
}

Ipv6 with_message_v6(const std::string& message) {
    auto ping = ping_v6();
    ping.message = hex(message);
    return ping.with_checksum();
}

TEST(NeighbourIcmp, PingIsAnsweredWithItsBytes) {
    EXPECT_EQ(answered(ping().frame()), padded(pong().frame()));
    EXPECT_EQ(kind_of(ping().frame()), NeighbourQuestion::echo);
}

TEST(NeighbourIcmp, PingOnAVlanIsAnsweredThereAndThereOnly) {
    auto question = with(with(ping(), &Ipv4::tags, "8100a064"), &Ipv4::destination, "0a090003");
    auto answer = with(with(pong(), &Ipv4::tags, "8100a064"), &Ipv4::source, "0a090003");
    EXPECT_EQ(answered(question.frame()), padded(answer.frame()));
    EXPECT_EQ(answered(with(question, &Ipv4::tags, "").frame()), Frame{});
    EXPECT_EQ(answered(with(question, &Ipv4::tags, "81000065").frame()), Frame{});
    EXPECT_EQ(answered(with(ping(), &Ipv4::tags, "81000064").frame()), Frame{});
}

TEST(NeighbourIcmp, PingOfAnOddLengthIsAnswered) {
    const auto message = checked(hex("0800 0000 0001 0002 72"));
    const auto expected = with_message(pong(), checked(hex("0000 0000 0001 0002 72")));
    EXPECT_EQ(answered(with_message(ping(), message).frame()), padded(expected.frame()));
}

TEST(NeighbourIcmp, LargePingIsAnsweredWhole) {
    Frame message(1408, std::byte{0x5a});
    std::fill_n(message.begin(), 8, std::byte{0});
    const auto expected = with_message(pong(), checked(message)).frame();
    message[0] = std::byte{8};
    EXPECT_EQ(answered(with_message(ping(), checked(message)).frame()), expected);
    EXPECT_EQ(answered(with_message(ping(), checked(message)).frame(), expected.size() - 1),
              Frame{});
}

TEST(NeighbourIcmp, PingWithIpOptionsIsAnsweredWithoutThem) {
    const auto expected = padded(pong().frame());
    for (const auto* options : {"94040000",                       // router alert
                                "01 07 0b 04 00000000 00000000",  // record route
                                "01010100"}) {                    // nothing, end
        EXPECT_EQ(answered(with(ping(), &Ipv4::options, options).frame()), expected) << options;
    }
}

TEST(NeighbourIcmp, PingWithASourceRouteOrUnsoundOptionsIsNotAnswered) {
    for (const auto* options : {"83 07 08 0a090001 00",  // loose source route, at its end
                                "89 07 08 0a090001 00",  // strict
                                "94050000",              // longer than the header
                                "94010000",              // shorter than itself
                                "94000000",              //
                                "01010194"}) {           // cut short
        EXPECT_EQ(answered(with(ping(), &Ipv4::options, options).frame()), Frame{}) << options;
    }
}

TEST(NeighbourIcmp, PaddingBehindAPingIsNotSentBack) {
    auto question = ping().frame();
    question.resize(64, std::byte{0xaa});
    EXPECT_EQ(answered(question), padded(pong().frame()));
    auto question_v6 = ping_v6().frame();
    const auto expected = answered(question_v6);
    question_v6.resize(100, std::byte{0xaa});
    EXPECT_EQ(answered(question_v6), expected);
}

TEST(NeighbourIcmp, DamagedPingIsNotAnswered) {
    expect_no_answer_when_damaged(ping().frame(), 34);     // the message
    expect_no_answer_when_damaged(ping_v6().frame(), 54);  // the message
    for (std::size_t at = 14; at < 34; ++at) {
        EXPECT_EQ(answered(changed(ping().frame(), at, 0xa5)), Frame{}) << at;
    }
}

TEST(NeighbourIcmp, OtherIpv4IsNotAnswered) {
    ASSERT_NE(answered(with(ping(), &Ipv4::hop_limit, "01").frame()), Frame{});
    EXPECT_EQ(answered(with(ping(), &Ipv4::destination, "0a090009").frame()), Frame{})
        << "another host's address";
    EXPECT_EQ(answered(with(ping(), &Ipv4::destination, "ef010203").frame()), Frame{})
        << "our group";
    EXPECT_EQ(answered(with(ping(), &Ipv4::protocol, "11").frame()), Frame{}) << "UDP";
    EXPECT_EQ(answered(with(ping(), &Ipv4::identification, "1234 2000").frame()), Frame{})
        << "a first fragment";
    EXPECT_EQ(answered(with(ping(), &Ipv4::identification, "1234 0001").frame()), Frame{})
        << "a later fragment";
    for (const auto* source : {"e0000001", "00000000", "7f000001", "ffffffff"}) {
        EXPECT_EQ(answered(with(ping(), &Ipv4::source, source).frame()), Frame{}) << source;
    }
    EXPECT_EQ(answered(with_message(ping(), checked(hex("0800 0000 000100"))).frame()), Frame{})
        << "shorter than an echo";
    EXPECT_EQ(answered(with_message(ping(), checked(hex("0000 0000 0001 0002"))).frame()), Frame{})
        << "an echo reply";
    EXPECT_EQ(answered(with_message(ping(), checked(hex("0801 0000 0001 0002"))).frame()), Frame{})
        << "an unknown code";
    EXPECT_EQ(answered(with(ping(), &Ipv4::to, "020000000023").frame()), Frame{});
    EXPECT_EQ(answered(with(ping(), &Ipv4::to, "ffffffffffff").frame()), Frame{});
    EXPECT_EQ(answered(with(ping(), &Ipv4::from, "030000000011").frame()), Frame{});
}

TEST(NeighbourIcmp, PingOverIpv6IsAnsweredWithItsBytes) {
    EXPECT_EQ(answered(ping_v6().frame()), pong_v6().frame());
    EXPECT_EQ(kind_of(ping_v6().frame()), NeighbourQuestion::echo);
}

TEST(NeighbourIcmp, PingOverIpv6BehindExtensionHeadersIsAnsweredWithoutThem) {
    auto question = ping_v6();
    question.next = "00";  // hop-by-hop, then destination options, then a route that is at its end
    question.extension = "3c00 0104 00000000 2b00 0104 00000000 3a00 0400 00000000";
    EXPECT_EQ(answered(question.frame()), pong_v6().frame());
    question.extension = "3c00 0104 00000000 2b00 0104 00000000 3a00 0401 00000000";
    EXPECT_EQ(answered(question.frame()), Frame{}) << "we are a stop on the route";
    question.next = "2c";
    question.extension = "3a00 0000 12345678";
    EXPECT_EQ(answered(question.frame()), Frame{}) << "a fragment";
}

TEST(NeighbourIcmp, OtherIpv6IsNotAnswered) {
    const auto question = ping_v6();
    for (const auto* destination : {"20010db8000000000000000000000003",     // another host
                                    "20010db8006400000000000000000003",     // ours on a VLAN
                                    "ff050000000000000000000000001234",     // our group
                                    "ff020000000000000000000000000001"}) {  // all nodes
        EXPECT_EQ(answered(with(question, &Ipv6::destination, destination).with_checksum().frame()),
                  Frame{})
            << destination;
    }
    for (const auto* source : {"00000000000000000000000000000000",
                               "00000000000000000000000000000001",
                               "00000000000000000000ffff0a090001",
                               "ff020000000000000000000000000001"}) {
        EXPECT_EQ(answered(with(question, &Ipv6::source, source).with_checksum().frame()), Frame{})
            << source;
    }
    EXPECT_EQ(answered(with(question, &Ipv6::to, "020000000023").frame()), Frame{});
    EXPECT_EQ(answered(with(question, &Ipv6::to, "333300000001").frame()), Frame{});
    EXPECT_EQ(answered(with(question, &Ipv6::from, "010000000011").frame()), Frame{});
    EXPECT_EQ(answered(with(question, &Ipv6::front, "40000000").frame()), Frame{});
    EXPECT_EQ(answered(with(question, &Ipv6::next, "11").frame()), Frame{}) << "UDP";
    EXPECT_EQ(answered(with_message_v6("8001 0000 0001 0002").frame()), Frame{}) << "a code";
    EXPECT_EQ(answered(with_message_v6("8100 0000 0001 0002").frame()), Frame{}) << "a reply";
    EXPECT_EQ(answered(with_message_v6("8000 0000 0001 00").frame()), Frame{}) << "too short";
    EXPECT_EQ(answered(with_message_v6("8800 0000 0001 0002").frame()), Frame{});
}

TEST(NeighbourIcmp, TruncatedAtEveryLengthIsNoQuestion) {
    expect_no_answer_to_any_piece_of(ping().frame());
    expect_no_answer_to_any_piece_of(
        with(with(ping(), &Ipv4::tags, "88a80001 81000000"), &Ipv4::options, "94040000").frame());
    expect_no_answer_to_any_piece_of(ping_v6().frame());
    auto behind_options = ping_v6();
    behind_options.next = "00";
    behind_options.extension = "3a01 0502 0000 0108 0000000000000000";
    expect_no_answer_to_any_piece_of(behind_options.frame());
}

}  // namespace
}  // namespace roda::dpdk
