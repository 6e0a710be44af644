// SPDX-License-Identifier: Apache-2.0
// StageEngine: stages in a row, each a pipe between journals, on threads or inline. Made by
// builder.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/engine/engine_input.hpp"
#include "pipeline/engine/idle.hpp"
#include "pipeline/engine/output_reader.hpp"
#include "pipeline/engine/stage_chain.hpp"
#include "pipeline/engine/workers.hpp"

namespace roda {

/// Thread: one sends, one receives, one starts and stops; counters() and failure() are for any.
/// Without threads the engine belongs to the one that calls it.
template <Pod In, class... Specs>
class StageEngine {
    using Chain = StageChain<In, Specs...>;

  public:
    using Output = typename Chain::Output;
    static constexpr std::size_t stage_count = sizeof...(Specs);

    /// Errors: StartupError when memory or cores are not there.
    explicit StageEngine(const EngineOptions& options, const Specs&... specs)
        : options_(options),
          links_({specs.options...}, options.cross_node),
          input_(make_on_core(first_core(),
                              [&] { return EngineInput<In>(options.journal_records, links_); })),
          chain_(input_.journal(), options, links_, 0, specs...),
          output_(chain_.last().reader(), links_) {
        links_.set_engine([this] { return step(); }, [this] { return chain_.is_over(false); });
    }

    StageEngine(const StageEngine&) = delete;
    StageEngine& operator=(const StageEngine&) = delete;

    // --- running ------------------------------------------------------------------------------

    /// Starts the threads. Without it the caller runs the stages with step().
    ///
    /// Errors: StartupError when a core is gone; then no stage runs.
    void run() {
        check(!links_.is_running(), "an engine runs once at a time");
        check(!links_.has_failed(),
              "a failed engine does not run again: its last burst is half folded");
        workers_ = std::make_unique<Workers>(options_.cross_node);
        for (std::size_t thread = 0; thread < links_.plan().threads().size(); ++thread) {
            const ThreadPlan::Thread& plan = links_.plan().threads()[thread];
            workers_->add(
                {.name = plan.name, .core = plan.core, .bell = &links_.thread_bell(thread)},
                [this, thread] {
                    std::uint64_t now_ns = workers_->all()[thread]->turn_began_ns();
                    return chain_.step_thread(thread, now_ns);
                });
        }
        workers_->start();
        links_.set_running(true);
    }

    /// Lets the stages finish what was sent and ends the threads. What has no room in the last
    /// journal stays in those before it: receive(), step() or another run() go on from there.
    ///
    /// Errors: output_full as soon as no receiver took anything for a second; timed_out after
    /// `patience`. After a failure the other stages finish first.
    DrainResult stop(std::chrono::milliseconds patience = std::chrono::seconds(10)) {
        const DrainResult result = settle(patience, true);
        if (links_.is_running()) {
            workers_->stop(std::chrono::milliseconds(0));
            links_.set_running(false);
            links_.ring_all();
        }
        return result;
    }

    /// Waits until no stage has anything before it.
    ///
    /// Errors: without threads, what a pipe throws; so do send(), receive() and stop().
    /// Thread: the sender's, so that nothing is sent meanwhile.
    DrainResult await_idle(std::chrono::milliseconds timeout) { return settle(timeout, false); }

    /// Runs each stage once on the caller's thread: deterministic, for tests and replays.
    /// Returns the records taken over all stages. Errors: what a pipe throws.
    std::size_t step() {
        check(!links_.is_running(), "step() is for an engine without threads");
        std::uint64_t now_ns = monotonic_now_ns();
        return chain_.step(now_ns);
    }

    // --- the sender ---------------------------------------------------------------------------

    /// Appends a record to the input. Errors: false when the input is full for now.
    bool try_send(const In& record) noexcept { return input_.try_send(record); }

    /// Appends a record, waiting for room: asleep, if it takes long. Without threads it runs the
    /// stages to make some.
    ///
    /// Errors: false when no room will come: a stage failed, or the output is full and inline.
    bool send(const In& record) { return input_.send(record); }

