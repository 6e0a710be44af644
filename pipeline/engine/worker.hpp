// SPDX-License-Identifier: Apache-2.0
// A core's loop: one thread that takes turns until it is told to stop. The only place in the
// engine that makes threads; workers.hpp starts several of them together.
//
// Atomics: an order to the thread and what it counts are single words that carry nothing else
// (relaxed; the bell brings an order to a sleeper). `failed` and `ended` are stored with release
// after what they stand for, and loaded with acquire.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "pipeline/engine/bell.hpp"
#include "pipeline/engine/idle.hpp"

namespace roda {

struct WorkerOptions {
    std::string name;                                  // of the thread; 15 characters are kept
    std::optional<std::uint32_t> core = std::nullopt;  // none: the kernel places it
    Bell* bell = nullptr;        // rung by those who bring work: an idle worker parks on it.
                                 // none: the work comes from hardware
    std::uint64_t stall_ns = 0;  // a busy turn longer than this is a stall; 0: none is
    std::function<void()> rest = nullptr;  // without a bell, how it sleeps between two looks at its
                                           // work and its orders; none: 50 us at a time
};

/// What a worker did so far; read by any thread. A busy turn is timed when the next one begins.
struct WorkerCounters {
    std::uint64_t busy_turns = 0;
    std::uint64_t idle_turns = 0;
    std::uint64_t parks = 0;        // times it went to sleep on its bell
    std::uint64_t turn_max_ns = 0;  // the longest turn that found work
    std::uint64_t stalls = 0;       // busy turns longer than stall_ns
};

/// Runs `turn` over and over on its own thread; `turn` returns how much it did.
///
/// Errors: StartupError from start() when the kernel refuses the core. An exception in `turn` ends
/// the worker and is kept for failure().
/// Cost: for each turn a call through std::function and one look at the clock, no locked
/// instruction.
class Worker {
  public:
    using Turn = std::function<std::size_t()>;

    Worker(WorkerOptions options, Turn turn);

    /// Stops at once, without draining.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Starts the thread; once. It is on its core before its first turn, so that what a turn
    /// touches first lies near it. Cores are checked before: check_placement().
    void start();

    /// Lets the worker go on until a turn finds nothing, but no longer than `patience`; then
    /// joins it. False when there was still work to do. A turn in progress is waited for.
    bool drain(std::chrono::milliseconds patience);

    /// To be called after giving it work. Cost: one load while it is awake.
    void ring() noexcept {
        if (options_.bell != nullptr) {
            options_.bell->ring();
        }
    }

    WorkerCounters counters() const noexcept;

    /// How long the turn that runs now has been running; 0 between turns. Finds a turn that hangs.
    std::uint64_t in_turn_ns() const noexcept;

    /// When the turn in progress began. Thread: for use inside `turn`.
    std::uint64_t turn_began_ns() const noexcept {
        return turn_began_ns_.load(std::memory_order_relaxed);
    }

    /// Why the worker ended by itself; empty while it runs. Names the worker.
    std::string failure() const;

    const WorkerOptions& options() const noexcept { return options_; }

  private:
    enum class Order : int { hold, run, drain, stop };  // hold: until it is on its core

    void give(Order order) noexcept;
    void loop();
    void take_turns();
    bool take_turn();
    void rest(Idle& idle, Order order);
    void time_last_turn(std::uint64_t now_ns) noexcept;

    WorkerOptions options_;
    Turn turn_;
    std::thread thread_;
    std::string failure_;  // written before failed_ is set
    std::atomic<Order> order_{Order::hold};
    std::atomic<bool> ended_{false};
    std::atomic<bool> failed_{false};
    bool was_busy_ = false;  // the worker's own
    // Single writer: plain load and store, no locked instruction. The blocks keep those who read
    // and ring from slowing the worker, and neighbours in memory from one another.
    alignas(contention_block_bytes) std::atomic<std::uint64_t> turn_began_ns_{0};
    std::atomic<std::uint64_t> busy_turns_{0};
    std::atomic<std::uint64_t> idle_turns_{0};
    std::atomic<std::uint64_t> parks_{0};
    std::atomic<std::uint64_t> turn_max_ns_{0};
    std::atomic<std::uint64_t> stalls_{0};
};

}  // namespace roda
