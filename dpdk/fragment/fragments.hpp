// SPDX-License-Identifier: Apache-2.0
// What is configured for the pieces of datagrams, and what became of them: a balance of its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace roda::dpdk {

/// Fragments of datagrams are kept until the last has come.
struct ReassemblyOptions {
    bool enabled = true;
    std::uint32_t datagrams = 64;     // under way at a time, for each queue
    std::uint32_t patience_ms = 500;  // a datagram's pieces are dropped after it
};

/// Why a piece of a datagram did not become part of one; one counter each.
enum class FragmentDrop : std::uint8_t {
    disabled,       // reassembly is switched off
    malformed,      // no piece of anything: empty, not cut at 8 bytes, headers that contradict
    too_long,       // beyond 65,535 bytes, or behind more headers than fit
    duplicate,      // the same bytes were there
    overlap,        // other bytes were there: all of its datagram is dropped
    contradiction,  // behind the datagram's end, or another end: all of it is dropped
    table_full,     // the oldest datagram under way, when there are as many as there may be
    timeout,        // the rest did not come
};

inline constexpr std::size_t fragment_drop_count = 8;

/// The label of each in metrics and ledgers, by enumerator.
inline constexpr std::array<std::string_view, fragment_drop_count> fragment_drop_names = {
    "disabled",
    "malformed",
    "too_long",
    "duplicate",
    "overlap",
    "contradiction",
    "table_full",
    "timeout",
};

/// taken = joined + waiting + dropped.
struct FragmentCounters {
    std::uint64_t taken = 0;      // pieces
    std::uint64_t joined = 0;     // of datagrams that became whole
    std::uint64_t waiting = 0;    // of datagrams that are not whole yet
    std::uint64_t datagrams = 0;  // that became whole
    std::array<std::uint64_t, fragment_drop_count> dropped{};

    FragmentCounters& operator+=(const FragmentCounters& other) noexcept {
        taken += other.taken;
        joined += other.joined;
        waiting += other.waiting;
        datagrams += other.datagrams;
        for (std::size_t i = 0; i < fragment_drop_count; ++i) {
            dropped[i] += other.dropped[i];
        }
        return *this;
    }
};

}  // namespace roda::dpdk
