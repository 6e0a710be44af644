// SPDX-License-Identifier: Apache-2.0
// What a sender left to a device is computed; everything else stays as it came.
#include "dpdk/exception/complete_checksum.hpp"

#include <gtest/gtest.h>

#include "tests/support/frame_builder.hpp"

namespace roda::dpdk {
namespace {

using roda::test::Bytes;

constexpr std::size_t ipv4_payload_at = 14 + 20;
constexpr std::size_t ipv6_payload_at = 14 + 40;

Bytes completed(Bytes frame) {
    complete_checksum(frame);
    return frame;
}

Bytes with_field(Bytes frame, std::size_t at, std::size_t value) {
    roda::test::put_u16(frame, at, value);
    return frame;
}

TEST(CompleteChecksum, ComputesWhatTheSenderLeftToADevice) {
    const Bytes payload(101, std::byte{0x5a});
    const Bytes v4 = roda::test::telemetry_frame(payload);
    EXPECT_EQ(completed(with_field(v4, ipv4_payload_at + 6, 0x1234)), v4);
    const Bytes v6 =
        roda::test::telemetry_frame(payload, {.between = roda::test::ipv6_endpoints()});
    EXPECT_EQ(completed(with_field(v6, ipv6_payload_at + 6, 0x1234)), v6);
    EXPECT_EQ(completed(v4), v4);
}

TEST(CompleteChecksum, ComputesThatOfTcp) {
    Bytes segment(20 + 33, std::byte{0x11});
    const auto of = [&](std::size_t field) {
        roda::test::put_u16(segment, 16, field);
        return roda::test::ethernet(roda::test::ethertype_ipv4,
                                    roda::test::ipv4(segment, {.protocol = 6}));
    };
    const roda::test::Endpoints between;
    roda::test::put_u16(segment, 16, 0);
    Bytes checked = roda::test::address_bytes(between.source);
    roda::test::append(checked, roda::test::address_bytes(between.destination));
    roda::test::append_u16(checked, segment.size());
    roda::test::append_u16(checked, 6);
    roda::test::append(checked, segment);
    EXPECT_EQ(completed(of(0xbeef)), of(roda::test::naive_checksum(checked)));
}

TEST(CompleteChecksum, LeavesAloneWhatHasNone) {
    const Bytes payload(40, std::byte{1});
    const Bytes without = roda::test::telemetry_frame(payload, {.with_checksum = false});
    const Bytes fragment = roda::test::ethernet(
        roda::test::ethertype_ipv4,
        roda::test::ipv4(roda::test::udp(payload), {.flags_and_offset = 0x2000}));
    const Bytes ping = roda::test::ethernet(
        roda::test::ethertype_ipv4, roda::test::ipv4(roda::test::icmp_echo(true), {.protocol = 1}));
    const Bytes wrong =
        with_field(roda::test::telemetry_frame(payload), ipv4_payload_at + 6, 0x1234);
    const Bytes cut(wrong.begin(), wrong.end() - 1);
    const Bytes arp = roda::test::ethernet(roda::test::ethertype_arp, roda::test::arp(1));
    for (const Bytes& frame : {without, fragment, ping, cut, arp, Bytes(3)}) {
        EXPECT_EQ(completed(frame), frame);
    }
}

}  // namespace
}  // namespace roda::dpdk
