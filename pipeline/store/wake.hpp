// SPDX-License-Identifier: Apache-2.0
// Sleep until somebody published, at no cost to the publisher while nobody sleeps: he loads one
// word that nobody changes. The price is the sleeper's, who has time: membarrier(2) orders his
// announcement against every publisher's store.
//
// | label | operation                            | order   | pairs with |
// |-------|--------------------------------------|---------|----------------------------------------|
// | A1    | sleeper: waiting := 1                | seq_cst | A3, by the barrier A2 | | A2    |
// sleeper: membarrier on all threads   | full    | either A3 comes after it and sees A1,  | | | |
// | or what was published before A3 came   | |       |                                      | |
// before it and A4 sees it               | | A3    | publisher: loads waiting, after P1   | seq_cst
// | A1                                     | | A4    | sleeper: looks again for records     |
// acquire | P1 of whatever it looks at             | | B1    | publisher: waiting := 0,
// generation+1| seq_cst | B2: the kernel compares it             | | B2    | sleeper:
// futex(generation)           | kernel  | B1                                     |
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

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
/// Errors: without membarrier (Linux < 4.16, seccomp) a waking can be missed; sleeps are then
/// cut to `unsure_nap`, so that nothing hangs.
/// Order: what was stored before ring() is seen by the condition that wait() tries after it.
class Wake {
  public:
    static constexpr std::chrono::nanoseconds unsure_nap = std::chrono::milliseconds(1);

    /// Registers this process with the kernel, as publisher.
    explicit Wake(WakeWords& words) noexcept;

    /// To be called after publishing. Cost: one load and a predicted branch; a system call only
    /// when somebody sleeps.
    [[gnu::always_inline]] void ring() noexcept {
        if (words_->waiting.load(std::memory_order_seq_cst) != 0) [[unlikely]] {  // A3
            wake_all();
        }
    }

    /// Sleeps until a ring() after which `ready()` holds, or until the time is over. Returns what
    /// ready() said last.
    ///
    /// Cost: some microseconds before it sleeps; for those who spun in vain.
    template <class Ready>
    bool wait(std::chrono::nanoseconds patience, const Ready& ready) noexcept(noexcept(ready())) {
        const std::uint32_t generation = announce();
        if (ready()) {  // A4
            return true;
        }
        sleep(generation, patience);
        return ready();
    }

  private:
    void wake_all() noexcept;                                                          // B1
    std::uint32_t announce() noexcept;                                                 // A1, A2
    void sleep(std::uint32_t generation, std::chrono::nanoseconds patience) noexcept;  // B2

    WakeWords* words_;
    bool barrier_there_;
};

}  // namespace roda
