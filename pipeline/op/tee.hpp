// SPDX-License-Identifier: Apache-2.0
// tee: passes items on and also runs them through a side pipe that ends in a sink of its own.
#pragma once

#include "pipeline/op/pipe.hpp"

namespace roda {

template <class Spec, class Sink, class In>
class Tee {
    static_assert(OperatorSpec<Spec, In>,
                  "tee(): the side operator does not accept the record type produced before it");
    using Side = Pipe<In, Spec>;
    static_assert(std::is_invocable_v<const Sink&, const typename Side::Output&, Cause>,
                  "tee(): the sink is called as sink(const Output&, cause), and as const");

  public:
    using Output = In;

    Tee(const Spec& spec, Sink sink) : side_(spec), sink_(std::move(sink)) {}

    template <class Next>
    [[gnu::always_inline]] void push(const In& item, Cause cause, Next&& next) {
        side_.push(item, cause, std::as_const(sink_));
        next(item, cause);
    }

    template <class Next>
    void flush(Next&&) {
        side_.flush(std::as_const(sink_));
    }

    template <class Next>
    void advance_time(std::uint64_t now_ns, Cause cause, Next&&) {
        side_.advance_time(now_ns, cause, std::as_const(sink_));
    }

    OperatorCounts counts() const noexcept { return counts_of(side_); }

  private:
    Side side_;
    [[no_unique_address]] Sink sink_;
};

template <class Spec, class Sink>
struct TeeSpec {
    Spec spec;
    Sink sink;

    template <class In>
    Tee<Spec, Sink, In> bind() const {
        return Tee<Spec, Sink, In>(spec, sink);
    }
};

/// `tee(pipe(stateful(...), map(to_record)), sink)`: the side pipe sees each item first, its
/// outputs go to `sink(const Output&, cause)`, and the item goes on as it was. Side pipes end their
/// bursts and hear of time with the main one; tees nest.
///
/// The sink is kept by value and called as const, like every function object of a pipe: let it
/// refer to what it writes to. Cost: the side pipe's, in the same loop.
template <class Spec, class Sink>
TeeSpec<Spec, Sink> tee(Spec spec, Sink sink) {
    return {std::move(spec), std::move(sink)};
}

}  // namespace roda
