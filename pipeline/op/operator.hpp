// SPDX-License-Identifier: Apache-2.0
// What an operator is. A *spec* is what the user writes: `map(f)`, `stateful(init, fold)`. Bound to
// an input type it becomes an *operator* that runs:
//
//   using Output = ...;
//   push(const In&, cause, next)   hands 0..n outputs to next(const Output&, cause)
//   flush(next)                    hands out what it still holds; called at the end of a burst
//
// `cause` is the sequence of the journal record that brought the item about. It travels with every
// item to the sink, so that an alert can name the reading behind it.
//
// A *member* is an operator on the state of one key, inside keyed_by():
//
//   using Output = ...;  struct Part;     its share of the key's slot, a Pod
//   static constexpr bool one_to_one      hands out exactly one item for each
//   apply(const In&, Part&, first, cause, next)   `first`: the key's first item that came here
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace roda {

/// The sequence of the record that caused an item.
using Cause = std::uint64_t;

/// Bound on the keys that an operator remembers; its memory is taken at construction.
struct KeyBound {
    std::uint32_t max_keys = 0;
};

/// True for specs that pipe() can take: they say what they become for an input.
template <class Spec, class In>
concept OperatorSpec = requires(const Spec& spec) { spec.template bind<In>(); };

/// True for specs that keyed_by() can take.
template <class Spec, class In>
concept MemberSpec = requires(const Spec& spec) { spec.template bind_member<In>(); };

/// What std::invoke gives, without references: the record type that flows on.
template <class Function, class... Arguments>
using ResultOf = std::remove_cvref_t<std::invoke_result_t<const Function&, Arguments...>>;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// T for both T and optional<T>: a function that returns an optional emits only when it is set.
template <class T>
struct Emitted {
    using Type = T;
};

template <class T>
struct Emitted<std::optional<T>> {
    using Type = T;
};

template <class Result, class Next>
[[gnu::always_inline]] inline void emit(Result&& result, Cause cause, Next& next) {
    if constexpr (is_optional<std::remove_cvref_t<Result>>) {
        if (result) {
            next(*result, cause);
        }
    } else {
        next(result, cause);
    }
}

}  // namespace roda
