// SPDX-License-Identifier: Apache-2.0
// Frames for tests, from the inside out: ethernet(ipv4(udp(payload))). Valid unless a field says
// otherwise; checksums are computed word by word, on purpose not with the code under test.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "proto/frame.hpp"

namespace roda::test {

using Bytes = std::vector<std::byte>;
using proto::IpAddress;

inline Bytes bytes_of(std::initializer_list<int> values) {
    Bytes bytes;
    for (const int value : values) {
        bytes.push_back(static_cast<std::byte>(value));
    }
    return bytes;
}

inline Bytes bytes_of(std::string_view text) {
    const auto raw = std::as_bytes(std::span(text));
    return {raw.begin(), raw.end()};
}

inline void append(Bytes& bytes, std::span<const std::byte> more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
}

inline void append_u8(Bytes& bytes, unsigned value) {
    bytes.push_back(static_cast<std::byte>(value));
}

inline void append_u16(Bytes& bytes, std::size_t value) {
    append_u8(bytes, static_cast<unsigned>(value >> 8 & 0xff));
    append_u8(bytes, static_cast<unsigned>(value & 0xff));
}

inline void put_u16(Bytes& bytes, std::size_t at, std::size_t value) {
    bytes.at(at) = static_cast<std::byte>(value >> 8 & 0xff);
    bytes.at(at + 1) = static_cast<std::byte>(value & 0xff);
}

/// RFC 1071 as it is written there.
inline std::uint16_t naive_checksum(std::span<const std::byte> bytes) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = std::to_integer<std::uint32_t>(bytes[i]);
        sum += i % 2 == 0 ? byte << 8 : byte;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<std::uint16_t>(~sum);
}

inline IpAddress ipv6_address(std::uint16_t prefix, std::uint16_t host) {
    IpAddress address;
    address.bytes[0] = static_cast<std::uint8_t>(prefix >> 8);
    address.bytes[1] = static_cast<std::uint8_t>(prefix & 0xff);
    address.bytes[14] = static_cast<std::uint8_t>(host >> 8);
    address.bytes[15] = static_cast<std::uint8_t>(host & 0xff);
    return address;
}

/// As it lies in an IP header: 4 bytes of a mapped address, else 16.
inline Bytes address_bytes(const IpAddress& address) {
    const auto raw = std::as_bytes(std::span(address.bytes));
    return {raw.begin() + (address.is_v4() ? 12 : 0), raw.end()};
}

struct Endpoints {
    IpAddress source = IpAddress::v4(10, 0, 0, 1);
    IpAddress destination = IpAddress::v4(10, 0, 0, 2);
};

inline Endpoints ipv6_endpoints() {
    return {ipv6_address(0x2001, 1), ipv6_address(0x2001, 2)};
}

struct UdpFields {
    Endpoints between = {};
    std::uint16_t source_port = 40000;
    std::uint16_t destination_port = 17750;
    bool with_checksum = true;
};

inline Bytes udp(std::span<const std::byte> payload, const UdpFields& fields = {}) {
    Bytes segment;
    append_u16(segment, fields.source_port);
    append_u16(segment, fields.destination_port);
    append_u16(segment, 8 + payload.size());
    append_u16(segment, 0);
    append(segment, payload);
    if (fields.with_checksum) {
        Bytes checked = address_bytes(fields.between.source);
        append(checked, address_bytes(fields.between.destination));
        append_u16(checked, segment.size());
        append_u16(checked, 17);
        append(checked, segment);
        const std::uint16_t sum = naive_checksum(checked);
        put_u16(segment, 6, sum != 0 ? sum : 0xffff);
    }
    return segment;
}

inline Bytes icmp_echo(bool request, std::span<const std::byte> payload = {}) {
    Bytes message = bytes_of({request ? 8 : 0, 0, 0, 0, 0x12, 0x34, 0, 1});
    append(message, payload);
    put_u16(message, 2, naive_checksum(message));
    return message;
}

struct Ipv4Fields {
    Endpoints between = {};
    std::uint8_t protocol = 17;
    std::uint16_t flags_and_offset = 0x4000;  // do not fragment
    Bytes options = {};                       // a multiple of four bytes
};

