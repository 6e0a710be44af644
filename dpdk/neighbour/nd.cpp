// SPDX-License-Identifier: Apache-2.0
// IPv6 neighbour discovery: solicitations for our addresses, advertisements of them.
#include "dpdk/neighbour/parts.hpp"

namespace roda::dpdk::detail {

namespace {

// Solicitation and advertisement have one layout; options follow.
constexpr std::size_t message_bytes = 24;
constexpr std::size_t checksum_at = 2;
constexpr std::size_t flags_at = 4;
constexpr std::size_t target_at = 8;
constexpr std::uint16_t solicitation = 0x8700;   // type and code
constexpr std::uint16_t advertisement = 0x8800;  // type and code
constexpr std::uint8_t flag_solicited = 0x40;
constexpr std::uint8_t flag_override = 0x20;

constexpr std::size_t option_unit_bytes = 8;
constexpr std::uint8_t option_source_link = 1;
constexpr std::uint8_t option_target_link = 2;

// From here and from nowhere beyond: no router lets it stay so (RFC 4861, 7.1.1).
constexpr std::uint8_t on_link_hop_limit = 255;

struct Options {
    bool sound = true;
    Bytes source_station;  // empty: not told
};

Options read_options(Bytes bytes) noexcept {
    Options options;
    while (!bytes.empty()) {
        const std::size_t length =
            bytes.size() < option_unit_bytes ? 0 : octet(bytes, 1) * option_unit_bytes;
        if (length == 0 || length > bytes.size()) {
            options.sound = false;
            return options;
        }
        if (octet(bytes, 0) == option_source_link && length == option_unit_bytes) {
            options.source_station = bytes.subspan(2, mac_bytes);
        }
        bytes = bytes.subspan(length);
    }
    return options;
}

std::size_t write_advertisement(const Bytes& link_header,
                                const MacAddress& mac,
                                const proto::IpAddress& target,
                                Bytes to_station,
                                const proto::IpAddress& to,
                                std::uint8_t flags,
                                Room room) noexcept {
    const Draft draft = begin_frame(link_header,
                                    to_station,
                                    bytes_of(mac),
                                    ipv6_bytes + message_bytes + option_unit_bytes,
                                    room);
    if (draft.bytes == 0) {
        return 0;
    }
    draft.packet[0] = std::byte{0x60};
    write_ipv6(draft.packet, on_link_hop_limit, target, to);
    const Room message = draft.packet.subspan(ipv6_bytes);
    store16(message, 0, advertisement);
    message[flags_at] = std::byte{flags};
    store(message, target_at, bytes_of(target));
    message[message_bytes] = std::byte{option_target_link};
    message[message_bytes + 1] = std::byte{1};
    store(message, message_bytes + 2, bytes_of(mac));
    store16(message, checksum_at, icmpv6_sum(target, to, message).field());
    return draft.bytes;
}

}  // namespace

std::size_t answer_solicitation(const Link& link,
                                const Packet& packet,
                                const LinkIdentity& own,
                                Room room) noexcept {
    const Bytes message = packet.payload;
    if (message.size() < message_bytes || load16(message, 0) != solicitation ||
        packet.hop_limit != on_link_hop_limit ||
        !icmpv6_sum(packet.source, packet.destination, message).valid()) {
        return 0;
    }
    const proto::IpAddress target = load_ipv6(message, target_at);
    const Options options = read_options(message.subspan(message_bytes));
    if (!options.sound || !contains(own.addresses, target, link.vlan_id) || is_group(link.from())) {
        return 0;
    }
    // The frame's station fits its destination: ours, or the group's.
    const bool to_group = packet.destination == solicited_node_group(target);
    const bool to_us = contains(own.addresses, packet.destination, link.vlan_id);
    const bool station_is_ours = std::ranges::equal(link.to(), bytes_of(own.mac));
    const bool station_is_the_groups =
        to_group && std::ranges::equal(link.to(), bytes_of(station_of(packet.destination)));
    if ((!to_group && !to_us) || (!station_is_ours && !station_is_the_groups)) {
        return 0;
    }
    if (packet.source == proto::IpAddress{}) {
        // A host looks whether the address is free: all may hear that it is not.
        if (!to_group || !options.source_station.empty()) {
            return 0;
        }
        const MacAddress everybody = station_of(all_nodes());
        return write_advertisement(
            link.header, own.mac, target, bytes_of(everybody), all_nodes(), flag_override, room);
    }
    const Bytes asker = options.source_station.empty() ? link.from() : options.source_station;
    if (!is_unicast(packet.source) || is_group(asker)) {
        return 0;
    }
    return write_advertisement(
        link.header, own.mac, target, asker, packet.source, flag_solicited | flag_override, room);
}

std::size_t advertise(const MacAddress& mac,
                      const proto::HostAddress& address,
                      Room room) noexcept {
    const MacAddress everybody = station_of(all_nodes());
    return write_advertisement(LinkHeader(address.vlan_id, type_ipv6).bytes(),
                               mac,
                               address.address,
                               bytes_of(everybody),
                               all_nodes(),
                               flag_override,
                               room);
}

}  // namespace roda::dpdk::detail
