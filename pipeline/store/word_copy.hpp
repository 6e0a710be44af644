// SPDX-License-Identifier: Apache-2.0
// Copies of records that another thread or process may overwrite or read at the same moment.
//
// | label | operation              | order   | pairs with                                        |
// |-------|------------------------|---------|---------------------------------------------------|
// | W     | store of each word     | release | R: who sees the word sees what was stored before   |
// |       |                        |         | it: the writer's mark that the record is in change |
// | R     | load of each word      | acquire | W: the reader's check of the mark, done after the  |
// |       |                        |         | copy, cannot move before it                        |
//
// On x86 both are plain moves. Word-wise atomics keep the copies free of data races in the
// language's sense, which plain memcpy and standalone fences (unseen by TSan) would not.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "pipeline/base/pod.hpp"

namespace roda {

using SharedWord = std::uint64_t;

static_assert(std::atomic_ref<SharedWord>::is_always_lock_free);

// One word at a time from end to end: a copy through an array would be read back in wider pieces
// than it was written, which stalls store forwarding.

/// Order: W, word by word.
template <SharedPod T>
[[gnu::always_inline]] inline void store_words(SharedWord* to, const T& record) noexcept {
    const auto* bytes = reinterpret_cast<const std::byte*>(&record);
    for (std::size_t i = 0; i < sizeof(T) / sizeof(SharedWord); ++i) {
        SharedWord word;
        std::memcpy(&word, bytes + i * sizeof(word), sizeof(word));
        std::atomic_ref(to[i]).store(word, std::memory_order_release);  // W
    }
}

/// Order: R, word by word. The result means something only after the caller's check.
template <SharedPod T>
[[gnu::always_inline]] inline T load_words(const SharedWord* from) noexcept {
    T record;
    auto* bytes = reinterpret_cast<std::byte*>(&record);
    for (std::size_t i = 0; i < sizeof(T) / sizeof(SharedWord); ++i) {
        // C++20 has no atomic_ref<const T>; a load does not write.
        const SharedWord word =
            std::atomic_ref(const_cast<SharedWord&>(from[i])).load(std::memory_order_acquire);  // R
        std::memcpy(bytes + i * sizeof(word), &word, sizeof(word));
    }
    return record;
}

}  // namespace roda