inline Bytes ipv4(std::span<const std::byte> payload, const Ipv4Fields& fields = {}) {
    const std::size_t header_bytes = 20 + fields.options.size();
    Bytes packet;
    append_u8(packet, static_cast<unsigned>(0x40 | header_bytes / 4));
    append_u8(packet, 0);
    append_u16(packet, header_bytes + payload.size());
    append_u16(packet, 0x4242);
    append_u16(packet, fields.flags_and_offset);
    append_u8(packet, 64);
    append_u8(packet, fields.protocol);
    append_u16(packet, 0);
    append(packet, address_bytes(fields.between.source));
    append(packet, address_bytes(fields.between.destination));
    append(packet, fields.options);
    put_u16(packet, 10, naive_checksum(packet));
    append(packet, payload);
    return packet;
}

struct Ipv6Fields {
    Endpoints between = ipv6_endpoints();
    std::uint8_t next_header = 17;
};

/// `payload` begins with the extension headers, if any: extension_header(next) + udp(...).
inline Bytes ipv6(std::span<const std::byte> payload, const Ipv6Fields& fields = {}) {
    Bytes packet = bytes_of({0x60, 0, 0, 0});
    append_u16(packet, payload.size());
    append_u8(packet, fields.next_header);
    append_u8(packet, 64);
    append(packet, std::as_bytes(std::span(fields.between.source.bytes)));
    append(packet, std::as_bytes(std::span(fields.between.destination.bytes)));
    append(packet, payload);
    return packet;
}

/// Eight bytes and `more_units` times eight; the layout that all extension headers share.
inline Bytes extension_header(std::uint8_t next_header, std::uint8_t more_units = 0) {
    Bytes header(8u + 8u * more_units);
    header[0] = std::byte{next_header};
    header[1] = std::byte{more_units};
    return header;
}

inline Bytes arp(std::uint16_t operation, const Endpoints& between = {}) {
    Bytes packet = bytes_of({0, 1, 8, 0, 6, 4});
    append_u16(packet, operation);
    append(packet, bytes_of({2, 0, 0, 0, 0, 1}));
    append(packet, address_bytes(between.source));
    append(packet, bytes_of({0, 0, 0, 0, 0, 0}));
    append(packet, address_bytes(between.destination));
    return packet;
}

inline constexpr std::uint16_t ethertype_ipv4 = 0x0800;
inline constexpr std::uint16_t ethertype_arp = 0x0806;
inline constexpr std::uint16_t ethertype_ipv6 = 0x86dd;

struct VlanTag {
    std::uint16_t ethertype = 0x8100;
    std::uint16_t control = 0;  // priority and id
};

/// Outermost tag first. Not padded: see padded().
inline Bytes ethernet(std::uint16_t ethertype,
                      std::span<const std::byte> packet,
                      std::initializer_list<VlanTag> tags = {}) {
    Bytes frame = bytes_of({2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1});
    for (const VlanTag& tag : tags) {
        append_u16(frame, tag.ethertype);
        append_u16(frame, tag.control);
    }
    append_u16(frame, ethertype);
    append(frame, packet);
    return frame;
}

/// To Ethernet's minimum (without the check sequence), with bytes that must not matter.
inline Bytes padded(Bytes frame) {
    if (frame.size() < 60) {
        frame.resize(60, std::byte{0xa5});
    }
    return frame;
}

/// The frame of a gateway's datagram.
inline Bytes telemetry_frame(std::span<const std::byte> payload, const UdpFields& fields = {}) {
    const Bytes segment = udp(payload, fields);
    return fields.between.source.is_v4()
               ? ethernet(ethertype_ipv4, ipv4(segment, {.between = fields.between}))
               : ethernet(ethertype_ipv6, ipv6(segment, {.between = fields.between}));
}

inline proto::FrameView view(std::span<const std::byte> frame,
                             proto::ChecksumVerdict checksum = proto::ChecksumVerdict::unknown) {
    return {.bytes = frame,
            .wire_bytes = static_cast<std::uint32_t>(frame.size()),
            .checksum = checksum,
            .receive_ns = 0};
}

}  // namespace roda::test
