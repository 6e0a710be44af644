// SPDX-License-Identifier: Apache-2.0
// pipe: operators one behind the other, composed at compile time into one loop. A pipe is an
// operator itself, so pipes nest.
#pragma once

#include <span>
#include <tuple>
#include <type_traits>

#include "pipeline/op/operator.hpp"

namespace roda {

/// Whether an item may enter the pipe's first operator: every one.
struct AdmitAll {
    template <class In>
    [[gnu::always_inline]] bool operator()(const In&) const noexcept {
        return true;
    }
};

/// Whether it may enter the operator behind one that only lets items pass.
template <class Admit, class Operator>
struct AdmitBoth {
    const Admit& before;
    const Operator& last;

    template <class In>
    [[gnu::always_inline]] bool operator()(const In& item) const {
        return before(item) && last.admit(item);
    }
};

/// The operators from one position on. Depth first: each output runs to the end before the next.
template <class In, class... Specs>
class OperatorChain {
  public:
    using Output = In;

    static constexpr bool sweeps = false;

    template <class Next>
    [[gnu::always_inline]] void push(const In& item, Cause cause, Next& next) {
        next(item, cause);
    }

    template <class Admit, class Next>
    [[gnu::always_inline]] void run(std::span<const In> items,
                                    Cause first_cause,
                                    const Admit& admit,
                                    Next& next) {
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (admit(items[i])) {
                next(items[i], first_cause + i);
            }
        }
    }

    template <class Next>
    void flush(Next&) {}

    template <class Next>
    void advance_time(std::uint64_t, Cause, Next&) {}

    OperatorCounts counts() const noexcept { return {}; }
};

template <class In, class Head, class... Tail>
class OperatorChain<In, Head, Tail...> {
    static_assert(OperatorSpec<Head, In>,
                  "pipe(): this operator does not accept the record type produced before it");
    using Operator = decltype(std::declval<const Head&>().template bind<In>());
    using Rest = OperatorChain<typename Operator::Output, Tail...>;

  public:
    using Output = typename Rest::Output;

    static constexpr bool sweeps = Sweeps<Operator> || Rest::sweeps;

    explicit OperatorChain(const Head& head, const Tail&... tail)
        : operator_(head.template bind<In>()), rest_(tail...) {}

    template <class Next>
    [[gnu::always_inline]] void push(const In& item, Cause cause, Next& next) {
        Forward<Next> forward{rest_, next};
        operator_.push(item, cause, forward);
    }

    /// A whole burst, flushed. What only lets items pass is asked at the door of what is behind
    /// it, so that a window there can hold positions in place of copies.
    template <class Admit, class Next>
    [[gnu::always_inline]] void run(std::span<const In> items,
                                    Cause first_cause,
                                    const Admit& admit,
                                    Next& next) {
        if constexpr (requires(const In& item) { operator_.admit(item); }) {
            const AdmitBoth<Admit, Operator> both{admit, operator_};
            rest_.run(items, first_cause, both, next);
        } else {
            Forward<Next> forward{rest_, next};
            if constexpr (requires { operator_.run(items, first_cause, admit, forward); }) {
                operator_.run(items, first_cause, admit, forward);
            } else {
                for (std::size_t i = 0; i < items.size(); ++i) {
                    if (admit(items[i])) {
                        operator_.push(items[i], first_cause + i, forward);
                    }
                }
                operator_.flush(forward);
            }
            rest_.flush(next);
        }
    }

    template <class Next>
    void flush(Next& next) {
        Forward<Next> forward{rest_, next};
        operator_.flush(forward);  // what this one still held goes through the rest first
        rest_.flush(next);
    }

    /// In the order of the operators: what one hands out is updated by the next before that one's
    /// own turn.
    template <class Next>
    void advance_time(std::uint64_t now_ns, Cause cause, Next& next) {
        Forward<Next> forward{rest_, next};
        if constexpr (requires { operator_.advance_time(now_ns, cause, forward); }) {
            operator_.advance_time(now_ns, cause, forward);
        }
        rest_.advance_time(now_ns, cause, next);
    }

    OperatorCounts counts() const noexcept { return counts_of(operator_) + rest_.counts(); }

  private:
    template <class Next>
    struct Forward {
        Rest& rest;
        Next& next;

        [[gnu::always_inline]] void operator()(const typename Operator::Output& out, Cause cause) {
            rest.push(out, cause, next);
        }
    };

    [[no_unique_address]] Operator operator_;
    [[no_unique_address]] Rest rest_;
};

/// A pipe bound to its input type: state and all.
template <class In, class... Specs>
class Pipe {
    using Chain = OperatorChain<In, Specs...>;

  public:
    using Input = In;
    using Output = typename Chain::Output;

    static constexpr bool sweeps = Chain::sweeps;

    explicit Pipe(const Specs&... specs) : chain_(specs...) {}

    /// Runs a burst to its end: every output reaches `sink(const Output&, cause)` before it
    /// returns, in the order of the items. The cause of items[i] is first_cause + i.
    ///
    /// Thread: one. Cost: one loop, no virtual call, no allocation.
    template <class Sink>
    void run(std::span<const In> items, Cause first_cause, Sink&& sink) {
        chain_.run(items, first_cause, AdmitAll{}, sink);
    }

    /// The same for a pipe within a pipe.
    template <class Admit, class Next>
    [[gnu::always_inline]] void run(std::span<const In> items,
                                    Cause first_cause,
                                    const Admit& admit,
                                    Next& next) {
        chain_.run(items, first_cause, admit, next);
    }

    template <class Next>
    [[gnu::always_inline]] void push(const In& item, Cause cause, Next&& next) {
        chain_.push(item, cause, next);
    }

    template <class Next>
    void flush(Next&& next) {
        chain_.flush(next);
    }

    /// Event time has moved on to `now_ns`, although the keys may have seen no item: windows of
    /// silent keys close. Outputs reach the sink with `cause`. Call it between bursts.
    ///
    /// Cost: visits every key of the groups that listen.
    template <class Next>
    void advance_time(std::uint64_t now_ns, Cause cause, Next&& next) {
        chain_.advance_time(now_ns, cause, next);
    }

    /// Over all operators, those of pipes within it as well.
    OperatorCounts counts() const noexcept { return chain_.counts(); }

  private:
    Chain chain_;
};

template <class... Specs>
struct PipeSpec {
    std::tuple<Specs...> specs;

    template <class In>
    Pipe<In, Specs...> bind() const {
        return std::apply([](const Specs&... each) { return Pipe<In, Specs...>(each...); }, specs);
    }
};

/// Composes operators: `pipe(filter(finite), keyed_by(...), map(to_record))`.
template <class... Specs>
PipeSpec<Specs...> pipe(Specs... specs) {
    return {std::tuple<Specs...>(std::move(specs)...)};
}

}  // namespace roda
