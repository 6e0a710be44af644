// SPDX-License-Identifier: Apache-2.0
// stateful: keeps a state per key and hands it on for every item.
#pragma once

#include "pipeline/op/keyed_by.hpp"

namespace roda {

/// What is handed on when the user does not say: the state itself.
struct EmitState {
    template <class State, class In>
    [[gnu::always_inline]] const State& operator()(const State*,
                                                   const State& after,
                                                   const In&) const noexcept {
        return after;
    }
};

template <class Init, class Fold, class Emit, class In>
class StatefulMember {
  public:
    using State = ResultOf<Init, const In&>;
    using Output = ResultOf<Emit, const State*, const State&, const In&>;
    using Part = State;

    static_assert(Pod<State>, "stateful(): the state is a Pod: it lies in a key's slot");

    static constexpr bool one_to_one = true;

    StatefulMember(Init init, Fold fold, Emit emit)
        : init_(std::move(init)), fold_(std::move(fold)), emit_(std::move(emit)) {}

    template <class Next>
    [[gnu::always_inline]] void apply(
        const In& item, State& state, bool first, Cause cause, Next& next) {
        if (first) [[unlikely]] {
            state = std::invoke(init_, item);
            next(std::invoke(emit_, static_cast<const State*>(nullptr), std::as_const(state), item),
                 cause);
            return;
        }
        const State before = state;  // costs nothing where emit does not look at it
        std::invoke(fold_, state, item);
        next(std::invoke(emit_, &before, std::as_const(state), item), cause);
    }

  private:
    [[no_unique_address]] Init init_;
    [[no_unique_address]] Fold fold_;
    [[no_unique_address]] Emit emit_;
};

template <class Init, class Fold, class Emit>
struct StatefulSpec {
    Init init;
    Fold fold;
    Emit emit;

    template <class In>
        requires std::is_invocable_v<const Init&, const In&> &&
                 std::is_invocable_v<const Fold&, ResultOf<Init, const In&>&, const In&>
    StatefulMember<Init, Fold, Emit, In> bind_member() const {
        return StatefulMember<Init, Fold, Emit, In>(init, fold, emit);
    }
};

/// A member of keyed_by(): the first item of a key makes the state with `init(item)`, each later
/// one changes it with `fold(state, item)`; the state is handed on after every item.
template <class Init, class Fold>
StatefulSpec<Init, Fold, EmitState> stateful(Init init, Fold fold) {
    return {std::move(init), std::move(fold), {}};
}

/// The same, handing on `emit(before, after, item)`; `before` is nullptr for a key's first item.
template <class Init, class Fold, class Emit>
    requires(!std::is_convertible_v<Init, KeyBound>)
StatefulSpec<Init, Fold, Emit> stateful(Init init, Fold fold, Emit emit) {
    return {std::move(init), std::move(fold), std::move(emit)};
}

/// On its own, with a table of its own:
/// `stateful({.max_keys = n}, &Reading::sensor_id, init, fold)`.
template <class KeyFunction, class Init, class Fold>
auto stateful(const KeyBound& bound, KeyFunction key, Init init, Fold fold) {
    return keyed_by(bound, std::move(key), stateful(std::move(init), std::move(fold)));
}

/// The same for keys that are positions: `stateful(DenseKeys{.keys = n}, ...)`.
template <class KeyFunction, class Init, class Fold>
auto stateful(const DenseKeys& bound, KeyFunction key, Init init, Fold fold) {
    return keyed_by(bound, std::move(key), stateful(std::move(init), std::move(fold)));
}

}  // namespace roda
