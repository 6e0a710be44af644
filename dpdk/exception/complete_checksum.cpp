// SPDX-License-Identifier: Apache-2.0
#include "dpdk/exception/complete_checksum.hpp"

#include <array>
#include <optional>

#include "dpdk/neighbour/packet_bytes.hpp"
#include "proto/checksum.hpp"

namespace roda::dpdk {

namespace {

constexpr std::uint8_t protocol_tcp = 6;
constexpr std::uint8_t protocol_udp = 17;

std::optional<detail::Packet> read_packet(const detail::Link& link, detail::Bytes frame) noexcept {
    const detail::Bytes packet = frame.subspan(link.header.size());
    switch (link.type) {
        case detail::type_ipv4:
            return detail::read_ipv4(packet);
        case detail::type_ipv6:
            return detail::read_ipv6(packet);
        default:
            return std::nullopt;
    }
}

/// Where the checksum lies in the payload; nothing where there is none to complete.
std::optional<std::size_t> field_of(const detail::Packet& packet) noexcept {
    constexpr std::size_t tcp_bytes = 20;
    constexpr std::size_t udp_bytes = 8;
    if (packet.protocol == protocol_tcp && packet.payload.size() >= tcp_bytes) {
        return 16;
    }
    const bool udp = packet.protocol == protocol_udp && packet.payload.size() >= udp_bytes &&
                     detail::load16(packet.payload, 4) == packet.payload.size();
    return udp && detail::load16(packet.payload, 6) != 0 ? std::optional<std::size_t>(6)
                                                         : std::nullopt;
}

}  // namespace

void complete_checksum(std::span<std::byte> frame) noexcept {
    const auto link = detail::read_link(frame);
    const auto packet = link ? read_packet(*link, frame) : std::nullopt;
    const auto field = packet ? field_of(*packet) : std::nullopt;
    if (!field) {
        return;
    }
    const auto payload_at = static_cast<std::size_t>(packet->payload.data() - frame.data());
    const std::span<std::byte> payload = frame.subspan(payload_at, packet->payload.size());
    detail::store16(payload, *field, 0);
    std::array<std::byte, 4> length_and_protocol{};
    detail::store16(length_and_protocol, 0, payload.size());
    length_and_protocol[3] = std::byte{packet->protocol};
    proto::ChecksumSum sum;
    sum.add(detail::bytes_of(packet->source));
    sum.add(detail::bytes_of(packet->destination));
    sum.add(length_and_protocol);
    sum.add(payload);
    const std::uint16_t value = sum.field();
    // UDP has no checksum of zero: that says there is none.
    detail::store16(
        payload, *field, packet->protocol == protocol_udp && value == 0 ? 0xffff : value);
}

}  // namespace roda::dpdk
