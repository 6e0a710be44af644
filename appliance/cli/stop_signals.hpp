// SPDX-License-Identifier: Apache-2.0
// SIGINT and SIGTERM as something to wait for, not as an interruption.
#pragma once

#include <pthread.h>
#include <chrono>
#include <csignal>
#include <ctime>

namespace roda::appliance {

/// Blocks both signals in the calling thread and those it starts later.
///
/// Thread: main, before it starts any other.
class StopSignals {
  public:
    StopSignals() {
        ::sigemptyset(&signals_);
        ::sigaddset(&signals_, SIGINT);
        ::sigaddset(&signals_, SIGTERM);
        ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    }

    /// Waits up to `time`; true when a signal came.
    bool wait_for(std::chrono::nanoseconds time) const {
        const timespec limit{static_cast<time_t>(time.count() / 1'000'000'000),
                             static_cast<long>(time.count() % 1'000'000'000)};
        return ::sigtimedwait(&signals_, nullptr, &limit) > 0;  // EINTR counts as "not yet"
    }

  private:
    sigset_t signals_{};
};

}  // namespace roda::appliance
