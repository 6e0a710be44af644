// SPDX-License-Identifier: Apache-2.0
// Copies of what was written a moment ago.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "pipeline/base/pod.hpp"

namespace roda {

/// to = from, word by word: for a record whose fields were stored just before. One wide load of
/// several narrow stores would wait until they have left the core's store buffer.
///
/// Cost: 5 ns less than an assignment for 64 bytes behind their fold. Source: bench/seeds_bench.
template <Pod T>
[[gnu::always_inline]] inline void copy_fresh(T& to, const T& from) noexcept {
    if constexpr (sizeof(T) % sizeof(std::uint64_t) != 0) {
        to = from;
    } else {
        auto* const target = reinterpret_cast<std::byte*>(&to);
        const auto* const source = reinterpret_cast<const std::byte*>(&from);
        for (std::size_t at = 0; at < sizeof(T); at += sizeof(std::uint64_t)) {
            std::uint64_t word = 0;
            std::memcpy(&word, source + at, sizeof(word));
            asm("" : "+r"(word));  // or the compiler joins the words to vectors again
            std::memcpy(target + at, &word, sizeof(word));
        }
    }
}

}  // namespace roda
