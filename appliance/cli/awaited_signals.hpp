// SPDX-License-Identifier: Apache-2.0
// Signals as something to wait for, not as an interruption.
#pragma once

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <ctime>
#include <initializer_list>

namespace roda::appliance {

/// Blocks SIGINT, SIGTERM and those that the caller adds, in the calling thread and those it starts
/// later.
///
/// Thread: main, before it starts any other.
class AwaitedSignals {
  public:
    explicit AwaitedSignals(std::initializer_list<int> others = {}) {
        ::sigemptyset(&signals_);
        ::sigaddset(&signals_, SIGINT);
        ::sigaddset(&signals_, SIGTERM);
        for (const int other : others) {
            ::sigaddset(&signals_, other);
        }
        ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    }

    /// Waits up to `time`; the signal that came, or 0.
    int wait_for(std::chrono::nanoseconds time) const {
        const timespec limit{static_cast<time_t>(time.count() / 1'000'000'000),
                             static_cast<long>(time.count() % 1'000'000'000)};
        return std::max(::sigtimedwait(&signals_, nullptr, &limit), 0);  // EINTR: not yet
    }

  private:
    sigset_t signals_{};
};

}  // namespace roda::appliance
