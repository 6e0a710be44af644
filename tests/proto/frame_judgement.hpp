// SPDX-License-Identifier: Apache-2.0
// What a frame is to a host, in one word; the language of the frame tests.
#pragma once

#include <string>

#include "proto/frame.hpp"
#include "tests/support/frame_builder.hpp"

namespace roda::test {

using proto::ChecksumVerdict;
using proto::FrameKind;
using proto::FrameRefusal;
using proto::HostIdentity;
using proto::ParsedFrame;

inline const Bytes payload = bytes_of("odd payload");

/// A mirror port.
inline const HostIdentity anyone{};

inline const HostIdentity host{
    .addresses = {IpAddress::v4(10, 0, 0, 9), IpAddress::v4(10, 0, 0, 2), ipv6_address(0x2001, 2)}};

/// "datagram", "neighbour", "fragment to keep", or the label of the refusal.
inline std::string name(const ParsedFrame& parsed) {
    switch (parsed.kind) {
        case FrameKind::datagram:
            return "datagram";
        case FrameKind::neighbour:
            return "neighbour";
        case FrameKind::fragment:
            return "fragment to keep";
        case FrameKind::refused:
            return std::string(
                proto::frame_refusal_names.at(static_cast<std::size_t>(parsed.refusal)));
    }
    return "?";
}

inline std::string judge(const Bytes& frame,
                         const HostIdentity& identity = host,
                         ChecksumVerdict checksum = ChecksumVerdict::unknown) {
    return name(proto::parse_frame(view(frame, checksum), identity));
}

inline std::string judge_ipv4(const Bytes& packet, const HostIdentity& identity = host) {
    return judge(ethernet(ethertype_ipv4, packet), identity);
}

inline std::string judge_ipv6(const Bytes& packet, const HostIdentity& identity = host) {
    return judge(ethernet(ethertype_ipv6, packet), identity);
}

inline Bytes concat(Bytes front, const Bytes& back) {
    append(front, back);
    return front;
}

/// To ff:ff:ff:ff:ff:ff.
inline Bytes broadcast(Bytes frame) {
    std::fill_n(frame.begin(), 6, std::byte{0xff});
    return frame;
}

inline const IpAddress own_v4 = Endpoints{}.destination;
inline const IpAddress own_v6 = ipv6_endpoints().destination;
inline const IpAddress group_v4 = IpAddress::v4(239, 1, 2, 3);
inline const IpAddress group_v6 = ipv6_address(0xff05, 0x77);

/// A host with groups; one of each version on a VLAN only.
inline const HostIdentity member{
    .addresses = {own_v4, own_v6},
    .groups = {
        group_v4, group_v6, {IpAddress::v4(239, 1, 2, 4), 100}, {ipv6_address(0xff05, 0x78), 100}}};

}  // namespace roda::test
