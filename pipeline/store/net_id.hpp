// SPDX-License-Identifier: Apache-2.0
// A name for one event in a fleet: kind, node, counter in one word (orbit-rs NetId64).
#pragma once

#include <cstdint>

namespace roda {

/// KIND 8 | NODE 16 | COUNTER 40 bits, from the top; ordered by its bits. 0 is no id.
///
/// The counter wraps after 2^40 events: whoever counts keeps a full 64-bit sequence beside it.
struct NetId64 {
    std::uint64_t bits = 0;

    static constexpr std::uint64_t counter_mask = (std::uint64_t{1} << 40) - 1;

    static constexpr NetId64 make(std::uint8_t kind, std::uint16_t node, std::uint64_t counter) {
        return {std::uint64_t{kind} << 56 | std::uint64_t{node} << 40 | (counter & counter_mask)};
    }

    constexpr std::uint8_t kind() const { return static_cast<std::uint8_t>(bits >> 56); }

    constexpr std::uint16_t node() const { return static_cast<std::uint16_t>(bits >> 40); }

    constexpr std::uint64_t counter() const { return bits & counter_mask; }

    friend constexpr auto operator<=>(const NetId64&, const NetId64&) = default;
};

}  // namespace roda
