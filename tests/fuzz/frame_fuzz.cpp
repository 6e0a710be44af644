// SPDX-License-Identifier: Apache-2.0
// Any bytes as an Ethernet frame. The first byte of the input says who is asked: bits 0 and 1 the
// device's checksum verdict, bit 2 whether this host has addresses, bit 3 whether the buffer has
// cut the frame.
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
using proto::IpAddress;

void require(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "not true: %s\n", what);
        std::abort();
    }
}

/// Those that the golden captures are addressed to, as the corpus is.
const std::vector<IpAddress>& own_addresses() {
    static const std::vector<IpAddress> addresses = {
        IpAddress::v4(10, 77, 0, 1),
        {{0xfd, 0x77, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xaa, 0x01}},
    };
    return addresses;
}

bool lies_within(std::span<const std::byte> part, std::span<const std::byte> whole) {
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
    const auto& own = host.addresses;
    require(own.empty() || std::ranges::find(own, datagram.destination) != own.end(),
            "a datagram is for this host");
}

void check_parse(const proto::FrameView& frame, const proto::HostIdentity& host) {
    const proto::ParsedFrame parsed = proto::parse_frame(frame, host);
    switch (parsed.kind) {
        case FrameKind::datagram:
            require(frame.checksum != ChecksumVerdict::bad, "a bad checksum is refused");
            require(frame.wire_bytes <= frame.bytes.size(), "a cut frame is refused");
            return check_datagram(parsed.datagram, frame, host);
        case FrameKind::neighbour:
            return require(!host.addresses.empty(), "without an address nobody is answered");
        case FrameKind::refused:
            return require(static_cast<std::size_t>(parsed.refusal) < proto::frame_refusal_count,
                           "a refusal has a name");
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
    const auto bytes = static_cast<std::uint32_t>(copy.bytes().size());
    check_parse({.bytes = copy.bytes(),
                 .wire_bytes = (choice & 8) != 0 ? bytes + 1 : bytes,
                 .checksum = static_cast<ChecksumVerdict>(choice % 4 % 3),
                 .receive_ns = 1},
                host);
    return 0;
}
