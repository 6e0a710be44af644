// SPDX-License-Identifier: Apache-2.0
// The stages of an engine in a row, composed at compile time. Asks each in turn; a stage's own
// work is stage_runner.hpp's.
#pragma once

#include <type_traits>
#include <utility>

#include "pipeline/engine/placement.hpp"
#include "pipeline/engine/stage_runner.hpp"

namespace roda {

/// A pipe and how it is to run: what the builder collects.
template <class Spec>
struct StageSpec {
    StageOptions options;
    Spec spec;
};

/// What make() returns, made where `core` touches its memory first.
template <class Make>
auto make_on_core(std::optional<std::uint32_t> core, const Make& make) {
    const OnCore scope(core);
    return make();
}

/// The end of a row: no stage.
template <Pod In, class... Specs>
class StageChain {
  public:
    using Output = In;

    StageChain(StageJournal<In>& input, const EngineOptions&, EngineLinks&, std::size_t)
        : last_(&input) {}

    std::size_t step(std::uint64_t&) { return 0; }

    std::size_t step_thread(std::size_t, std::uint64_t&) { return 0; }

    bool is_idle() const noexcept { return true; }

    bool is_over(bool over_before) const noexcept { return over_before; }

    bool is_at_rest() const noexcept { return true; }

    bool is_held_back() const noexcept { return false; }

    std::uint64_t taken() const noexcept { return 0; }

    std::uint64_t taken_over_all() const noexcept { return 0; }

    void read_counters(StageStatus*, const EngineLinks&, std::size_t) const noexcept {}

    StageJournal<In>& last() noexcept { return *last_; }

  private:
    StageJournal<In>* last_;
};

template <Pod In, class Head, class... Tail>
class StageChain<In, Head, Tail...> {
    using PipeType = decltype(std::declval<const Head&>().spec.template bind<In>());
    using Runner = StageRunner<In, PipeType>;
    using Rest = StageChain<typename PipeType::Output, Tail...>;

  public:
    using Output = typename Rest::Output;

    StageChain(StageJournal<In>& input,
               const EngineOptions& options,
               EngineLinks& links,
               std::size_t position,
               const Head& head,
               const Tail&... tail)
        : runner_(make_on_core(head.options.core,
                               [&] {
                                   return Runner(input,
                                                 head.spec.template bind<In>(),
                                                 head.options,
                                                 head.options.journal_records != 0
                                                     ? head.options.journal_records
                                                     : options.journal_records,
                                                 links,
                                                 position);
                               })),
          rest_(runner_.output(), options, links, position + 1, tail...) {}

    /// Steps every stage once. Errors: what a pipe throws.
    std::size_t step(std::uint64_t& now_ns) {
        const std::size_t taken = runner_.step(now_ns);
        return taken + rest_.step(now_ns);
    }

    /// Steps every stage of one thread once. A stage that throws has noted it; the others go on.
    std::size_t step_thread(std::size_t thread, std::uint64_t& now_ns) {
        std::size_t taken = 0;
        if (runner_.thread() == thread) {
            try {
                taken = runner_.step(now_ns);
            } catch (...) {
            }
        }
        return taken + rest_.step_thread(thread, now_ns);
    }

    /// From the input on: a stage that has nothing pending has published all it will.
    bool is_idle() const noexcept { return has_taken_all(runner_.state()) && rest_.is_idle(); }

    /// After a failure: true when no output will come any more, because the stages behind the
    /// failed one have nothing left. `over_before`: nothing comes from before this stage.
    bool is_over(bool over_before) const noexcept {
        const StageState state = runner_.state();
        return rest_.is_over(state.has_failed != 0 || (over_before && has_taken_all(state)));
    }

    /// True when each stage has nothing to take, no room, or failed.
    bool is_at_rest() const noexcept {
        const StageState state = runner_.state();
        return (state.has_failed != 0 || has_taken_all(state) || has_no_room(state)) &&
               rest_.is_at_rest();
    }

    /// True when the last stage waits for a receiver.
    bool is_held_back() const noexcept {
        if constexpr (sizeof...(Tail) == 0) {
            return runner_.state().is_held_back != 0;
        } else {
            return rest_.is_held_back();
        }
    }

    std::uint64_t taken() const noexcept { return runner_.state().counters.taken; }

    std::uint64_t taken_over_all() const noexcept { return taken() + rest_.taken_over_all(); }

    void read_counters(StageStatus* out, const EngineLinks& links, std::size_t position) const {
        *out = {links.name_of(position), runner_.state().counters};
        rest_.read_counters(out + 1, links, position + 1);
    }

    StageJournal<Output>& last() noexcept { return rest_.last(); }

  private:
    bool has_taken_all(const StageState& state) const noexcept {
        return state.counters.taken == runner_.sent();
    }

    bool has_no_room(const StageState& state) const noexcept {
        if constexpr (sizeof...(Tail) == 0) {
            return state.is_held_back != 0;
        } else {
            // What was emitted before what was taken of it: rather too little than too much.
            return runner_.is_output_full(state.counters.emitted, rest_.taken());
        }
    }

    Runner runner_;
    Rest rest_;
};

}  // namespace roda
