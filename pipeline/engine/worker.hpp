// SPDX-License-Identifier: Apache-2.0
// A core's loop: one thread that takes turns until it is told to stop. The only place in the
// engine that makes threads.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>

namespace roda {

struct WorkerOptions {
    std::string name;                   // of the thread; at most 15 characters are kept
    std::optional<std::uint32_t> core;  // pinned there; none: the kernel places it
};

/// What a worker did so far; read by any thread.
struct WorkerCounters {
    std::uint64_t busy_turns = 0;
    std::uint64_t idle_turns = 0;
    std::uint64_t turn_max_ns = 0;  // the longest turn that found work
};

/// Runs `turn` over and over on its own thread; `turn` returns how much it did.
///
/// Errors: StartupError from the constructor when the core is not there. An exception in `turn`
/// ends the worker and is kept for failure().
class Worker {
  public:
    using Turn = std::function<std::size_t()>;

    Worker(WorkerOptions options, Turn turn);

    /// Stops at once, without draining.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Lets the worker go on until a turn finds nothing, but no longer than `patience`; then
    /// joins it. False when there was still work to do.
    bool drain(std::chrono::milliseconds patience);

    WorkerCounters counters() const noexcept;

    /// Why the worker ended by itself; empty while it runs. Names the worker.
    std::string failure() const;

  private:
    enum class Order : int { run, drain, stop };

    void loop();
    void take_turns();

    WorkerOptions options_;
    Turn turn_;
    std::atomic<Order> order_{Order::run};
    std::atomic<bool> ended_{false};
    std::atomic<bool> failed_{false};
    std::string failure_;  // written before failed_ is set
    // Single writer: plain load and store, no locked instruction.
    std::atomic<std::uint64_t> busy_turns_{0};
    std::atomic<std::uint64_t> idle_turns_{0};
    std::atomic<std::uint64_t> turn_max_ns_{0};
    std::thread thread_;
};

}  // namespace roda
