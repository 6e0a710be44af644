// SPDX-License-Identifier: Apache-2.0
// Sleep until somebody published, at no cost to the publisher while nobody sleeps: he loads one
// word that nobody changes. The price is the sleeper's, who has time: membarrier(2) orders his
// announcement against every publisher's stores.
//
// | label | operation                            | order   | pairs with                         |
// |-------|--------------------------------------|---------|------------------------------------|
// | A1    | sleeper: waiting := 1 (exchange)     | acq_rel | A3, E: see below                   |
// | A2    | sleeper: membarrier                  | full    | on every core that runs publishers |
// | A3    | publisher: loads waiting, after P1   | seq_cst | A1, across A2                      |
// | A4    | sleeper: looks again for records     | acquire | P1 of whatever it looks at         |
// | E     | publisher: waiting := 0 (exchange)   | acq_rel | A1: whichever comes second sees    |
// |       |                                      |         | all that stood before the first    |
// | B1    | publisher: generation + 1, then wake | seq_cst | B2                                 |
// | B2    | sleeper: futex, while generation is  | kernel  | B1: the kernel compares and sleeps |
// |       | what it was before A1                |         | under its own lock                 |
//
// No waking is lost. The barrier A2 falls before or after A3 on the publisher's core. Before: A3
// sees A1, and he wakes. After: P1 came before the barrier, and A4 sees the record. A publisher who
// could not register for A2 goes through E each time, a full barrier of his own. E comes before
// B1: a sleeper whose announcement E took away has read the older generation, so that B1 keeps it
// from sleeping or wakes it.
//
// What dies costs little. A sleeper that is killed leaves waiting = 1: the next ring makes one
// futile call and clears it. A publisher that is killed between E and B1 leaves sleepers without
// announcement until their patience ends: whoever takes his place calls ring_always() once.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "pipeline/base/clock.hpp"

namespace roda {

/// The two words of a Wake; they may lie in memory that several processes map.
///
///   0 | generation 4 : the futex; +1 at each waking |
///   4 | waiting 4    : 1 when somebody may sleep    |
struct WakeWords {
    std::atomic<std::uint32_t> generation{0};
    std::atomic<std::uint32_t> waiting{0};
};

static_assert(sizeof(WakeWords) == 8 && std::atomic<std::uint32_t>::is_always_lock_free);

/// One bell: any number of threads ring it, any number sleep on it.
///
/// Errors: where the sleeper may not use membarrier (Linux < 4.16, seccomp), or cannot sleep on
/// several bells at once (Linux < 5.16), its sleeps are cut to `unsure_nap`: nothing hangs. A
/// publisher without membarrier pays a locked instruction for each ring.
/// Order: what was stored before ring() is seen by the condition that wait() tries after it.
class Wake {
  public:
    static constexpr std::chrono::nanoseconds unsure_nap = std::chrono::milliseconds(1);
    static constexpr std::size_t most_bells = 64;  // for one sleeper

    /// Registers this process with the kernel, as publisher.
    ///
    /// Cost: milliseconds for the first in a process that has threads already: for the start.
    explicit Wake(WakeWords& words) noexcept;

    /// To be called after publishing. Cost: one load and a predicted branch; a system call only
    /// when somebody sleeps.
    [[gnu::always_inline]] void ring() noexcept {
        // Keeps the compiler from moving A3 before P1; the processor is kept by A2.
        asm volatile("" ::: "memory");
        if (words_->waiting.load(std::memory_order_seq_cst) != 0 ||  // A3
            must_exchange_) [[unlikely]] {
            wake_if_waiting();
        }
    }

    /// Wakes whether or not somebody announced himself. For a publisher's start, after one that
    /// may have died inside ring().
    void ring_always() noexcept;

    /// Sleeps until `ready()` holds, which is tried again after each ring(), or until the time is
    /// over. Returns what ready() said last.
    ///
    /// Cost: some microseconds before it sleeps; for those who spun in vain.
    template <class Ready>
    bool wait(std::chrono::nanoseconds patience, const Ready& ready) noexcept(noexcept(ready())) {
        Wake* const self = this;
        return wait_any({&self, 1}, patience, ready);
    }

    /// As wait(), on several bells at once; with more than `most_bells` it naps.
    template <class Ready>
    static bool wait_any(std::span<Wake* const> bells,
                         std::chrono::nanoseconds patience,
                         const Ready& ready) noexcept(noexcept(ready())) {
        const std::uint64_t end_ns =
            monotonic_now_ns() +
            static_cast<std::uint64_t>(patience.count() < 0 ? 0 : patience.count());
        for (;;) {
            const Announced announced = announce(bells);
            if (ready()) {  // A4
                return true;
            }
            const std::uint64_t now_ns = monotonic_now_ns();
            if (now_ns >= end_ns) {
                return false;
            }
            sleep(bells, announced, end_ns - now_ns);
        }
    }

  private:
    struct Announced {
        std::array<std::uint32_t, most_bells> generations;
        bool is_sure;  // A1 and A2 were done for all of them
    };

    void wake_if_waiting() noexcept;                                   // E, B1
    static Announced announce(std::span<Wake* const> bells) noexcept;  // A1, A2
    static void sleep(std::span<Wake* const> bells,                    // B2
                      const Announced& announced,
                      std::uint64_t patience_ns) noexcept;

    WakeWords* words_;
    bool must_exchange_;
};

}  // namespace roda
