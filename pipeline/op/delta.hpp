// SPDX-License-Identifier: Apache-2.0
// delta: compares each item with the one before it of the same key.
#pragma once

#include "pipeline/op/keyed_by.hpp"

namespace roda {

template <class Project, class Logic, class In>
class DeltaMember {
  public:
    using Kept = ResultOf<Project, const In&>;
    using Result = ResultOf<Logic, const In&, const Kept*>;
    using Output = typename Emitted<Result>::Type;
    using Part = Kept;

    static_assert(Pod<Kept>, "delta(): what is kept of an item is a Pod: it lies in a key's slot");

    static constexpr bool one_to_one = !is_optional<Result>;

    DeltaMember(Project project, Logic logic)
        : project_(std::move(project)), logic_(std::move(logic)) {}

    template <class Next>
    [[gnu::always_inline]] void apply(
        const In& item, Kept& kept, bool first, Cause cause, Next& next) {
        const Kept previous = std::exchange(kept, std::invoke(project_, item));
        emit(std::invoke(logic_, item, first ? nullptr : &previous), cause, next);
    }

  private:
    [[no_unique_address]] Project project_;
    [[no_unique_address]] Logic logic_;
};

template <class Project, class Logic>
struct DeltaSpec {
    Project project;
    Logic logic;

    template <class In>
        requires std::is_invocable_v<const Project&, const In&> &&
                 std::is_invocable_v<const Logic&, const In&, const ResultOf<Project, const In&>*>
    DeltaMember<Project, Logic, In> bind_member() const {
        return DeltaMember<Project, Logic, In>(project, logic);
    }
};

/// A member of keyed_by(): keeps `project(item)` and hands on `logic(item, previous)`, where
/// `previous` is nullptr for a key's first item. A logic that returns an optional may hand on none.
template <class Project, class Logic>
DeltaSpec<Project, Logic> delta(Project project, Logic logic) {
    return {std::move(project), std::move(logic)};
}

/// The same, keeping the whole item.
template <class Logic>
DeltaSpec<std::identity, Logic> delta(Logic logic) {
    return {{}, std::move(logic)};
}

/// On its own, with a table of its own: `delta({.max_keys = n}, &Summary::sensor_id, logic)`.
template <class KeyFunction, class Logic>
auto delta(const KeyBound& bound, KeyFunction key, Logic logic) {
    return keyed_by(bound, std::move(key), delta(std::move(logic)));
}

/// The same for keys that are positions: `delta(DenseKeys{.keys = n}, ...)`.
template <class KeyFunction, class Logic>
auto delta(const DenseKeys& bound, KeyFunction key, Logic logic) {
    return keyed_by(bound, std::move(key), delta(std::move(logic)));
}

}  // namespace roda
