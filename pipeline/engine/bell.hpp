// SPDX-License-Identifier: Apache-2.0
// What a sleeping thread of this process is woken by. The ordering is store/wake.hpp's.
#pragma once

#include <chrono>

#include "pipeline/base/cache_line.hpp"
#include "pipeline/store/wake.hpp"

namespace roda {

/// A Wake with words of its own. Whoever publishes something, or makes room, rings the bell of
/// those who may wait for it; many may ring, many may wait.
///
/// Shape: a block of its own, because ringing reads it at each publication.
class alignas(contention_block_bytes) Bell {
  public:
    /// Sleepers look once more after this time, so that a forgotten ring() delays and never hangs.
    static constexpr std::chrono::milliseconds patience{50};

    Bell() noexcept : wake_(words_) {}

    Bell(const Bell&) = delete;
    Bell& operator=(const Bell&) = delete;

    /// Cost: one load while nobody sleeps.
    [[gnu::always_inline]] void ring() noexcept { wake_.ring(); }

    /// Sleeps until `ready()` holds, tried at first and after each ring, or the patience is over.
    template <class Ready>
    void wait(const Ready& ready) noexcept(noexcept(ready())) {
        wake_.wait(patience, ready);
    }

  private:
    WakeWords words_;
    Wake wake_;
};

}  // namespace roda
