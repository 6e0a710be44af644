// SPDX-License-Identifier: Apache-2.0
#include "tests/dpdk/neighbour/neighbour_frames.hpp"

namespace roda::dpdk {
namespace {

using namespace test;

Frame arp_question(const std::string& tags = "", const std::string& target = "0a090002") {
    return hex("ffffffffffff 020000000011 " + tags +
               "0806 0001 0800 06 04 0001 "
               "020000000011 0a090001 000000000000 " +
               target);
}

TEST(NeighbourArp, RequestForOurAddressIsAnswered) {
    const auto expected =
        padded(hex("020000000011 020000000022 0806 0001 0800 06 04 0002 "
                   "020000000022 0a090002 020000000011 0a090001"));
    EXPECT_EQ(answered(arp_question()), expected);
    EXPECT_EQ(kind_of(arp_question()), NeighbourQuestion::resolution);
}

TEST(NeighbourArp, AnswerKeepsBothVlanTags) {
    const auto expected =
        padded(hex("020000000011 020000000022 88a80005 81000064 0806 0001 0800 06 04 0002 "
                   "020000000022 0a090003 020000000011 0a090001"));
    EXPECT_EQ(answered(arp_question("88a80005 81000064", "0a090003")), expected);
}

TEST(NeighbourArp, EachAddressIsOnItsOwnVlanOnly) {
    EXPECT_NE(answered(arp_question("81006064", "0a090003")), Frame{}) << "priority 3";
    EXPECT_NE(answered(arp_question("81006000")), Frame{}) << "tagged for its priority only";
    EXPECT_EQ(answered(arp_question("", "0a090003")), Frame{});
    EXPECT_EQ(answered(arp_question("81000065", "0a090003")), Frame{});
    EXPECT_EQ(answered(arp_question("81000064", "0a090002")), Frame{});
}

TEST(NeighbourArp, ProbeIsAnsweredSoThatTheAddressStaysOurs) {
    auto probe = arp_question();
    std::fill_n(probe.begin() + 28, 4, std::byte{0});
    const auto expected =
        padded(hex("020000000011 020000000022 0806 0001 0800 06 04 0002 "
                   "020000000022 0a090002 020000000011 00000000"));
    EXPECT_EQ(answered(probe), expected);
}

TEST(NeighbourArp, RequestToOurStationAloneIsAnswered) {
    auto question = arp_question();
    const auto own = hex(own_station);
    std::copy(own.begin(), own.end(), question.begin());
    EXPECT_EQ(answered(question), answered(arp_question()));
}

TEST(NeighbourArp, OtherArpIsNotAnswered) {
    const auto question = arp_question();
    EXPECT_EQ(answered(changed(question, 41, 3)), Frame{}) << "another host's address";
    EXPECT_EQ(answered(changed(question, 21, 2)), Frame{}) << "a reply";
    EXPECT_EQ(answered(changed(question, 15, 6)), Frame{}) << "not Ethernet";
    EXPECT_EQ(answered(changed(question, 31, 2)), Frame{}) << "an announcement";
    EXPECT_EQ(answered(changed(question, 22, 3)), Frame{}) << "a group as the asker";
    EXPECT_EQ(answered(changed(question, 0, 2)), Frame{}) << "sent to another station";
    EXPECT_EQ(answered(arp_question("81000001 81000002 81000000")), Frame{}) << "three tags";
}

TEST(NeighbourArp, TruncatedAtEveryLengthIsNoQuestion) {
    expect_no_answer_to_any_piece_of(arp_question());
    expect_no_answer_to_any_piece_of(arp_question("88a80005 81000064", "0a090003"));
}

TEST(NeighbourArp, AnswerThatDoesNotFitIsNotBegun) {
    EXPECT_EQ(answered(arp_question(), 59), Frame{});
    EXPECT_EQ(answered(arp_question(), 60).size(), 60u);
}

}  // namespace
}  // namespace roda::dpdk
