// SPDX-License-Identifier: Apache-2.0
// Any bytes as an Ethernet frame. The first byte of the input says who is asked: bits 0 and 1 the
// device's checksum verdict, bit 2 whether this host has addresses, bit 3 whether the buffer has
// cut the frame, bit 4 whether it was put together from pieces, bit 5 whether the host has groups.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

#include "proto/frame.hpp"
#include "tests/fuzz/exact_copy.hpp"

namespace roda {
namespace {

using proto::ChecksumVerdict;
using proto::FrameKind;
using proto::FrameRefusal;
using proto::HostAddress;
using proto::IpAddress;
using Bytes = std::span<const std::byte>;

void require(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "not true: %s\n", what);
        std::abort();
    }
}

/// Those that the golden captures are addressed to, as the corpus is.
const std::vector<HostAddress>& own_addresses() {
    static const std::vector<HostAddress> addresses = {
        IpAddress::v4(10, 77, 0, 1),
        IpAddress{{0xfd, 0x77, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xaa, 0x01}},
        {IpAddress::v4(10, 78, 0, 1), 42},
    };
    return addresses;
}

const std::vector<HostAddress>& own_groups() {
    static const std::vector<HostAddress> groups = {
        IpAddress::v4(239, 77, 0, 1),
        IpAddress{{0xff, 0x05, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x77}},
    };
    return groups;
}

bool is_in(const std::vector<HostAddress>& list, const HostAddress& address) {
    return std::ranges::find(list, address) != list.end();
}

std::uint16_t word(Bytes bytes, std::size_t at) {
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[at]) << 8 |
                                      std::to_integer<unsigned>(bytes[at + 1]));
}

/// A second, plainer reading of what lies behind the Ethernet header and up to two tags.
struct Link {
    std::uint16_t ethertype;
    Bytes packet;
};

Link link_of(Bytes frame) {
    std::size_t at = 12;
    for (int tags = 0; tags < 2 && (word(frame, at) == 0x8100 || word(frame, at) == 0x88a8);
         ++tags) {
        at += 4;
    }
    return {word(frame, at), frame.subspan(at + 2)};
}

bool is_ipv4_piece(const Link& link) {
    return link.ethertype == 0x0800 && (word(link.packet, 6) & 0x3fff) != 0;
}

bool lies_within(Bytes part, Bytes whole) {
    return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

void check_datagram(const proto::Datagram& datagram,
                    const proto::FrameView& frame,
                    const proto::HostIdentity& host) {
    constexpr std::size_t ethernet_ipv4_udp_bytes = 14 + 20 + 8;
    require(lies_within(datagram.payload, frame.bytes), "the datagram lies within its frame");
    require(datagram.payload.size() + ethernet_ipv4_udp_bytes <= frame.bytes.size(),
            "the headers lie in front of the datagram");
    require(datagram.source.is_v4() == datagram.destination.is_v4(),
            "both ends speak the same version of IP");
    require(datagram.vlan_id < 4096, "a VLAN id has 12 bits");
    const HostAddress to(datagram.destination, datagram.vlan_id);
    require(host.addresses.empty() || is_in(host.addresses, to) || is_in(host.groups, to),
            "a datagram is for this host");
    require(!is_ipv4_piece(link_of(frame.bytes)), "a datagram is whole");
}

void check_fragment(const proto::FrameView& frame) {
    require(!frame.reassembled, "there are no pieces within a packet that was put together");
    require(frame.wire_bytes <= frame.bytes.size(), "a cut frame is refused");
    const Link link = link_of(frame.bytes);
    require(link.ethertype == 0x86dd || is_ipv4_piece(link), "a piece says that it is one");
    constexpr std::size_t fixed_header_bytes = 40;
    const auto is_fragment_header = [](std::byte byte) { return byte == std::byte{44}; };
    require(link.ethertype != 0x86dd || link.packet[6] == std::byte{44} ||
                std::ranges::any_of(link.packet.subspan(fixed_header_bytes), is_fragment_header),
            "a piece has a fragment header");
}

void check_neighbour(const proto::FrameView& frame, const proto::HostIdentity& host) {
    require(!host.addresses.empty(), "without an address nobody is answered");
    const Link link = link_of(frame.bytes);
    require(link.ethertype == 0x0800 || link.ethertype == 0x0806 || link.ethertype == 0x86dd,
            "a question is ARP or IP");
    require(!is_ipv4_piece(link), "a piece is no question");
}

void check_parse(const proto::FrameView& frame, const proto::HostIdentity& host) {
    const proto::ParsedFrame parsed = proto::parse_frame(frame, host);
    switch (parsed.kind) {
        case FrameKind::datagram:
            require(frame.checksum != ChecksumVerdict::bad, "a bad checksum is refused");
            require(frame.wire_bytes <= frame.bytes.size(), "a cut frame is refused");
            return check_datagram(parsed.datagram, frame, host);
        case FrameKind::neighbour:
            return check_neighbour(frame, host);
        case FrameKind::fragment:
            return check_fragment(frame);
        case FrameKind::refused:
            require(static_cast<std::size_t>(parsed.refusal) < proto::frame_refusal_count,
                    "a refusal has a name");
            return require(parsed.refusal != FrameRefusal::fragment,
                           "a piece is refused by who does not put it together");
    }
    require(false, "a frame is of some kind");
}

}  // namespace
}  // namespace roda

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace roda;
    if (size == 0) {
        return 0;
    }
    const unsigned choice = data[0];
    const fuzz::ExactCopy copy(data + 1, size - 1);
    proto::HostIdentity host;
    if ((choice & 4) != 0) {
        host.addresses = own_addresses();
    }
    if ((choice & 32) != 0) {
        host.groups = own_groups();
    }
    const auto bytes = static_cast<std::uint32_t>(copy.bytes().size());
    check_parse({.bytes = copy.bytes(),
                 .wire_bytes = (choice & 8) != 0 ? bytes + 1 : bytes,
                 .checksum = static_cast<ChecksumVerdict>(choice % 4 % 3),
                 .receive_ns = 1,
                 .reassembled = (choice & 16) != 0},
                host);
    return 0;
}
