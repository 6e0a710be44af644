// SPDX-License-Identifier: Apache-2.0
// Inside of neighbour/groups.cpp and neighbour/reports.cpp: what a report of groups is made from.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dpdk/neighbour/neighbour.hpp"
#include "dpdk/neighbour/packet_bytes.hpp"

namespace roda::dpdk::detail {

/// Fits the smallest MTU that a port can have, 576 bytes.
inline constexpr std::size_t records_per_report = 24;

/// What a record of IGMPv3 and MLDv2 says. All sources are wanted: the groups' filters exclude
/// nobody. Leaving is to include nobody.
enum class Record : std::uint8_t {
    is_exclude = 2,
    to_include = 3,
    to_exclude = 4,
};

/// The type of a report in the older versions, which tell one group.
enum class SingleReport : std::uint8_t {
    igmp1 = 0x12,
    igmp2 = 0x16,
    mld1 = 131,
};

/// Some of our groups, of one version of IP; borrowed from the identity.
struct Groups {
    std::array<const proto::IpAddress*, records_per_report> at{};
    std::size_t count = 0;

    std::span<const proto::IpAddress* const> all() const noexcept {
        return std::span(at).first(count);
    }
};

/// Who reports, and where the frame's tags come from.
struct Reporter {
    Bytes link_header;
    const LinkIdentity& own;
    std::uint16_t vlan_id;
    const proto::IpAddress* querier = nullptr;  // who asked; borrowed, none: nobody
};

/// IGMPv3 or MLDv2. 0 for no groups, or when it does not fit.
std::size_t write_report(const Reporter& reporter,
                         Record record,
                         const Groups& groups,
                         Room room) noexcept;

/// IGMPv1, IGMPv2 or MLDv1, for the first of the groups. 0 for no groups, or when it does not fit.
std::size_t write_single_report(const Reporter& reporter,
                                SingleReport type,
                                const Groups& groups,
                                Room room) noexcept;

}  // namespace roda::dpdk::detail
