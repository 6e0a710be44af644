// SPDX-License-Identifier: Apache-2.0
// pipe: operators one behind the other, composed at compile time into one loop. A pipe is an
// operator itself, so pipes nest.
#pragma once

#include <span>
#include <tuple>
#include <type_traits>

#include "pipeline/op/operator.hpp"

namespace roda {

/// The operators from one position on. Depth first: each output runs to the end before the next.
template <class In, class... Specs>
class OperatorChain {
  public:
    using Output = In;

    template <class Next>
    [[gnu::always_inline]] void push(const In& item, Cause cause, Next& next) {
        next(item, cause);
    }

    template <class Next>
    void flush(Next&) {}

    std::uint32_t keys() const noexcept { return 0; }

    std::uint64_t refused() const noexcept { return 0; }
};

template <class In, class Head, class... Tail>
class OperatorChain<In, Head, Tail...> {
    static_assert(OperatorSpec<Head, In>,
                  "pipe(): this operator does not accept the record type produced before it");
    using Operator = decltype(std::declval<const Head&>().template bind<In>());
    using Rest = OperatorChain<typename Operator::Output, Tail...>;

  public:
    using Output = typename Rest::Output;

    explicit OperatorChain(const Head& head, const Tail&... tail)
        : operator_(head.template bind<In>()), rest_(tail...) {}

    template <class Next>
    [[gnu::always_inline]] void push(const In& item, Cause cause, Next& next) {
        Forward<Next> forward{rest_, next};
        operator_.push(item, cause, forward);
    }

    template <class Next>
    void flush(Next& next) {
        Forward<Next> forward{rest_, next};
        operator_.flush(forward);  // what this one still held goes through the rest first
        rest_.flush(next);
    }

    std::uint32_t keys() const noexcept {
        if constexpr (requires { operator_.keys(); }) {
            return operator_.keys() + rest_.keys();
        } else {
            return rest_.keys();
        }
    }

    std::uint64_t refused() const noexcept {
        if constexpr (requires { operator_.refused(); }) {
            return operator_.refused() + rest_.refused();
        } else {
            return rest_.refused();
        }
    }

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

    explicit Pipe(const Specs&... specs) : chain_(specs...) {}

    /// Runs a burst to its end: every output reaches `sink(const Output&, cause)` before it
    /// returns, in the order of the items. The cause of items[i] is first_cause + i.
    ///
    /// Thread: one. Cost: one loop, no virtual call, no allocation.
    template <class Sink>
    void run(std::span<const In> items, Cause first_cause, Sink&& sink) {
        for (std::size_t i = 0; i < items.size(); ++i) {
            chain_.push(items[i], first_cause + i, sink);
        }
        chain_.flush(sink);
    }

    template <class Next>
    [[gnu::always_inline]] void push(const In& item, Cause cause, Next&& next) {
        chain_.push(item, cause, next);
    }

    template <class Next>
    void flush(Next&& next) {
        chain_.flush(next);
    }

    /// Keys that the operators remember, over all their tables.
    std::uint32_t keys() const noexcept { return chain_.keys(); }

    /// Items refused because a table was full.
    std::uint64_t refused() const noexcept { return chain_.refused(); }

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
