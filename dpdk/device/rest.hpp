// SPDX-License-Identifier: Apache-2.0
// How a queue's worker sleeps: until the device's receive interrupt where it has one that works,
// else a nap at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

namespace roda::dpdk::detail {

/// One queue's sleep.
///
/// An interrupt is not believed before it has rung for a frame: some devices offer one that never
/// comes (e1000e with MSI-X). Until then, and after it was wrong a few times, a sleep is no longer
/// than a nap, so that a frame waits at most that long.
/// Thread: the queue's worker; bind() and unbind() while it is not in any call.
/// Cost: no allocation.
class Rest {
  public:
    using Duration = std::chrono::nanoseconds;

    /// A nap is as long as a tenth of the rest so far: short while work may come back at once, and
    /// at the end rare enough for a few percent of a core.
    static constexpr Duration shortest_nap = std::chrono::microseconds(50);
    static constexpr Duration longest_nap = std::chrono::microseconds(500);

    /// How long a proven interrupt is waited for: what else the worker does (orders, frames of the
    /// kernel's exception interface, pieces that time out) waits as long.
    static constexpr Duration longest_sleep = std::chrono::milliseconds(2);

    Rest() = default;
    ~Rest();
    Rest(const Rest&) = delete;
    Rest& operator=(const Rest&) = delete;

    /// Takes the queue's interrupt. `port_lock`: arming is for one queue of a port at a time.
    /// False: it has none.
    bool bind(std::uint16_t port_id, std::uint16_t queue_id, std::mutex& port_lock) noexcept;

    /// Before the device is stopped.
    void unbind() noexcept;

    bool has_interrupt() const noexcept { return epoll_ >= 0; }

    /// Before and after sleep(); between arm() and sleep() the queue is looked at once more.
    void arm() noexcept;
    void disarm() noexcept;

    /// Sleeps until the interrupt rings, or as long as it is trusted. True: it rang.
    bool sleep() noexcept;

    /// After sleep(): whether frames were there.
    void learn(bool rang, bool frames) noexcept;

    void nap() noexcept;

    /// A frame came: the next rest begins anew.
    void end() noexcept { rested_ = Duration::zero(); }

  private:
    static constexpr int most_wrong = 8;

    Duration next_nap() noexcept;

    std::uint16_t port_id_ = 0;
    std::uint16_t queue_id_ = 0;
    std::mutex* port_lock_ = nullptr;
    int epoll_ = -1;
    bool needs_arming_ = true;
    bool proven_ = false;
    int wrong_ = 0;  // sleeps in a row after which the interrupt was wrong
    Duration rested_ = Duration::zero();
};

}  // namespace roda::dpdk::detail
