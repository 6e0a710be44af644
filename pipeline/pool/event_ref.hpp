// SPDX-License-Identifier: Apache-2.0
// How pooled events are sized and named: T-shirt sizes, and a weak name of one event in one word.
// Neither knows the memory that they stand for (event_slots.hpp).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "pipeline/base/pod.hpp"

namespace roda {

/// The smallest slot that an event fits. xxl has none: it lies on the heap.
enum class EventSize : std::uint8_t { xs, s, m, l, xl, xxl };

inline constexpr std::size_t event_size_count = 6;
inline constexpr std::array<std::size_t, event_size_count> event_payload_bytes = {
    64, 256, 1'024, 4'096, 16'384, 0};  // xxl: whatever was asked for
inline constexpr std::array<std::string_view, event_size_count> event_size_names = {
    "xs", "s", "m", "l", "xl", "xxl"};

constexpr std::size_t index_of(EventSize size) noexcept {
    return static_cast<std::size_t>(size);
}

/// The size class of a payload; 0 bytes are xs.
constexpr EventSize estimate_size(std::size_t payload_bytes) noexcept {
    std::size_t size = 0;
    while (size < index_of(EventSize::xxl) && payload_bytes > event_payload_bytes[size]) {
        ++size;
    }
    return static_cast<EventSize>(size);
}

/// Names one event without holding it: EventPool::lock() gives the event, or nothing once its slot
/// was given back. A record of its own, so that it can lie in journals and other records.
///
/// Shape: SIZE + 1 8 | SLOT 24 | GENERATION 32 bits, from the top; 0 names nothing.
///
/// The generation wraps after 2^32 uses of one slot. Free slots are reused newest first, so that a
/// slot in a tight loop wraps within minutes: a name that outlives that may find another event.
struct EventRef {
    std::uint64_t bits = 0;

    static constexpr std::uint32_t slot_limit = 1u << 24;

    static constexpr EventRef make(EventSize size, std::uint32_t slot, std::uint32_t generation) {
        return {(index_of(size) + 1u) << 56 | std::uint64_t{slot} << 32 | generation};
    }

    constexpr EventSize size() const { return static_cast<EventSize>((bits >> 56) - 1u); }

    constexpr std::uint32_t slot() const {
        return static_cast<std::uint32_t>(bits >> 32) & (slot_limit - 1u);
    }

    constexpr std::uint32_t generation() const { return static_cast<std::uint32_t>(bits); }

    constexpr explicit operator bool() const { return bits != 0; }

    friend constexpr bool operator==(const EventRef&, const EventRef&) = default;
};

static_assert(SharedPod<EventRef> && Key<EventRef>);

}  // namespace roda
