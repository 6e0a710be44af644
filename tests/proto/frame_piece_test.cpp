// SPDX-License-Identifier: Apache-2.0
// Pieces of datagrams: which are kept to be put together, and which can belong to none.
#include <gtest/gtest.h>

#include "tests/proto/frame_judgement.hpp"

namespace roda {
namespace {

using namespace test;  // the builder is this file's language

constexpr std::uint16_t more = 0x2000;
const Bytes sixteen(16);

std::string judge_v4_piece(std::uint16_t flags_and_offset,
                           const Bytes& piece = sixteen,
                           const Ipv4Fields& fields = {},
                           const HostIdentity& identity = host) {
    Ipv4Fields cut = fields;
    cut.flags_and_offset = flags_and_offset;
    return judge_ipv4(ipv4(piece, cut), identity);
}

/// Behind the IPv6 header, or behind what comes in front.
Bytes fragment_header(std::size_t offset_bytes, bool more_follow, std::uint8_t next = 17) {
    Bytes header = bytes_of({next, 0xee, 0, 0, 1, 2, 3, 4});  // the second byte is reserved
    put_u16(header, 2, offset_bytes | (more_follow ? 1 : 0));
    return header;
}

Bytes v6_piece(std::size_t offset_bytes, bool more_follow, const Bytes& piece = sixteen) {
    return concat(fragment_header(offset_bytes, more_follow), piece);
}

std::string judge_v6_piece(const Bytes& chain,
                           std::uint8_t next_header = 44,
                           const HostIdentity& identity = host,
                           const IpAddress& to = own_v6) {
    return judge_ipv6(
        ipv6(chain, {.between = {ipv6_endpoints().source, to}, .next_header = next_header}),
        identity);
}

TEST(FramePiece, PiecesForUsAreToBeKept) {
    EXPECT_EQ(judge_v4_piece(more), "fragment to keep");
    EXPECT_EQ(judge_v4_piece(more | 2), "fragment to keep");
    EXPECT_EQ(judge_v4_piece(2), "fragment to keep");
    EXPECT_EQ(judge_v4_piece(2, bytes_of({1})), "fragment to keep");  // the last: any length
    EXPECT_EQ(judge_v4_piece(more, sixteen, {.options = Bytes(8)}), "fragment to keep");
    EXPECT_EQ(judge_v6_piece(v6_piece(0, true)), "fragment to keep");
    EXPECT_EQ(judge_v6_piece(v6_piece(16, true)), "fragment to keep");
    EXPECT_EQ(judge_v6_piece(v6_piece(16, false, bytes_of({1}))), "fragment to keep");
}

TEST(FramePiece, GroupsAndMirrorPortsHaveTheirPieces) {
    const Ipv4Fields to_group = {.between = {.destination = group_v4}};
    EXPECT_EQ(judge_v4_piece(more, sixteen, to_group, member), "fragment to keep");
    EXPECT_EQ(judge_v4_piece(more, sixteen, to_group, host), "other_group");
    EXPECT_EQ(judge_v4_piece(more, sixteen, to_group, anyone), "fragment to keep");
    EXPECT_EQ(judge_v6_piece(v6_piece(0, true), 44, member, group_v6), "fragment to keep");
    EXPECT_EQ(judge_v6_piece(v6_piece(0, true), 44, host, group_v6), "other_group");
}

TEST(FramePiece, OthersPiecesAreNotKept) {
    const Ipv4Fields elsewhere = {.between = {.destination = IpAddress::v4(10, 0, 0, 3)}};
    EXPECT_EQ(judge_v4_piece(more, sixteen, elsewhere), "wrong_address");
    EXPECT_EQ(judge_v6_piece(v6_piece(0, true), 44, host, ipv6_address(0x2001, 3)),
              "wrong_address");
    EXPECT_EQ(judge(broadcast(ethernet(ethertype_ipv4, ipv4(sixteen, {.flags_and_offset = more})))),
              "broadcast");
}

TEST(FramePiece, TheFragmentHeaderMayStandAnywhereInTheChain) {
    const Bytes chain = concat(extension_header(43, 1), extension_header(44));
    EXPECT_EQ(judge_v6_piece(concat(chain, v6_piece(0, true)), 0), "fragment to keep");
    // What follows it belongs to the first piece; of the others it is any bytes.
    const Bytes behind = concat(fragment_header(8, true, 60), Bytes(8, std::byte{0xff}));
    EXPECT_EQ(judge_v6_piece(behind), "fragment to keep");
}

TEST(FramePiece, PieceOnItsWayElsewhereIsRefused) {
    Bytes routing = extension_header(44);
    routing[3] = std::byte{1};  // segments left
    EXPECT_EQ(judge_v6_piece(concat(routing, v6_piece(0, true)), 43), "wrong_address");
}

TEST(FramePiece, PiecesOfOtherProtocolsAreTheKernels) {
    EXPECT_EQ(judge_v4_piece(more, sixteen, {.protocol = 1}), "unknown_protocol");
    EXPECT_EQ(judge_v4_piece(2, sixteen, {.protocol = 6}), "unknown_protocol");
    EXPECT_EQ(judge_v4_piece(2, sixteen, {.protocol = 0}), "unknown_protocol");
    EXPECT_EQ(judge_v6_piece(concat(fragment_header(8, true, 58), sixteen)), "unknown_protocol");
}

TEST(FramePiece, OnlyTheLastPieceMayHaveAnOddEnd) {
    EXPECT_EQ(judge_v4_piece(more, Bytes(15)), "bad_ip_header");
    EXPECT_EQ(judge_v4_piece(more, {}), "bad_ip_header");
    EXPECT_EQ(judge_v4_piece(2, {}), "bad_ip_header");
    EXPECT_EQ(judge_v6_piece(v6_piece(0, true, Bytes(15))), "bad_ip_header");
    EXPECT_EQ(judge_v6_piece(v6_piece(8, false, {})), "bad_ip_header");
}

TEST(FramePiece, NoPieceEndsBehindTheLongestPacket) {
    // 65,535 = 20 of the header + 8,189 x 8 + 3.
    EXPECT_EQ(judge_v4_piece(8189, Bytes(3)), "fragment to keep");
    EXPECT_EQ(judge_v4_piece(8189, Bytes(4)), "bad_ip_header");
    EXPECT_EQ(judge_v4_piece(8188, Bytes(4), {.options = Bytes(8)}), "bad_ip_header");
    EXPECT_EQ(judge_v4_piece(8188, Bytes(3), {.options = Bytes(8)}), "fragment to keep");
    // Of IPv6 the payload counts, with what stands in front of the fragment header.
    EXPECT_EQ(judge_v6_piece(v6_piece(65528, false, Bytes(7))), "fragment to keep");
    EXPECT_EQ(judge_v6_piece(v6_piece(65528, false, Bytes(8))), "bad_ip_header");
    EXPECT_EQ(judge_v6_piece(concat(extension_header(44), v6_piece(65528, false, Bytes(1))), 0),
              "bad_ip_header");
}

TEST(FramePiece, AWholePacketMayCallItselfAPiece) {
    const Bytes whole =
        concat(fragment_header(0, false), udp(payload, {.between = ipv6_endpoints()}));
    EXPECT_EQ(judge_v6_piece(whole), "datagram");
    Bytes reserved = whole;
    reserved[3] |= std::byte{0x06};
    EXPECT_EQ(judge_v6_piece(reserved), "datagram");
    const Bytes options = concat(concat(fragment_header(0, false, 60), extension_header(17)),
                                 udp(payload, {.between = ipv6_endpoints()}));
    EXPECT_EQ(judge_v6_piece(options), "datagram");
}

TEST(FramePiece, APacketThatWasPutTogetherHoldsNoPieces) {
    const Bytes v4 = ethernet(ethertype_ipv4, ipv4(sixteen, {.flags_and_offset = more}));
    const Bytes v6 = ethernet(ethertype_ipv6, ipv6(v6_piece(0, true), {.next_header = 44}));
    for (const Bytes& frame : {v4, v6}) {
        proto::FrameView whole = view(frame);
        whole.reassembled = true;
        EXPECT_EQ(name(proto::parse_frame(whole, host)), "bad_ip_header");
    }
}

TEST(FramePiece, APacketThatWasPutTogetherMayBeLongerThanTheLinks) {
    const Bytes frame = telemetry_frame(Bytes(8000));
    proto::FrameView whole = view(frame);
    EXPECT_EQ(name(proto::parse_frame(whole, host)), "oversized");
    whole.reassembled = true;
    EXPECT_EQ(name(proto::parse_frame(whole, host)), "datagram");
}

}  // namespace
}  // namespace roda
