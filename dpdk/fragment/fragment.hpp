// SPDX-License-Identifier: Apache-2.0
// One piece of an IP datagram: whose it is, and where its bytes belong. A pure function over bytes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "proto/frame.hpp"

namespace roda::dpdk {

/// Which datagram a piece is of. RFC 8200 leaves the protocol out for IPv6, where it stays 0; the
/// VLAN is ours, for two of them may use the same addresses.
struct FragmentKey {
    std::array<std::byte, 32> addresses{};  // as they lie in the IP header
    std::uint32_t identification = 0;
    std::uint16_t vlan_id = 0;
    std::uint8_t protocol = 0;
    std::uint8_t version = 0;  // 4 or 6

    friend bool operator==(const FragmentKey&, const FragmentKey&) = default;

    /// Whether both datagrams come from one address.
    bool has_sender_of(const FragmentKey& other) const noexcept {
        const std::size_t bytes = version == 4 ? 4 : 16;
        return version == other.version && vlan_id == other.vlan_id &&
               std::equal(addresses.begin(),
                          addresses.begin() + static_cast<std::ptrdiff_t>(bytes),
                          other.addresses.begin());
    }
};

/// A piece; borrowed from its frame.
struct Fragment {
    FragmentKey key;
    std::span<const std::byte> headers;  // of the whole, if this is its first piece
    std::size_t packet_at = 0;           // where IP begins in them
    std::size_t protocol_at = 0;         // IPv6: the field in them that says what follows
    std::byte protocol{};                // and what does
    std::span<const std::byte> data;
    std::size_t offset = 0;  // of the data in the whole's payload
    bool last = false;

    std::size_t end() const noexcept { return offset + data.size(); }

    /// A datagram that was never cut, marked as a piece by a translator (RFC 6946).
    bool is_atomic() const noexcept { return offset == 0 && last; }
};

/// Reads a frame that parse_frame() called `fragment`; nothing when the frame is no sound piece:
/// without data, or not cut at eight bytes.
///
/// Source: RFC 791, 3.1; RFC 8200, 4.5.
std::optional<Fragment> read_fragment(std::span<const std::byte> frame) noexcept;

}  // namespace roda::dpdk
