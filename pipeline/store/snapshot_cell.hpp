// SPDX-License-Identifier: Apache-2.0
// One value that one thread replaces and others of the same process read whole. What a worker
// counts reaches the exporter through it, once per burst. The ordering is seqlock_cell.hpp's.
#pragma once

#include <optional>
#include <thread>

#include "pipeline/base/cache_line.hpp"
#include "pipeline/store/seqlock_cell.hpp"

namespace roda {

template <SharedPod T>
class SnapshotCell {
  public:
    /// Thread: the one writer. Cost: sizeof(T) / 8 + 2 stores; never waits.
    void publish(const T& value) noexcept { cell_.store(value); }

    /// The newest whole value, T{} before the first; nothing when the writer kept replacing it
    /// under the reader.
    ///
    /// Thread: any.
    std::optional<T> try_read(int attempts = 1'000) const noexcept {
        const Snapshot<T> seen = cell_.load(attempts);
        return seen.state == SnapshotState::busy ? std::nullopt : std::optional<T>(seen.value);
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
    alignas(contention_block_bytes) SeqlockCell<T> cell_;
};

}  // namespace roda
