// SPDX-License-Identifier: Apache-2.0
// StageEngine: stages in a row, each a pipe between journals, on threads of their own or inline.
//
//   auto alerts = roda::engine<Reading>({.journal_records = 1'000'000})
//                     .stage({.name = "aggregate"}, pipe(stateful(...)))
//                     .stage({.name = "detect"}, pipe(delta(...), dedup_by(...)))
//                     .build();
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "pipeline/engine/idle.hpp"
#include "pipeline/engine/stage.hpp"
#include "pipeline/engine/worker.hpp"

namespace roda {

struct EngineOptions {
    std::uint64_t journal_records = 1024;  // of the input, and of each stage that names no other
};

struct StageOptions {
    std::string name;
    std::uint64_t journal_records = 0;  // of its output; 0: the engine's
};

/// Where the stages run: cores[i] for stage i; stages beyond the list are not pinned.
struct Placement {
    std::vector<std::uint32_t> cores;
};

/// The stages behind one journal. `processed` is what lets another thread see that a stage is
/// done: stored with release after its outputs are published, loaded with acquire.
template <Pod In, class... Specs>
class StageChain {
  public:
    using Output = In;

    StageChain(StageJournal<In>& input, const EngineOptions&) : last_(&input) {}

    std::size_t step() { return 0; }

    bool is_idle() const { return true; }

    void start(std::vector<std::unique_ptr<Worker>>&, const Placement&, std::size_t) {}

    StageJournal<In>& last() noexcept { return *last_; }

  private:
    StageJournal<In>* last_;
};

template <Pod In, class Head, class... Tail>
class StageChain<In, Head, Tail...> {
    using PipeType = decltype(std::declval<const Head&>().spec.template bind<In>());
    using Rest = StageChain<typename PipeType::Output, Tail...>;

  public:
    using Output = typename Rest::Output;

    StageChain(StageJournal<In>& input,
               const EngineOptions& options,
               const Head& head,
               const Tail&... tail)
        : name_(head.options.name),
          input_(&input),
          stage_(input,
                 head.spec.template bind<In>(),
                 head.options.journal_records != 0 ? head.options.journal_records
                                                   : options.journal_records),
          rest_(stage_.output(), options, tail...) {}

    std::size_t step() {
        const std::size_t taken = step_one();
        return taken + rest_.step();
    }

    /// From the input on: a stage that has nothing pending has published all it will.
    bool is_idle() const {
        return processed_.load(std::memory_order_acquire) ==
                   input_->header().published.load(std::memory_order_acquire) &&
               rest_.is_idle();
    }

    void start(std::vector<std::unique_ptr<Worker>>& workers,
               const Placement& placement,
               std::size_t position) {
        WorkerOptions options{name_, std::nullopt};
        if (position < placement.cores.size()) {
            options.core = placement.cores[position];
        }
        workers.push_back(std::make_unique<Worker>(options, [this] { return step_one(); }));
        rest_.start(workers, placement, position + 1);
    }

    StageJournal<Output>& last() noexcept { return rest_.last(); }

  private:
    std::size_t step_one() {
        const std::size_t taken = stage_.step();
        processed_.store(stage_.get_index(), std::memory_order_release);
        return taken;
    }

    std::string name_;
    StageJournal<In>* input_;
    Stage<In, PipeType> stage_;
    alignas(contention_block_bytes) std::atomic<std::uint64_t> processed_{0};
    Rest rest_;
};

template <Pod In, class... Specs>
class StageEngine {
    using Chain = StageChain<In, Specs...>;

  public:
    using Output = typename Chain::Output;

    StageEngine(const EngineOptions& options, const Specs&... specs)
        : input_({.capacity_records = options.journal_records}),
          chain_(input_, options, specs...),
          output_(chain_.last().reader()) {}

    /// Starts a thread for each stage. Without it the caller runs the stages with step().
    ///
    /// Errors: StartupError when a core is not there; then no stage runs.
    void run(const Placement& placement = {}) {
        check(workers_.empty(), "an engine runs once at a time");
        check(failure_.empty(),
              "a failed engine does not run again: its last burst is half folded");
        try {
            chain_.start(workers_, placement, 0);
        } catch (...) {
            workers_.clear();
            throw;
        }
    }

    /// Lets the stages finish what was sent and ends the threads. What has no room in the last
    /// journal stays in those before it: receive() and step() go on from there.
    ///
    /// Thread: the sender's and receiver's.
    void stop() {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        Idle idle;
        while (!workers_.empty() && !chain_.is_idle() && !is_output_full() && failure().empty() &&
               std::chrono::steady_clock::now() < deadline) {
            idle.wait();
        }
        failure_ = failure();
        workers_.clear();
    }