    /// Appends records in order, waiting for room. Returns how many, less than all as for send().
    /// One thread that sends more than the journals hold and receives by itself waits for ever:
    /// let it try_send(), or receive in between.
    std::size_t send(std::span<const In> records) { return input_.send(records); }

    /// The longest claim().
    std::uint32_t max_claim() const noexcept { return input_.max_claim(); }

    /// Room for `records` records to be written in place, waiting for it; empty as for send().
    ///
    /// Shape: nobody sees them before publish(); another claim() before it gives the same place.
    std::span<In> claim(std::uint32_t records) { return input_.claim(records); }

    /// Shows the first `records` of the last claim() to the first stage.
    void publish(std::uint32_t records) noexcept { input_.publish(records); }

    // --- the receivers ------------------------------------------------------------------------

    /// The next output, if there is one.
    std::optional<Output> try_receive() noexcept { return output_.try_receive(); }

    /// The next output, waiting for it; nothing when none will come: see OutputReader::receive().
    std::optional<Output> receive() { return output_.receive(); }

    /// One more reader of the outputs, beside receive(): each sees all that is emitted from now
    /// on, and all that receive() has not passed. The slowest holds the engine back, and receive()
    /// is one of them: somebody must call it.
    ///
    /// Thread: called while no thread runs. Errors: StartupError beyond 7 of them.
    OutputReader<Output> output_reader() {
        check(!links_.is_running(), "readers are made before run()");
        return OutputReader<Output>(chain_.last().reader(), links_);
    }

    // --- what is going on ---------------------------------------------------------------------

    /// The first failure, with the stage's name; empty while all is well. Kept by stop().
    std::string failure() const { return links_.failure(); }

    /// As of each stage's last step.
    std::array<StageStatus, stage_count> counters() const {
        std::array<StageStatus, stage_count> all;
        chain_.read_counters(all.data(), links_, 0);
        return all;
    }

    /// The threads of the last run(), for their turns, parks, and turns that hang. nullptr before.
    /// Thread: any, but not during run().
    const Workers* workers() const noexcept { return workers_.get(); }

  private:
    static constexpr std::chrono::milliseconds receiver_patience{1'000};

    std::optional<std::uint32_t> first_core() const {
        const auto& threads = links_.plan().threads();
        return threads.empty() ? std::nullopt : threads.front().core;
    }

    /// Polls, so that the stages pay nothing for being watched.
    DrainResult settle(std::chrono::milliseconds timeout, bool stopping) {
        using Clock = std::chrono::steady_clock;
        constexpr std::chrono::milliseconds for_ever = std::chrono::hours(24 * 365);
        const auto deadline = Clock::now() + std::min(timeout, for_ever);
        auto rests_since = Clock::now();
        std::uint64_t taken = chain_.taken_over_all();
        Idle idle;
        for (;;) {
            if (!links_.is_running()) {
                while (step() != 0) {
                }
            }
            if (chain_.is_idle()) {
                return DrainResult::idle;
            }
            if (links_.has_failed() && !stopping) {
                return DrainResult::failed;
            }
            const auto now = Clock::now();
            const bool rests = chain_.is_at_rest();
            const bool is_held_back = chain_.is_held_back();
            // Last: what was seen of one stage after the other was so at one time, if meanwhile
            // nothing was taken.
            const std::uint64_t before = std::exchange(taken, chain_.taken_over_all());
            const bool rested = rests && before == taken;
            rests_since = rested ? rests_since : now;
            // Only a receiver or a failed stage lets the others rest; the latter for good.
            const bool is_over =
                stopping && rested &&
                (is_held_back ? now - rests_since >= receiver_patience : links_.has_failed());
            if (is_over || now >= deadline || !links_.is_running()) {
                return links_.has_failed() ? DrainResult::failed
                       : is_held_back      ? DrainResult::output_full
                                           : DrainResult::timed_out;
            }
            idle.wait();
        }
    }

    EngineOptions options_;
    EngineLinks links_;
    EngineInput<In> input_;
    Chain chain_;
    OutputReader<Output> output_;
    std::unique_ptr<Workers> workers_;  // last: its threads end before what they use
};

}  // namespace roda
