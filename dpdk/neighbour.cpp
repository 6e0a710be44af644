// SPDX-License-Identifier: Apache-2.0
#include "dpdk/neighbour.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace roda::dpdk {

namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t shortest_frame_bytes = 60;  // the FCS is the device's
constexpr std::size_t mac_bytes = 6;
constexpr std::size_t ethernet_bytes = 14;
constexpr std::size_t vlan_tag_bytes = 4;
constexpr std::size_t most_vlan_tags = 2;
constexpr std::uint16_t type_ipv4 = 0x0800;
constexpr std::uint16_t type_arp = 0x0806;
constexpr std::uint16_t type_vlan = 0x8100;
constexpr std::uint16_t type_service_vlan = 0x88a8;

// ARP over Ethernet and IPv4: offsets inside its 28 bytes.
constexpr std::size_t arp_bytes = 28;
constexpr std::array<std::uint8_t, 6> arp_ethernet_ipv4 = {0, 1, 0x08, 0x00, 6, 4};
constexpr std::size_t arp_operation = 6;
constexpr std::size_t arp_sender_mac = 8;
constexpr std::size_t arp_sender_ip = 14;
constexpr std::size_t arp_target_mac = 18;
constexpr std::size_t arp_target_ip = 24;
constexpr std::uint16_t arp_request = 1;
constexpr std::uint16_t arp_reply = 2;

// IPv4 without options, then ICMP echo.
constexpr std::size_t ipv4_bytes = 20;
constexpr std::size_t ipv4_length = 2;
constexpr std::size_t ipv4_fragment = 6;
constexpr std::size_t ipv4_ttl = 8;
constexpr std::size_t ipv4_protocol = 9;
constexpr std::size_t ipv4_checksum = 10;
constexpr std::size_t ipv4_source = 12;
constexpr std::size_t ipv4_destination = 16;
constexpr std::size_t icmp_bytes = 8;
constexpr std::size_t icmp_checksum = 2;
constexpr std::uint16_t icmp_echo = 0x0800;        // type and code
constexpr std::uint16_t icmp_echo_reply = 0x0000;  // type and code
constexpr std::uint16_t fragment_mask = 0x3fff;    // more-fragments and offset
constexpr std::uint8_t protocol_icmp = 1;
constexpr std::uint8_t answer_ttl = 64;

std::uint8_t octet(Bytes bytes, std::size_t offset) noexcept {
    return std::to_integer<std::uint8_t>(bytes[offset]);
}

std::uint16_t load16(Bytes bytes, std::size_t offset) noexcept {
    return static_cast<std::uint16_t>(octet(bytes, offset) << 8 | octet(bytes, offset + 1));
}

void store16(std::span<std::byte> bytes, std::size_t offset, std::uint16_t value) noexcept {
    bytes[offset] = static_cast<std::byte>(value >> 8);
    bytes[offset + 1] = static_cast<std::byte>(value & 0xff);
}

