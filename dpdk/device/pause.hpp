// SPDX-License-Identifier: Apache-2.0
// How the port gets a queue's worker out of the driver for a while, to restart the device.
//
// Atomics: `asked` is stored with release and loaded with acquire, so that a worker which goes on
// sees the restarted device; `granted` likewise, so that the port sees the worker's last calls
// done. Each pause has a number: the answer to an earlier one is no answer.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

namespace roda::dpdk::detail {

/// Between the main thread, which asks, and one worker.
class Pause {
  public:
    // --- the main thread

    void ask() noexcept { asked_.store(++number_, std::memory_order_release); }

    /// Whether the worker is out of the driver, and stays so until end(). False: it has not been
    /// polling for as long as `patience`.
    bool wait(std::chrono::milliseconds patience) const noexcept {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (granted_.load(std::memory_order_acquire) != number_) {
            if (std::chrono::steady_clock::now() > deadline) {
                return false;
            }
            std::this_thread::sleep_for(std::chrono::microseconds(100));
        }
        return true;
    }

    void end() noexcept { asked_.store(none, std::memory_order_release); }

    // --- the worker

    /// Whether it has to stay out of the driver. To be asked where it is in no call of it and has
    /// no frames that were taken and not handed out.
    [[gnu::always_inline]] bool is_asked() noexcept {
        const std::uint64_t number = asked_.load(std::memory_order_acquire);
        if (number == none) [[likely]] {
            return false;
        }
        granted_.store(number, std::memory_order_release);
        return true;
    }

  private:
    static constexpr std::uint64_t none = 0;

    std::atomic<std::uint64_t> asked_{none};
    std::atomic<std::uint64_t> granted_{none};
    std::uint64_t number_ = none;  // of the main thread
};

}  // namespace roda::dpdk::detail