    /// Runs each stage once on the caller's thread: deterministic, for tests and replays.
    /// Returns the records taken over all stages.
    std::size_t step() {
        check(workers_.empty(), "step() is for an engine without threads");
        return chain_.step();
    }

    /// Appends a record to the input.
    ///
    /// Thread: one sender. Errors: false when the input is full for now.
    bool try_send(const In& record) {
        const std::span<In> slot = input_.claim(1);
        if (slot.empty()) {
            return false;
        }
        slot[0] = record;
        input_.publish(1);
        return true;
    }

    /// Appends a record, waiting for room; without threads it runs the stages to make some.
    ///
    /// Errors: false when no room will come: a stage failed, or the output is full and inline.
    bool send(const In& record) {
        Idle idle;
        while (!try_send(record)) {
            if (is_stuck()) {
                return false;
            }
            idle.wait();
        }
        return true;
    }

    /// The next output, if there is one. Thread: one receiver.
    std::optional<Output> try_receive() {
        const std::span<const Output> next = output_.peek(1);
        if (next.empty()) {
            return std::nullopt;
        }
        const Output record = next[0];
        output_.advance(1);
        return record;
    }

    /// The next output, waiting for it; nothing when a stage failed, or inline and all is done.
    std::optional<Output> receive() {
        Idle idle;
        for (;;) {
            if (std::optional<Output> record = try_receive()) {
                return record;
            }
            if (is_stuck()) {
                return try_receive();
            }
            idle.wait();
        }
    }

    /// Waits until no stage has anything before it. False: the time ran out, or a stage failed.
    ///
    /// Thread: the sender's, so that nothing is sent meanwhile.
    bool await_idle(std::chrono::milliseconds timeout) {
        const auto deadline = std::chrono::steady_clock::now() + timeout;
        Idle idle;
        while (!chain_.is_idle()) {
            if (workers_.empty()) {
                step();
            }
            if (std::chrono::steady_clock::now() > deadline || !failure().empty()) {
                return chain_.is_idle();
            }
            idle.wait();
        }
        return true;
    }

    /// What ended a stage's thread, with the stage's name; empty while all is well. Kept by stop().
    std::string failure() const {
        if (!failure_.empty()) {
            return failure_;
        }
        for (const std::unique_ptr<Worker>& worker : workers_) {
            if (std::string failure = worker->failure(); !failure.empty()) {
                return failure;
            }
        }
        return {};
    }

  private:
    /// True when waiting is in vain. Without threads it runs the stages once to find out.
    bool is_stuck() { return !failure().empty() || (workers_.empty() && step() == 0); }

    bool is_output_full() {
        const JournalHeader& header = chain_.last().header();
        return header.published.load(std::memory_order_acquire) - output_.get_index() ==
               header.ring_records;
    }

    StageJournal<In> input_;
    Chain chain_;
    typename StageJournal<Output>::Reader output_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::string failure_;
};

template <class Spec>
struct StageSpec {
    StageOptions options;
    Spec spec;
};

/// Collects stages; build() takes all the memory.
template <Pod In, class Output, class... Specs>
class EngineBuilder {
  public:
    explicit EngineBuilder(EngineOptions options, std::tuple<Specs...> specs = {})
        : options_(options), specs_(std::move(specs)) {}

    template <class Spec>
    auto stage(StageOptions options, Spec spec) && {
        static_assert(OperatorSpec<Spec, Output>,
                      "stage(): this pipe does not accept the record type produced before it");
        using Next = typename decltype(spec.template bind<Output>())::Output;
        return EngineBuilder<In, Next, Specs..., StageSpec<PipeSpec<Spec>>>(
            options_,
            std::tuple_cat(std::move(specs_),
                           std::make_tuple(StageSpec<PipeSpec<Spec>>{std::move(options),
                                                                     pipe(std::move(spec))})));
    }

    /// Errors: StartupError when the memory is not there.
    std::unique_ptr<StageEngine<In, Specs...>> build() && {
        return std::apply(
            [this](const Specs&... specs) {
                return std::make_unique<StageEngine<In, Specs...>>(options_, specs...);
            },
            specs_);
    }

  private:
    EngineOptions options_;
    std::tuple<Specs...> specs_;
};

template <Pod In>
EngineBuilder<In, In> engine(const EngineOptions& options = {}) {
    return EngineBuilder<In, In>(options);
}

}  // namespace roda