void store(std::span<std::byte> bytes, std::size_t offset, Bytes value) noexcept {
    std::copy(value.begin(), value.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
}

std::uint16_t folded(std::uint32_t sum) noexcept {
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<std::uint16_t>(sum);
}

std::uint16_t header_sum(Bytes header) noexcept {
    std::uint32_t sum = 0;
    for (std::size_t at = 0; at < ipv4_bytes; at += 2) {
        sum += load16(header, at);
    }
    return folded(sum);
}

proto::IpAddress load_address(Bytes bytes, std::size_t offset) noexcept {
    return proto::IpAddress::v4(octet(bytes, offset),
                                octet(bytes, offset + 1),
                                octet(bytes, offset + 2),
                                octet(bytes, offset + 3));
}

bool is_one_of(const proto::IpAddress& address,
               std::span<const proto::IpAddress> addresses) noexcept {
    return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

bool is_group(Bytes mac) noexcept {
    return (octet(mac, 0) & 1) != 0;
}

bool is_broadcast(Bytes mac) noexcept {
    return std::all_of(mac.begin(), mac.end(), [](std::byte b) { return b == std::byte{0xff}; });
}

// 0/8, 127/8, multicast, reserved and broadcast: nobody to answer to.
bool is_unicast_sender(Bytes packet, std::size_t offset) noexcept {
    const auto first = octet(packet, offset);
    return first != 0 && first != 127 && first < 224;
}

struct Link {
    std::size_t bytes = ethernet_bytes;  // with tags
    std::uint16_t type = 0;
};

std::optional<Link> read_link(Bytes frame) noexcept {
    Link link;
    for (std::size_t tags = 0; link.bytes <= frame.size(); ++tags) {
        link.type = load16(frame, link.bytes - 2);
        if (link.type != type_vlan && link.type != type_service_vlan) {
            return link;
        }
        if (tags == most_vlan_tags) {
            return std::nullopt;
        }
        link.bytes += vlan_tag_bytes;
    }
    return std::nullopt;
}

// Starts the answer with the question's first `bytes`, turned around, and zeroes the padding.
std::size_t turn_around(
    Bytes question, std::size_t bytes, Bytes to, Bytes from, std::span<std::byte> answer) noexcept {
    const std::size_t length = std::max(bytes, shortest_frame_bytes);
    if (length > answer.size()) {
        return 0;
    }
    store(answer, 0, question.first(bytes));
    store(answer, 0, to);
    store(answer, mac_bytes, from);
    std::fill(answer.begin() + static_cast<std::ptrdiff_t>(bytes),
              answer.begin() + static_cast<std::ptrdiff_t>(length),
              std::byte{0});
    return length;
}

std::size_t answer_arp(Bytes question,
                       const Link& link,
                       Bytes mac,
                       std::span<const proto::IpAddress> addresses,
                       std::span<std::byte> answer) noexcept {
    const Bytes arp = question.subspan(link.bytes);
    if (arp.size() < arp_bytes ||
        !std::ranges::equal(arp.first(arp_ethernet_ipv4.size()),
                            std::as_bytes(std::span(arp_ethernet_ipv4))) ||
        load16(arp, arp_operation) != arp_request ||
        !is_one_of(load_address(arp, arp_target_ip), addresses)) {
        return 0;
    }
    const Bytes asker = arp.subspan(arp_sender_mac, mac_bytes);
    const bool announcement = load_address(arp, arp_sender_ip) == load_address(arp, arp_target_ip);
    if (is_group(asker) || announcement) {
        return 0;
    }
    const auto length = turn_around(question, link.bytes + arp_bytes, asker, mac, answer);
    if (length != 0) {
        const auto reply = answer.subspan(link.bytes);
        store16(reply, arp_operation, arp_reply);
        store(reply, arp_sender_mac, mac);
        store(reply, arp_sender_ip, arp.subspan(arp_target_ip, 4));
        store(reply, arp_target_mac, asker);
        store(reply, arp_target_ip, arp.subspan(arp_sender_ip, 4));
    }
    return length;
}

bool is_answerable_ping(Bytes packet, std::span<const proto::IpAddress> addresses) noexcept {
    if (packet.size() < ipv4_bytes + icmp_bytes || octet(packet, 0) != 0x45) {
        return false;
    }
    const std::size_t length = load16(packet, ipv4_length);
    return length >= ipv4_bytes + icmp_bytes && length <= packet.size() &&
           (load16(packet, ipv4_fragment) & fragment_mask) == 0 &&
           octet(packet, ipv4_protocol) == protocol_icmp && header_sum(packet) == 0xffff &&
           load16(packet, ipv4_bytes) == icmp_echo && is_unicast_sender(packet, ipv4_source) &&
           is_one_of(load_address(packet, ipv4_destination), addresses);
}

std::size_t answer_ping(Bytes question,
                        const Link& link,
                        Bytes mac,
                        std::span<const proto::IpAddress> addresses,
                        std::span<std::byte> answer) noexcept {
    const Bytes packet = question.subspan(link.bytes);
    const Bytes asker = question.subspan(mac_bytes, mac_bytes);
    if (!std::ranges::equal(question.first(mac_bytes), mac) || is_group(asker) ||
        !is_answerable_ping(packet, addresses)) {
        return 0;
    }
    const std::size_t packet_bytes = load16(packet, ipv4_length);
    const auto length = turn_around(question, link.bytes + packet_bytes, asker, mac, answer);
    if (length != 0) {
        const auto reply = answer.subspan(link.bytes);
        reply[ipv4_ttl] = std::byte{answer_ttl};
        store(reply, ipv4_source, packet.subspan(ipv4_destination, 4));
        store(reply, ipv4_destination, packet.subspan(ipv4_source, 4));
        store16(reply, ipv4_checksum, 0);
        store16(reply, ipv4_checksum, static_cast<std::uint16_t>(~header_sum(reply)));

        // RFC 1624, equation 3: the checksum moves with the type.
        const auto was = load16(packet, ipv4_bytes + icmp_checksum);
        const auto sum = folded(static_cast<std::uint16_t>(~was) +
                                static_cast<std::uint32_t>(static_cast<std::uint16_t>(~icmp_echo)) +
                                icmp_echo_reply);
        store16(reply, ipv4_bytes, icmp_echo_reply);
        store16(reply, ipv4_bytes + icmp_checksum, static_cast<std::uint16_t>(~sum));
    }
    return length;
}

}  // namespace

std::size_t answer_neighbour(std::span<const std::byte> question,
                             const MacAddress& mac,
                             std::span<const proto::IpAddress> addresses,
                             std::span<std::byte> answer) noexcept {
    const auto link = read_link(question);
    if (!link) {
        return 0;
    }
    const auto own = std::as_bytes(std::span(mac));
    const Bytes to = question.first(mac_bytes);
    if (!is_broadcast(to) && !std::ranges::equal(to, own)) {
        return 0;
    }
    switch (link->type) {
        case type_arp:
            return answer_arp(question, *link, own, addresses, answer);
        case type_ipv4:
            return answer_ping(question, *link, own, addresses, answer);
        default:
            return 0;
    }
}

std::size_t announce_address(const MacAddress& mac,
                             const proto::IpAddress& address,
                             std::span<std::byte> frame) noexcept {
    const auto own = std::as_bytes(std::span(mac));
    const auto ip = std::as_bytes(std::span(address.bytes)).last(4);
    if (frame.size() < shortest_frame_bytes || address != load_address(ip, 0)) {
        return 0;
    }
    const auto announcement = frame.first(shortest_frame_bytes);
    std::fill(announcement.begin(), announcement.end(), std::byte{0});
    std::fill_n(announcement.begin(), mac_bytes, std::byte{0xff});
    store(announcement, mac_bytes, own);
    store16(announcement, ethernet_bytes - 2, type_arp);
    const auto arp = announcement.subspan(ethernet_bytes);
    store(arp, 0, std::as_bytes(std::span(arp_ethernet_ipv4)));
    store16(arp, arp_operation, arp_request);
    store(arp, arp_sender_mac, own);
    store(arp, arp_sender_ip, ip);
    store(arp, arp_target_ip, ip);
    return shortest_frame_bytes;
}

}  // namespace roda::dpdk
