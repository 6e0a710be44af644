// SPDX-License-Identifier: Apache-2.0
// Reports of groups as bytes: IGMPv1, v2, v3 and MLDv1, v2.
#include "dpdk/neighbour/reports.hpp"

#include <algorithm>
#include <bit>

namespace roda::dpdk::detail {

namespace {

constexpr std::uint8_t igmp3_report = 0x22;
constexpr std::uint8_t mld2_report = 143;

// Of the older versions: type, code, checksum, then the group; with MLD four bytes later.
constexpr std::size_t checksum_at = 2;
constexpr std::size_t igmp_group_at = 4;
constexpr std::size_t mld_group_at = 8;
constexpr std::size_t igmp_single_bytes = 8;
constexpr std::size_t mld_single_bytes = 24;

// Of the newer ones: eight bytes, the last two the number of records; a record is four bytes and
// the group.
constexpr std::size_t report_bytes = 8;
constexpr std::size_t report_count_at = 6;
constexpr std::size_t record_bytes = 4;
constexpr auto igmp3_routers = proto::IpAddress::v4(224, 0, 0, 22);
constexpr proto::IpAddress mld2_routers = {
    {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x16}};

// Routers look at packets that are not for them only with this option.
constexpr std::size_t igmp_header_bytes = ipv4_bytes + 4;
constexpr std::array<std::uint8_t, 4> igmp_alert = {0x94, 0x04, 0x00, 0x00};
constexpr std::size_t mld_header_bytes = ipv6_bytes + 8;
constexpr std::array<std::uint8_t, 8> mld_alert = {
    protocol_icmpv6, 0, 0x05, 0x02, 0x00, 0x00, 0x01, 0x00};
constexpr std::uint8_t on_link_hop_limit = 1;

constexpr auto nobody = proto::IpAddress::v4(0, 0, 0, 0);

std::size_t common_prefix_bits(const proto::IpAddress& a, const proto::IpAddress& b) noexcept {
    const auto [left, right] = std::ranges::mismatch(a.bytes, b.bytes);
    if (left == a.bytes.end()) {
        return a.bytes.size() * 8;
    }
    const auto differing = static_cast<std::uint8_t>(*left ^ *right);
    return static_cast<std::size_t>(left - a.bytes.begin()) * 8 +
           static_cast<std::size_t>(std::countl_zero(differing));
}

// Routers may ignore a report from another subnet than theirs (RFC 3376, 4.2.13 and 9.2): of our
// addresses that which is nearest to who asked. A switch that only snoops asks as nobody.
proto::IpAddress own_ipv4(const Reporter& reporter) noexcept {
    const bool is_asked = reporter.querier != nullptr && *reporter.querier != nobody;
    const proto::IpAddress* best = nullptr;
    std::size_t best_bits = 0;
    for (const auto& [address, vlan_id] : reporter.own.addresses) {
        if (vlan_id != reporter.vlan_id || !address.is_v4()) {
            continue;
        }
        const std::size_t bits = is_asked ? common_prefix_bits(address, *reporter.querier) : 0;
        if (best == nullptr || bits > best_bits) {
            best = &address;
            best_bits = bits;
        }
    }
    return best != nullptr ? *best : nobody;
}

// Routers take MLD from link-local addresses only: when none is configured, that which the MAC
// address stands for (RFC 4291, appendix A).
proto::IpAddress own_link_local(const Reporter& reporter) noexcept {
    for (const auto& address : reporter.own.addresses) {
        if (address.vlan_id == reporter.vlan_id && is_link_local_v6(address.address)) {
            return address.address;
        }
    }
    const MacAddress& mac = reporter.own.mac;
    const auto universal = static_cast<std::uint8_t>(mac[0] ^ 0x02);
    return {{0xfe,
             0x80,
             0,
             0,
             0,
             0,
             0,
             0,
             universal,
             mac[1],
             mac[2],
             0xff,
             0xfe,
             mac[3],
             mac[4],
             mac[5]}};
}

Draft begin_igmp(const Reporter& reporter,
                 const proto::IpAddress& to,
                 std::size_t message_bytes,
                 Room room) noexcept {
    const MacAddress station = station_of(to);
    const proto::IpAddress from = own_ipv4(reporter);
    const Draft draft = begin_frame(reporter.link_header,
                                    bytes_of(station),
                                    bytes_of(reporter.own.mac),
                                    igmp_header_bytes + message_bytes,
                                    room);
    if (draft.bytes == 0) {
        return draft;
    }
    const Room header = draft.packet.first(igmp_header_bytes);
    header[0] = std::byte{0x46};
    header[1] = std::byte{0xc0};  // internetwork control
    store16(header, 2, draft.packet.size());
    header[8] = std::byte{on_link_hop_limit};
    header[9] = std::byte{protocol_igmp};
    store(header, 12, bytes_of(from));
    store(header, 16, bytes_of(to));
    store(header, ipv4_bytes, std::as_bytes(std::span(igmp_alert)));
    proto::ChecksumSum sum;
    sum.add(header);
    store16(header, 10, sum.field());
    return draft;
}

void finish_igmp(Room message) noexcept {
    proto::ChecksumSum sum;
    sum.add(message);
    store16(message, checksum_at, sum.field());
}

Draft begin_mld(const Reporter& reporter,
                const proto::IpAddress& to,
                std::size_t message_bytes,
                Room room) noexcept {
    const MacAddress station = station_of(to);
    const Draft draft = begin_frame(reporter.link_header,
                                    bytes_of(station),
                                    bytes_of(reporter.own.mac),
                                    mld_header_bytes + message_bytes,
                                    room);
    if (draft.bytes != 0) {
        draft.packet[0] = std::byte{0x60};
        write_ipv6(draft.packet, on_link_hop_limit, own_link_local(reporter), to);
        draft.packet[6] = std::byte{0};  // hop-by-hop options come first
        store(draft.packet, ipv6_bytes, std::as_bytes(std::span(mld_alert)));
    }
    return draft;
}

void finish_mld(const Reporter& reporter, const proto::IpAddress& to, Room message) noexcept {
    store16(message, checksum_at, icmpv6_sum(own_link_local(reporter), to, message).field());
}

void write_records(Room message, std::uint8_t type, Record record, const Groups& groups) noexcept {
    message[0] = std::byte{type};
    store16(message, report_count_at, groups.count);
    std::size_t at = report_bytes;
    for (const proto::IpAddress* group : groups.all()) {
        message[at] = static_cast<std::byte>(record);
        store(message, at + record_bytes, bytes_of(*group));
        at += record_bytes + bytes_of(*group).size();
    }
}

}  // namespace

std::size_t write_report(const Reporter& reporter,
                         Record record,
                         const Groups& groups,
                         Room room) noexcept {
    if (groups.count == 0) {
        return 0;
    }
    const std::size_t address_bytes = bytes_of(*groups.at[0]).size();
    const std::size_t message_bytes = report_bytes + groups.count * (record_bytes + address_bytes);
    if (groups.at[0]->is_v4()) {
        const Draft draft = begin_igmp(reporter, igmp3_routers, message_bytes, room);
        if (draft.bytes != 0) {
            const Room message = draft.packet.subspan(igmp_header_bytes);
            write_records(message, igmp3_report, record, groups);
            finish_igmp(message);
        }
        return draft.bytes;
    }
    const Draft draft = begin_mld(reporter, mld2_routers, message_bytes, room);
    if (draft.bytes != 0) {
        const Room message = draft.packet.subspan(mld_header_bytes);
        write_records(message, mld2_report, record, groups);
        finish_mld(reporter, mld2_routers, message);
    }
    return draft.bytes;
}

std::size_t write_single_report(const Reporter& reporter,
                                SingleReport type,
                                const Groups& groups,
                                Room room) noexcept {
    if (groups.count == 0) {
        return 0;
    }
    const proto::IpAddress& group = *groups.at[0];
    if (group.is_v4()) {
        const Draft draft = begin_igmp(reporter, group, igmp_single_bytes, room);
        if (draft.bytes != 0) {
            const Room message = draft.packet.subspan(igmp_header_bytes);
            message[0] = static_cast<std::byte>(type);
            store(message, igmp_group_at, bytes_of(group));
            finish_igmp(message);
        }
        return draft.bytes;
    }
    const Draft draft = begin_mld(reporter, group, mld_single_bytes, room);
    if (draft.bytes != 0) {
        const Room message = draft.packet.subspan(mld_header_bytes);
        message[0] = static_cast<std::byte>(type);
        store(message, mld_group_at, bytes_of(group));
        finish_mld(reporter, group, message);
    }
    return draft.bytes;
}

}  // namespace roda::dpdk::detail
