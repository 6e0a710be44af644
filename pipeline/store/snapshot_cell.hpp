// SPDX-License-Identifier: Apache-2.0
// One value that one thread replaces and others read whole: a seqlock over words.
// What a worker counts reaches the exporter through it, once per burst.
//
// | label | operation             | order   | pairs with                                      |
// |-------|-----------------------|---------|-------------------------------------------------|
// | V1    | version := odd        | relaxed | made visible by any W after it                  |
// | W     | words of the value    | release | R                                               |
// | V2    | version := even       | release | V3: its words are all there                     |
// | V3    | first load of version | acquire | V2                                              |
// | R     | words of the value    | acquire | W: a newer word makes V4 see at least V1        |
// | V4    | second load           | relaxed | ordered after R by R's acquire                  |
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>

#include "pipeline/base/cache_line.hpp"
#include "pipeline/store/word_copy.hpp"

namespace roda {

template <SharedPod T>
class SnapshotCell {
  public:
    /// Thread: the one writer. Cost: sizeof(T) / 8 stores; never waits.
    void publish(const T& value) noexcept {
        const std::uint64_t version = version_.load(std::memory_order_relaxed);
        version_.store(version + 1, std::memory_order_relaxed);  // V1
        store_words(words_.data(), value);                       // W
        version_.store(version + 2, std::memory_order_release);  // V2
    }

    /// The newest whole value; nothing when the writer kept replacing it under the reader.
    ///
    /// Thread: any.
    std::optional<T> try_read(int attempts = 1'000) const noexcept {
        for (int attempt = 0; attempt < attempts; ++attempt) {
            const std::uint64_t before = version_.load(std::memory_order_acquire);        // V3
            const T value = load_words<T>(words_.data());                                 // R
            if (before % 2 == 0 && version_.load(std::memory_order_relaxed) == before) {  // V4
                return value;
            }
        }
        return std::nullopt;
    }

    /// As try_read(), giving the writer time until it succeeds. For cold readers: a writer that
    /// was put to sleep inside publish() holds them as long.
    T read() const noexcept {
        for (;;) {
            if (const std::optional<T> value = try_read()) {
                return *value;
            }
            std::this_thread::yield();
        }
    }

  private:
    alignas(contention_block_bytes) std::atomic<std::uint64_t> version_{0};
    alignas(cache_line_bytes) std::array<SharedWord, sizeof(T) / sizeof(SharedWord)> words_{};
};

}  // namespace roda
