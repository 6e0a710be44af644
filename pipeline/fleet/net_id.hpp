// SPDX-License-Identifier: Apache-2.0
// A name for one event in a fleet: kind, node, counter in one word (orbit-rs NetId64).
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace roda {

/// KIND 8 | NODE 16 | COUNTER 40 bits, from the top; ordered by its bits. 0 is no id.
///
/// The counter wraps after 2^40 events: whoever counts keeps a full 64-bit sequence beside it.
struct NetId64 {
    std::uint64_t bits = 0;

    static constexpr std::uint64_t counter_mask = (std::uint64_t{1} << 40) - 1;
    static constexpr std::size_t text_bytes_max = 3 + 1 + 5 + 1 + 13;

    using Wire = std::array<std::byte, sizeof(bits)>;

    static constexpr NetId64 make(std::uint8_t kind, std::uint16_t node, std::uint64_t counter) {
        return {std::uint64_t{kind} << 56 | std::uint64_t{node} << 40 | (counter & counter_mask)};
    }

    static constexpr NetId64 zero() { return {}; }

    constexpr std::uint8_t kind() const { return static_cast<std::uint8_t>(bits >> 56); }

    constexpr std::uint16_t node() const { return static_cast<std::uint16_t>(bits >> 40); }

    constexpr std::uint64_t counter() const { return bits & counter_mask; }

    constexpr bool is_zero() const { return bits == 0; }

    /// As on the wire: big-endian, so that bytes sort as ids do.
    constexpr Wire to_wire() const {
        Wire wire{};
        for (std::size_t i = 0; i < wire.size(); ++i) {
            wire[i] = static_cast<std::byte>(bits >> (8 * (wire.size() - 1 - i)));
        }
        return wire;
    }

    static constexpr NetId64 from_wire(const Wire& wire) {
        NetId64 id;
        for (const std::byte byte : wire) {
            id.bits = id.bits << 8 | std::to_integer<std::uint64_t>(byte);
        }
        return id;
    }

    /// Writes "kind:node:counter", all decimal, without an end mark; returns the text written.
    ///
    /// Cost: no allocation.
    std::string_view to_text(std::span<char, text_bytes_max> to) const noexcept;

    std::string to_text() const;

    /// Reads that form, or the raw word as "0x" and up to 16 hexadecimal digits. Nothing for any
    /// other text, and for numbers that do not fit.
    static std::optional<NetId64> parse(std::string_view text) noexcept;

    friend constexpr auto operator<=>(const NetId64&, const NetId64&) = default;
};

}  // namespace roda
