// SPDX-License-Identifier: Apache-2.0
// How a queue's worker sleeps: until the device's receive interrupt where it has one that works,
// else a nap at a time.
//
// Atomics: a flag for whoever asks how the worker rests; it orders nothing (relaxed).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

#include "dpdk/device/interrupt_trust.hpp"

namespace roda::dpdk::detail {

/// One queue's sleep.
///
/// Until an interrupt is believed (InterruptTrust), a sleep is no longer than a nap, so that a
/// frame waits at most that long. Thread: the queue's worker; bind() and unbind() while it is not
/// in any call. Cost: no allocation.
class Rest {
  public:
    using Duration = std::chrono::nanoseconds;

    /// A nap is as long as a tenth of the rest so far: short while work may come back at once, and
    /// at the end rare enough for a few percent of a core.
    static constexpr Duration shortest_nap = std::chrono::microseconds(50);
    static constexpr Duration longest_nap = std::chrono::microseconds(700);

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

    /// Whether the interrupt has proven itself: the sleep is as long as it is right. Thread: any.
    bool is_proven() const noexcept { return proven_.load(std::memory_order_relaxed); }

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
    Duration next_nap() noexcept;

    std::uint16_t port_id_ = 0;
    std::uint16_t queue_id_ = 0;
    std::mutex* port_lock_ = nullptr;
    int epoll_ = -1;
    bool needs_arming_ = true;
    InterruptTrust trust_;
    std::atomic<bool> proven_{false};  // trust_.is_proven()
    Duration rested_ = Duration::zero();
};

}  // namespace roda::dpdk::detail
