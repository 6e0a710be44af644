// SPDX-License-Identifier: Apache-2.0
#include "proto/frame.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/proto/frame_judgement.hpp"
#include "tests/proto/guarded_memory.hpp"
#include "tests/support/no_alloc.hpp"

namespace roda {
namespace {

using namespace test;  // the builder is this file's language

/// A checksum that is right again after a header field was changed.
void mend_ipv4_checksum(Bytes& packet, std::size_t header_bytes = 20) {
    put_u16(packet, 10, 0);
    put_u16(packet, 10, naive_checksum(std::span(packet).first(header_bytes)));
}

void expect_datagram(const Bytes& frame, const Endpoints& between, std::uint16_t vlan_id) {
    for (const HostIdentity& identity :
         {anyone, HostIdentity{.addresses = {own_v4, {between.destination, vlan_id}}}}) {
        const ParsedFrame parsed = proto::parse_frame(view(frame), identity);
        ASSERT_EQ(name(parsed), "datagram");
        EXPECT_TRUE(std::ranges::equal(parsed.datagram.payload, payload));
        EXPECT_EQ(parsed.datagram.source, between.source);
        EXPECT_EQ(parsed.datagram.destination, between.destination);
        EXPECT_EQ(parsed.datagram.source_port, 40000);
        EXPECT_EQ(parsed.datagram.vlan_id, vlan_id);
    }
}

TEST(Frame, Ipv4DatagramIsFoundWithItsOrigin) {
    expect_datagram(telemetry_frame(payload), {}, 0);
}

TEST(Frame, Ipv6DatagramIsFoundWithItsOrigin) {
    const Endpoints between = ipv6_endpoints();
    expect_datagram(telemetry_frame(payload, {.between = between}), between, 0);
}

TEST(Frame, PayloadIsBorrowedNotCopied) {
    const Bytes frame = telemetry_frame(payload);
    const ParsedFrame parsed = proto::parse_frame(view(frame), host);
    EXPECT_EQ(parsed.datagram.payload.data(), frame.data() + 14 + 20 + 8);
}

TEST(Frame, EmptyPayloadIsADatagram) {
    const Bytes frame = telemetry_frame({});
    const ParsedFrame parsed = proto::parse_frame(view(frame), host);
    EXPECT_EQ(name(parsed), "datagram");
    EXPECT_TRUE(parsed.datagram.payload.empty());
}

TEST(Frame, EthernetPaddingIsNoPayload) {
    const Bytes frame = padded(telemetry_frame(payload));
    ASSERT_EQ(frame.size(), 60u);
    expect_datagram(frame, {}, 0);
}

TEST(Frame, BytesBehindTheUdpLengthAreNoPayload) {
    const Bytes trailed = concat(udp(payload), bytes_of({1, 2, 3}));
    expect_datagram(ethernet(ethertype_ipv4, ipv4(trailed)), {}, 0);
}

TEST(Frame, InnermostVlanTagNamesTheVlan) {
    const Bytes packet = ipv4(udp(payload));
    expect_datagram(ethernet(ethertype_ipv4, packet, {{0x8100, 0xe064}}), {}, 100);
    expect_datagram(ethernet(ethertype_ipv4, packet, {{0x88a8, 7}, {0x8100, 4094}}), {}, 4094);
    expect_datagram(ethernet(ethertype_ipv4, packet, {{0x8100, 7}, {0x8100, 0}}), {}, 0);
}

TEST(Frame, ThirdVlanTagIsAnUnknownEthertype) {
    const Bytes packet = ipv4(udp(payload));
    EXPECT_EQ(judge(ethernet(ethertype_ipv4, packet, {{0x88a8, 1}, {0x8100, 2}, {0x8100, 3}})),
              "unknown_ethertype");
}

TEST(Frame, OtherEthertypesAreUnknown) {
    EXPECT_EQ(judge(padded(ethernet(0x88cc, payload))), "unknown_ethertype");
    EXPECT_EQ(judge(padded(ethernet(46, payload))), "unknown_ethertype");  // 802.3 length
}

TEST(Frame, LongerThanTheLimitOrTheBufferIsOversized) {
    const Bytes frame = telemetry_frame(payload);
    const auto size = static_cast<std::uint32_t>(frame.size());
    HostIdentity tight = host;
    tight.max_frame_bytes = size;
    EXPECT_EQ(judge(frame, tight), "datagram");
    tight.max_frame_bytes = size - 1;
    EXPECT_EQ(judge(frame, tight), "oversized");

    proto::FrameView cut = view(frame);
    cut.wire_bytes = size + 1;
    EXPECT_EQ(name(proto::parse_frame(cut, host)), "oversized");
}

TEST(Frame, EveryCutIsTruncatedAndReadsNothingBehindIt) {
    GuardedMemory memory(4096);
    const Bytes question = arp(1, {});
    for (const Bytes& frame : {telemetry_frame(payload),
                               telemetry_frame(payload, {.between = ipv6_endpoints()}),
                               ethernet(ethertype_ipv4, ipv4(udp(payload)), {{}, {}}),
                               ethernet(ethertype_arp, question)}) {
        for (std::size_t length = 0; length < frame.size(); ++length) {
            const auto cut = memory.copy(std::span(frame).first(length));
            ASSERT_EQ(name(proto::parse_frame(view(cut), host)), "truncated") << length;
        }
        EXPECT_NE(name(proto::parse_frame(view(memory.copy(frame)), host)), "truncated");
    }
}

TEST(Frame, Ipv4OptionsAreStepped) {
    const Bytes options(40, std::byte{1});
    expect_datagram(ethernet(ethertype_ipv4, ipv4(udp(payload), {.options = options})), {}, 0);
}

TEST(Frame, ContradictingIpv4HeadersAreRefused) {
    const auto judge_changed = [](std::size_t at, int value) {
        Bytes packet = ipv4(udp(payload));
        packet[at] = static_cast<std::byte>(value);
        mend_ipv4_checksum(packet);
        return judge_ipv4(packet);
    };
    EXPECT_EQ(judge_changed(0, 0x65), "bad_ip_header");  // version
    EXPECT_EQ(judge_changed(0, 0x44), "bad_ip_header");  // header length
    EXPECT_EQ(judge_changed(3, 19), "bad_ip_header");    // total length
    EXPECT_EQ(judge_changed(2, 1), "truncated");
}

TEST(Frame, Ipv4ChecksumIsVerifiedUnlessTheDeviceDid) {
    Bytes packet = ipv4(udp(payload));
    packet[8] ^= std::byte{1};  // time to live: nothing else looks at it
    const Bytes frame = ethernet(ethertype_ipv4, packet);
    EXPECT_EQ(judge(frame), "bad_ip_checksum");
    EXPECT_EQ(judge(frame, host, ChecksumVerdict::bad), "bad_ip_checksum");
    EXPECT_EQ(judge(frame, host, ChecksumVerdict::good), "datagram");
}

TEST(Frame, Ipv6ExtensionHeadersAreWalked) {
    const Endpoints between = ipv6_endpoints();
    Bytes chain = extension_header(60);
    append(chain, extension_header(43, 2));
    append(chain, extension_header(17, 1));
    append(chain, udp(payload, {.between = between}));
    expect_datagram(ethernet(ethertype_ipv6, ipv6(chain, {.next_header = 0})), between, 0);
}

TEST(Frame, ContradictingIpv6HeadersAreRefused) {
    const Bytes segment = udp(payload, {.between = ipv6_endpoints()});
    Bytes packet = ipv6(segment);
    packet[0] = std::byte{0x45};
    EXPECT_EQ(judge_ipv6(packet), "bad_ip_header");
    EXPECT_EQ(judge_ipv6(ipv6(bytes_of({17, 0, 0, 0}), {.next_header = 60})), "bad_ip_header");
    EXPECT_EQ(judge_ipv6(ipv6(bytes_of({17, 1, 0, 0, 0, 0, 0, 0}), {.next_header = 60})),
              "bad_ip_header");
}

TEST(Frame, Ipv6PacketOnItsWayElsewhereIsRefused) {
    Bytes routing = extension_header(17);
    routing[3] = std::byte{1};  // segments left
    const Bytes segment = udp(payload, {.between = ipv6_endpoints()});
    EXPECT_EQ(judge_ipv6(ipv6(concat(routing, segment), {.next_header = 43})), "wrong_address");
}

TEST(Frame, MappedAddressesNeverTravelInIpv6) {
    const Endpoints forged = {IpAddress::v4(10, 0, 0, 1), ipv6_address(0x2001, 2)};
    EXPECT_EQ(judge_ipv6(ipv6(udp(payload), {.between = forged})), "bad_ip_header");
}

TEST(Frame, OtherHostsDatagramsAreRefusedUnlessEveryDestinationIsOurs) {
    const Endpoints elsewhere = {.destination = IpAddress::v4(10, 0, 0, 3)};
    const Bytes v4 = telemetry_frame(payload, {.between = elsewhere});
    EXPECT_EQ(judge(v4), "wrong_address");
    EXPECT_EQ(judge(v4, anyone), "datagram");
    const Bytes v6 =
        telemetry_frame(payload, {.between = {ipv6_address(0x2001, 1), ipv6_address(0x2001, 3)}});
    EXPECT_EQ(judge(v6), "wrong_address");
    EXPECT_EQ(judge(v6, anyone), "datagram");
}

TEST(Frame, ArpRequestForOurAddressIsANeighbour) {
    const auto judge_arp = [](const Bytes& packet, const HostIdentity& identity) {
        return judge(padded(ethernet(ethertype_arp, packet)), identity);
    };
    const Endpoints elsewhere = {.destination = IpAddress::v4(10, 0, 0, 3)};
    EXPECT_EQ(judge_arp(arp(1), host), "neighbour");
    EXPECT_EQ(judge_arp(arp(1), anyone), "wrong_address");
    EXPECT_EQ(judge_arp(arp(1, elsewhere), host), "wrong_address");
    EXPECT_EQ(judge_arp(arp(2), host), "unknown_protocol");
    Bytes other_hardware = arp(1);
    other_hardware[1] = std::byte{6};
    EXPECT_EQ(judge_arp(other_hardware, host), "unknown_protocol");
}

TEST(Frame, OtherProtocolsAreUnknown) {
    EXPECT_EQ(judge_ipv4(ipv4(Bytes(20), {.protocol = 6})), "unknown_protocol");
    EXPECT_EQ(judge_ipv6(ipv6(Bytes(20), {.next_header = 58})), "unknown_protocol");
    EXPECT_EQ(judge_ipv6(ipv6({}, {.next_header = 59})), "unknown_protocol");
}

TEST(Frame, UdpLengthMustFitThePacket) {
    const auto judge_length = [](std::size_t length) {
        Bytes segment = udp(payload, {.with_checksum = false});
        put_u16(segment, 4, length);
        return judge_ipv4(ipv4(segment));
    };
    EXPECT_EQ(judge_length(7), "bad_udp_length");
    EXPECT_EQ(judge_length(8), "datagram");
    EXPECT_EQ(judge_length(8 + payload.size()), "datagram");
    EXPECT_EQ(judge_length(8 + payload.size() + 1), "bad_udp_length");
    EXPECT_EQ(judge_ipv4(ipv4(Bytes(7))), "bad_udp_length");
}

TEST(Frame, UdpChecksumIsVerifiedUnlessTheDeviceDid) {
    for (const Endpoints& between : {Endpoints{}, ipv6_endpoints()}) {
        Bytes frame = telemetry_frame(payload, {.between = between});
        EXPECT_EQ(judge(frame, host, ChecksumVerdict::bad), "bad_udp_checksum");
        frame.back() ^= std::byte{1};
        EXPECT_EQ(judge(frame), "bad_udp_checksum");
        EXPECT_EQ(judge(frame, host, ChecksumVerdict::good), "datagram");
    }
}

TEST(Frame, UdpChecksumCoversTheAddresses) {
    Bytes frame = telemetry_frame(payload, {.between = ipv6_endpoints()});
    frame[14 + 8 + 3] ^= std::byte{1};
    EXPECT_EQ(judge(frame), "bad_udp_checksum");
}

TEST(Frame, AbsentUdpChecksumIsAcceptedOverIpv4Only) {
    EXPECT_EQ(judge(telemetry_frame(payload, {.with_checksum = false})), "datagram");
    EXPECT_EQ(
        judge(telemetry_frame(payload, {.between = ipv6_endpoints(), .with_checksum = false})),
        "bad_udp_checksum");
}

TEST(Frame, ChecksumThatSumsToZeroIsSentAsOnes) {
    // One payload of two bytes makes the sum zero; the sender then writes ffff (RFC 768).
    for (unsigned word = 0; word <= 0xffff; ++word) {
        Bytes two;
        append_u16(two, word);
        const Bytes segment = udp(two);
        if (segment[6] == std::byte{0xff} && segment[7] == std::byte{0xff}) {
            EXPECT_EQ(judge_ipv4(ipv4(segment)), "datagram");
            return;
        }
    }
    FAIL() << "no such payload";
}

TEST(Frame, OtherPortsAreRefused) {
    EXPECT_EQ(judge(telemetry_frame(payload, {.destination_port = 17751})), "wrong_port");
    HostIdentity other = host;
    other.ingest_port = 17751;
    EXPECT_EQ(judge(telemetry_frame(payload, {.destination_port = 17751}), other), "datagram");
}

TEST(Frame, RefusalsAreJudgedFromTheOutsideIn) {
    const Endpoints elsewhere = {.destination = IpAddress::v4(10, 0, 0, 3)};
    Bytes segment = udp(payload, {.between = elsewhere, .destination_port = 1});
    segment[6] ^= std::byte{1};
    const auto packet = [&](std::uint16_t flags, std::uint8_t protocol) {
        return ipv4(segment,
                    {.between = elsewhere, .protocol = protocol, .flags_and_offset = flags});
    };
    EXPECT_EQ(judge_ipv4(packet(0x2000, 17)), "wrong_address");
    EXPECT_EQ(judge_ipv4(packet(0x2000, 6), anyone), "bad_ip_header");  // 19 bytes and more to come
    EXPECT_EQ(judge_ipv4(packet(0, 6)), "wrong_address");
    EXPECT_EQ(judge_ipv4(packet(0, 6), anyone), "unknown_protocol");
    EXPECT_EQ(judge_ipv4(packet(0, 17), anyone), "bad_udp_checksum");
    segment[6] ^= std::byte{1};
    EXPECT_EQ(judge_ipv4(packet(0, 17), anyone), "wrong_port");
}

TEST(Frame, RandomDamageNeverReadsOutsideTheFrame) {
    std::mt19937_64 random(20);
    GuardedMemory memory(4096);
    Bytes chain = concat(extension_header(43, 1), extension_header(17));
    append(chain, udp(payload, {.between = ipv6_endpoints()}));
    const Bytes solicitation = concat(bytes_of({135, 0, 0, 0, 0, 0, 0, 0}), address_bytes(own_v6));
    const Bytes igmp_query = bytes_of({0x11, 0, 0, 0, 239, 1, 2, 3});
    const Bytes mld_query = concat(bytes_of({58, 0, 5, 2, 0, 0, 1, 0, 130, 0, 0, 0, 0, 0, 0, 0}),
                                   address_bytes(group_v6));
    const Bytes frames[] = {
        telemetry_frame(payload),
        broadcast(telemetry_frame(payload)),
        telemetry_frame(payload, {.between = {.destination = group_v4}}),
        ethernet(ethertype_ipv4, ipv4(udp(payload), {.options = Bytes(8)}), {{}}),
        ethernet(ethertype_ipv4, ipv4(Bytes(16), {.flags_and_offset = 0x2001})),
        ethernet(ethertype_ipv4, ipv4(igmp_query, {.protocol = 2})),
        ethernet(ethertype_ipv6, ipv6(chain, {.next_header = 60})),
        ethernet(ethertype_ipv6, ipv6(concat(extension_header(17), chain), {.next_header = 44})),
        ethernet(ethertype_ipv6, ipv6(solicitation, {.next_header = 58})),
        ethernet(ethertype_ipv6, ipv6(mld_query, {.next_header = 0})),
        ethernet(ethertype_arp, arp(1))};
    std::array<int, proto::frame_refusal_count> seen{};
    std::array<int, 4> kinds{};
    for (int round = 0; round < 80'000; ++round) {
        Bytes frame = frames[random() % std::size(frames)];
        for (auto damages = 1 + random() % 3; damages > 0; --damages) {
            frame[random() % frame.size()] = static_cast<std::byte>(random());
        }
        frame.resize(random() % 4 == 0 ? random() % frame.size() : frame.size());
        const auto verdict = random() % 2 == 0 ? ChecksumVerdict::good : ChecksumVerdict::unknown;
        const ParsedFrame parsed = proto::parse_frame(view(memory.copy(frame), verdict), member);
        ++kinds.at(static_cast<std::size_t>(parsed.kind));
        if (parsed.kind == FrameKind::refused) {
            ++seen.at(static_cast<std::size_t>(parsed.refusal));
        }
    }
    EXPECT_GT(*std::ranges::min_element(kinds), 0);
    for (std::size_t i = 0; i < seen.size(); ++i) {
        const auto why = static_cast<FrameRefusal>(i);
        const bool never = why == FrameRefusal::oversized || why == FrameRefusal::fragment;
        EXPECT_EQ(seen[i] == 0, never) << proto::frame_refusal_names[i];
    }
}

TEST(Frame, NothingIsAllocated) {
    const Bytes frame = telemetry_frame(payload);
    const NoAllocation guard;
    proto::parse_frame(view(frame), host);
    const auto heap_calls = guard.violations();
    EXPECT_EQ(heap_calls, 0u);
}

TEST(IpAddress, OnlyMappedAddressesAreIpv4) {
    EXPECT_TRUE(IpAddress::v4(255, 1, 2, 3).is_v4());
    EXPECT_FALSE(ipv6_address(0x2001, 1).is_v4());
    EXPECT_FALSE(IpAddress{}.is_v4());
}

}  // namespace
}  // namespace roda
