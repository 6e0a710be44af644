// SPDX-License-Identifier: Apache-2.0
#include "dpdk/neighbour.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/dpdk/frame_bytes.hpp"

namespace roda::dpdk {
namespace {

using test::hex;
using test::padded;
using Frame = std::vector<std::byte>;

constexpr MacAddress own_mac = {0x02, 0, 0, 0, 0, 0x22};
const std::vector<proto::IpAddress> own_addresses = {proto::IpAddress::v4(192, 0, 2, 7),
                                                     proto::IpAddress::v4(10, 9, 0, 2)};

Frame arp_question(std::string_view tags = "") {
    return hex("ffffffffffff 020000000011 " + std::string(tags) +
               "0806 0001 0800 06 04 0001 "
               "020000000011 0a090001 000000000000 0a090002");
}

// ping -c1 -s8: identification 0x1234, do not fragment, TTL 3, payload "roda ok!".
Frame ping_question(std::string_view tags = "") {
    return hex("020000000022 020000000011 " + std::string(tags) +
               "0800 4510 0024 1234 4000 03 01 5181 0a090001 0a090002 "
               "0800 959b 0001 0002 726f6461 206f6b21");
}

Frame answered(const Frame& question, std::size_t room = 2048) {
    Frame answer(room, std::byte{0xee});
    const auto length = answer_neighbour(question, own_mac, own_addresses, answer);
    EXPECT_TRUE(std::all_of(answer.begin() + static_cast<std::ptrdiff_t>(length),
                            answer.end(),
                            [](std::byte b) { return b == std::byte{0xee}; }));
    answer.resize(length);
    return answer;
}

// What the ones' complement sum over a correct header or message comes to.
unsigned sum_of(const Frame& frame, std::size_t from, std::size_t bytes) {
    unsigned sum = 0;
    for (std::size_t at = from; at < from + bytes; at += 2) {
        sum += std::to_integer<unsigned>(frame.at(at)) << 8 |
               std::to_integer<unsigned>(frame.at(at + 1));
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

Frame changed(Frame frame, std::size_t offset, unsigned value) {
    frame.at(offset) = static_cast<std::byte>(value);
    return frame;
}

// A change inside the IP header with the header's checksum made right again.
Frame changed_header(Frame frame, std::size_t offset, unsigned value) {
    frame = changed(std::move(frame), offset, value);
    frame = changed(changed(std::move(frame), 24, 0), 25, 0);
    const unsigned sum = ~sum_of(frame, 14, 20) & 0xffff;
    return changed(changed(std::move(frame), 24, sum >> 8), 25, sum & 0xff);
}

TEST(Neighbour, ArpRequestForOurAddressIsAnswered) {
    const auto expected =
        padded(hex("020000000011 020000000022 0806 0001 0800 06 04 0002 "
                   "020000000022 0a090002 020000000011 0a090001"));
    EXPECT_EQ(answered(arp_question()), expected);
}

TEST(Neighbour, ArpAnswerKeepsBothVlanTags) {
    const auto expected =
        padded(hex("020000000011 020000000022 88a80005 81000007 0806 0001 0800 06 04 0002 "
                   "020000000022 0a090002 020000000011 0a090001"));
    EXPECT_EQ(answered(arp_question("88a80005 81000007")), expected);
}

TEST(Neighbour, ArpProbeIsAnsweredSoThatTheAddressStaysOurs) {
    auto probe = arp_question();
    std::fill_n(probe.begin() + 28, 4, std::byte{0});
    const auto answer = answered(probe);
    ASSERT_EQ(answer.size(), 60u);
    EXPECT_TRUE(std::all_of(
        answer.begin() + 38, answer.begin() + 42, [](std::byte b) { return b == std::byte{0}; }));
}

TEST(Neighbour, OtherArpIsNotAnswered) {
    const auto question = arp_question();
    EXPECT_EQ(answered(changed(question, 41, 3)), Frame{}) << "another host's address";
    EXPECT_EQ(answered(changed(question, 21, 2)), Frame{}) << "a reply";
    EXPECT_EQ(answered(changed(question, 15, 6)), Frame{}) << "not Ethernet";
    EXPECT_EQ(answered(changed(question, 31, 2)), Frame{}) << "an announcement";
    EXPECT_EQ(answered(changed(question, 22, 3)), Frame{}) << "a group as the asker";
    EXPECT_EQ(answered(changed(question, 0, 2)), Frame{}) << "sent to another station";
    EXPECT_EQ(answered(arp_question("81000001 81000002 81000003")), Frame{}) << "three tags";
}

TEST(Neighbour, PingIsAnsweredByTheSameBytesTurnedAround) {
    const auto expected = padded(
        hex("020000000011 020000000022 0800 4510 0024 1234 4000 40 01 1481 0a090002 0a090001 "
            "0000 9d9b 0001 0002 726f6461 206f6b21"));
    const auto answer = answered(ping_question());
    EXPECT_EQ(answer, expected);
    EXPECT_EQ(sum_of(answer, 14, 20), 0xffffu);
    EXPECT_EQ(sum_of(answer, 34, 16), 0xffffu);
}

TEST(Neighbour, PingAnswerKeepsItsVlanTag) {
    const auto expected = padded(
        hex("020000000011 020000000022 81000007 0800 4510 0024 1234 4000 40 01 1481 0a090002 "
            "0a090001 0000 9d9b 0001 0002 726f6461 206f6b21"));
    EXPECT_EQ(answered(ping_question("81000007")), expected);
}

TEST(Neighbour, PaddingBehindAPingIsNotSentBack) {
    auto question = ping_question();
    question.resize(64, std::byte{0xaa});
    EXPECT_EQ(answered(question), answered(ping_question()));
}

TEST(Neighbour, DamagedPingIsAnsweredWithTheDamageVisible) {
    const auto answer = answered(changed(ping_question(), 49, 0x00));
    ASSERT_EQ(answer.size(), 60u);
    EXPECT_NE(sum_of(answer, 34, 16), 0xffffu);
}

TEST(Neighbour, OtherIpIsNotAnswered) {
    const auto question = ping_question();
    ASSERT_NE(answered(changed_header(question, 22, 9)), Frame{}) << "the helper works";
    EXPECT_EQ(answered(changed_header(question, 33, 9)), Frame{}) << "another host's address";
    EXPECT_EQ(answered(changed_header(question, 23, 17)), Frame{}) << "UDP";
    EXPECT_EQ(answered(changed_header(question, 20, 0x20)), Frame{}) << "a first fragment";
    EXPECT_EQ(answered(changed_header(question, 21, 1)), Frame{}) << "a later fragment";
    EXPECT_EQ(answered(changed_header(question, 14, 0x46)), Frame{}) << "IP options";
    EXPECT_EQ(answered(changed_header(question, 26, 224)), Frame{}) << "from a group";
    EXPECT_EQ(answered(changed_header(question, 16, 1)), Frame{}) << "longer than the frame";
    EXPECT_EQ(answered(changed_header(question, 17, 27)), Frame{}) << "shorter than an echo";
    EXPECT_EQ(answered(changed(question, 24, 0)), Frame{}) << "bad header checksum";
    EXPECT_EQ(answered(changed(question, 34, 0)), Frame{}) << "an echo reply";
    EXPECT_EQ(answered(changed(question, 35, 1)), Frame{}) << "an unknown code";
    EXPECT_EQ(answered(changed(question, 5, 0x23)), Frame{}) << "sent to another station";
    EXPECT_EQ(answered(changed(question, 6, 3)), Frame{}) << "a group as the asker";
}

// Each piece lies in a heap block of its own size, so that a sanitizer sees a read beyond it.
TEST(Neighbour, EveryTruncatedQuestionIsNoQuestion) {
    for (const auto& question : {arp_question("81000001"), ping_question("88a80001 81000002")}) {
        ASSERT_NE(answered(question), Frame{});
        for (std::size_t bytes = 0; bytes < question.size(); ++bytes) {
            const Frame piece(question.begin(),
                              question.begin() + static_cast<std::ptrdiff_t>(bytes));
            EXPECT_EQ(answered(piece), Frame{}) << bytes;
        }
    }
}

TEST(Neighbour, AnAnswerThatDoesNotFitIsNotBegun) {
    EXPECT_EQ(answered(arp_question(), 59), Frame{});
    EXPECT_EQ(answered(ping_question(), 59), Frame{});
    EXPECT_EQ(answered(ping_question(), 60).size(), 60u);
}

TEST(Neighbour, AnnouncementTellsTheLinkWhereTheAddressIs) {
    Frame frame(60, std::byte{0xee});
    EXPECT_EQ(announce_address(own_mac, own_addresses[1], frame), 60u);
    EXPECT_EQ(frame,
              padded(hex("ffffffffffff 020000000022 0806 0001 0800 06 04 0001 "
                         "020000000022 0a090002 000000000000 0a090002")));
    Frame small(59);
    EXPECT_EQ(announce_address(own_mac, own_addresses[1], small), 0u);
    const proto::IpAddress v6 = {{0x20, 0x01, 0x0d, 0xb8}};
    EXPECT_EQ(announce_address(own_mac, v6, frame), 0u);
}

}  // namespace
}  // namespace roda::dpdk
