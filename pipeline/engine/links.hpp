// SPDX-License-Identifier: Apache-2.0
// What the parts of one engine share: whom to ring, whether threads run, the first failure, and how
// to wait. Knows no record type.
//
// | label | operation             | order   | pairs with                                    |
// |-------|-----------------------|---------|-----------------------------------------------|
// | F1    | failed := true        | release | F2: the text is written                       |
// | F2    | anyone loads failed   | acquire | F1                                            |
// | T1    | running := ...        | release | T2: at false the threads are joined, so that  |
// |       |                       |         | all they did is seen                          |
// | T2    | anyone loads running  | acquire | T1                                            |
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/engine/bell.hpp"
#include "pipeline/engine/idle.hpp"
#include "pipeline/engine/thread_plan.hpp"

namespace roda {

class EngineLinks {
  public:
    /// Errors: StartupError when the stages' cores cannot be had.
    EngineLinks(std::vector<StageOptions> stages, bool cross_node);

    const ThreadPlan& plan() const noexcept { return plan_; }

    std::string_view name_of(std::size_t stage) const { return stages_.at(stage).name; }

    // --- whom to ring -------------------------------------------------------------------------

    Bell& thread_bell(std::size_t thread) noexcept { return thread_bells_[thread]; }

    /// Who waits for what this stage publishes; nullptr when it is a stage of the same thread.
    Bell* behind(std::size_t stage) noexcept;

    /// Who waits for the room that this stage makes; nullptr when it is a stage of the same thread.
    Bell* before(std::size_t stage) noexcept;

    /// The senders wait here for room.
    Bell& senders() noexcept { return senders_; }

    /// The receivers wait here for outputs.
    Bell& receivers() noexcept { return receivers_; }

    /// Waits for the input: the first stage's thread, or the receivers when there is no stage.
    Bell& first() noexcept { return stages_.empty() ? receivers_ : bell_of(0); }

    /// Waits for room in the output: the last stage's thread, or the senders.
    Bell& last() noexcept { return stages_.empty() ? senders_ : bell_of(stages_.size() - 1); }

    /// Every bell: after a failure or a stop, whoever waits looks again.
    void ring_all() noexcept;

    // --- failure ------------------------------------------------------------------------------

    /// Keeps the first one. Thread: any.
    void fail(std::size_t stage, const char* reason);

    bool has_failed() const noexcept { return failed_.load(std::memory_order_acquire); }  // F2

    /// `stage: reason`; empty while all is well.
    std::string failure() const { return has_failed() ? failure_ : std::string(); }

    // --- waiting ------------------------------------------------------------------------------

    bool is_running() const noexcept { return running_.load(std::memory_order_acquire); }  // T2

    void set_running(bool running) noexcept {
        running_.store(running, std::memory_order_release);  // T1
    }

    /// Set by the engine: runs each stage once; tells whether no output will come any more although
    /// threads run.
    void set_engine(std::function<std::size_t()> step, std::function<bool()> is_over) {
        step_ = std::move(step);
        is_over_ = std::move(is_over);
    }

    /// No room will come: the engine failed, or its threads have stopped.
    bool is_send_in_vain() const noexcept { return has_failed() || !is_running(); }

    /// No output will come.
    bool is_receive_in_vain() const { return !is_running() || (has_failed() && is_over_()); }

    /// Tries until it succeeds or is in vain: with threads it spins, then sleeps on the bell;
    /// without it runs the stages between two attempts. Returns the last attempt's result.
    template <class Attempt, class InVain>
    bool persist(Bell& bell, const Attempt& attempt, const InVain& in_vain) {
        if (attempt()) [[likely]] {
            return true;
        }
        return is_running() ? sleep_until(bell, attempt, in_vain) : step_until(attempt);
    }

  private:
    Bell& bell_of(std::size_t stage) noexcept { return thread_bells_[plan_.thread_of(stage)]; }

    template <class Attempt, class InVain>
    static bool sleep_until(Bell& bell, const Attempt& attempt, const InVain& in_vain) {
        Idle idle;
        while (idle.spin()) {
            if (attempt()) {
                return true;
            }
        }
        bool done = false;
        bool vain = false;
        while (!done && !vain) {
            bell.wait([&] {
                vain = in_vain();  // first: what came before it is seen by the attempt
                done = attempt();
                return done || vain;
            });
        }
        return done;
    }

    /// One thread at a time runs the stages: after stop() a sender and a receiver may both come
    /// here. Who finds the other at it does not wait for him.
    template <class Attempt>
    bool step_until(const Attempt& attempt) {
        for (;;) {
            {
                const std::unique_lock alone(step_mutex_, std::try_to_lock);
                if (!alone || step_() == 0) {
                    return attempt();
                }
            }
            if (attempt()) {
                return true;
            }
        }
    }

    std::vector<StageOptions> stages_;
    ThreadPlan plan_;
    std::unique_ptr<Bell[]> thread_bells_;
    Bell senders_;
    Bell receivers_;
    std::function<std::size_t()> step_;
    std::function<bool()> is_over_;
    std::mutex step_mutex_;     // between those who run the stages inline
    std::mutex failure_mutex_;  // between failing stages
    std::string failure_;
    std::atomic<bool> failed_{false};
    std::atomic<bool> running_{false};
};

}  // namespace roda
