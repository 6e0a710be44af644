// SPDX-License-Identifier: Apache-2.0
// What an operator is. A *spec* is what the user writes: `map(f)`, `stateful(init, fold)`. Bound to
// an input type it becomes an *operator* that runs:
//
//   using Output = ...;
//   push(const In&, cause, next)   hands 0..n outputs to next(const Output&, cause)
//   flush(next)                    hands out what it still holds; called at the end of a burst
//
// and, where it has use for them:
//
//   admit(const In&) const -> bool         in place of push() for a burst: of an operator that
//                                          holds nothing and hands on the very item or none
//   run(items, first_cause, admit, next)   a burst and its flush, of the items with admit(item)
//   advance_time(now_ns, cause, next)      event time has moved on, with or without an item
//   counts()                               what it remembers, refused, forgot
//
// `cause` is the sequence of the journal record that brought the item about. It travels with every
// item to the sink, so that an alert can name the reading behind it.
//
// A *member* is an operator on the state of one key, inside keyed_by():
//
//   using Output = ...;  struct Part;     its share of the key's slot, a Pod
//   static constexpr bool one_to_one      hands out exactly one item for each
//   apply(const In&, Part&, first, cause, next)   `first`: the key's first item that came here
//
// and, where it has use for them (a member without them costs nothing):
//
//   template <class Next> void advance(Part&, std::uint64_t now_ns, Cause, Next& next)
//       event time has moved on although the key saw no item; what it hands out runs through the
//       members and operators behind it like any output
//   bool expired(const Part&) const noexcept
//       the key may be forgotten, with the parts of all its members; asked now and then, after the
//       items of a burst; before it goes, advance() is told that time has ended
//   std::uint64_t late() const noexcept
//       items that came too late for it
//
//   static constexpr std::uint32_t prefetch_steps
//       it keeps memory beside the slot, and has so many accesses one behind the other to hide
//   bool prefetches() const noexcept
//       whether there is any now; asked before each burst
//   template <std::uint32_t step> void prefetch(const Part&) const noexcept
//       asks for what can be known once the slot and the steps before have come; changes nothing
//
// The first two are called only for keys of which an item came to this member.
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

/// In place of a KeyBound where keys are unsigned integers below `keys`: the key is the index, so
/// that nothing is hashed or compared. Errors: an item whose key is not below is refused.
struct DenseKeys {
    std::uint32_t keys = 0;
};

/// What the operators of a pipe did besides handing on, over all their tables.
struct OperatorCounts {
    std::uint64_t keys = 0;     // remembered now
    std::uint64_t refused = 0;  // items whose key was new when the table was full: no further
    std::uint64_t expired = 0;  // keys forgotten because a member said so
    std::uint64_t late = 0;     // items that came after all their windows had closed

    friend OperatorCounts operator+(const OperatorCounts& a, const OperatorCounts& b) noexcept {
        return {a.keys + b.keys, a.refused + b.refused, a.expired + b.expired, a.late + b.late};
    }

    friend bool operator==(const OperatorCounts&, const OperatorCounts&) = default;
};

/// counts() of an operator that has them, else zeros.
template <class Operator>
OperatorCounts counts_of(const Operator& counted) noexcept {
    if constexpr (requires { counted.counts(); }) {
        return counted.counts();
    } else {
        return {};
    }
}

/// True for operators that hand on what expired keys still held: as much as a group of slots holds,
/// besides what their items bring about.
template <class Operator>
concept Sweeps = requires { requires Operator::sweeps; };

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
