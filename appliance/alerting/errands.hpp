// SPDX-License-Identifier: Apache-2.0
// How another thread has something done by a worker that may not be stopped: it leaves an errand,
// the worker runs it between two bursts, a turn at a time.
//
// | label | operation | order | pairs with |
// | W     | the errand is left | release | T |
// | T     | the worker takes it | acquire | W |
// | D     | the worker has done it | release | R |
// | R     | its owner sees that it is done | acquire | D |
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <thread>

namespace roda::appliance {

/// Thread: run() by any, one after the other; turn() by the worker. Cost: turn() without an errand
/// is one load.
template <class Subject>
class Errands {
  public:
    /// Does a bounded part of the errand; true when all is done.
    using Errand = std::function<bool(Subject&)>;

    /// Returns when it is done, or false when the worker has not begun within `patience`: it does
    /// not run any more.
    bool run(Errand errand, std::chrono::milliseconds patience) {
        const std::lock_guard lock(one_at_a_time_);
        done_.store(false, std::memory_order_relaxed);
        left_.store(&errand, std::memory_order_release);  // W
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (!done_.load(std::memory_order_acquire)) {  // R
            if (std::chrono::steady_clock::now() > deadline &&
                left_.exchange(nullptr, std::memory_order_acq_rel) != nullptr) {
                return false;
            }
            std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
        return true;
    }

    /// Between two bursts. True: something was done.
    bool turn(Subject& subject) {
        if (in_hand_ == nullptr && left_.load(std::memory_order_relaxed) == nullptr) [[likely]] {
            return false;
        }
        return go_on(subject);
    }

  private:
    [[gnu::noinline]] bool go_on(Subject& subject) {
        if (in_hand_ == nullptr) {
            in_hand_ = left_.exchange(nullptr, std::memory_order_acquire);  // T
        }
        if (in_hand_ != nullptr && (*in_hand_)(subject)) {
            in_hand_ = nullptr;
            done_.store(true, std::memory_order_release);  // D
        }
        return true;
    }

    std::mutex one_at_a_time_;
    std::atomic<const Errand*> left_{nullptr};
    std::atomic<bool> done_{false};
    const Errand* in_hand_ = nullptr;  // the worker's
};

}  // namespace roda::appliance
