// SPDX-License-Identifier: Apache-2.0
// forget_when: gives a key's slot back once an item says that the key is done: an order that was
// filled, a session that was closed.
#pragma once

#include "pipeline/op/keyed_by.hpp"

namespace roda {

template <class Predicate, class In>
class ForgetWhenMember {
  public:
    using Output = In;

    struct Part {
        bool is_done;
    };

    static constexpr bool one_to_one = true;

    explicit ForgetWhenMember(Predicate predicate) : predicate_(std::move(predicate)) {}

    template <class Next>
    [[gnu::always_inline]] void apply(const In& item, Part& part, bool, Cause cause, Next& next) {
        part.is_done = std::invoke(predicate_, item);
        next(item, cause);
    }

    bool expired(const Part& part) const noexcept { return part.is_done; }

  private:
    [[no_unique_address]] Predicate predicate_;
};

template <class Predicate>
struct ForgetWhenSpec {
    Predicate predicate;

    template <class In>
        requires std::is_invocable_r_v<bool, const Predicate&, const In&>
    ForgetWhenMember<Predicate, In> bind_member() const {
        return ForgetWhenMember<Predicate, In>(predicate);
    }
};

/// A member of keyed_by(): passes items on; a key whose last item fulfils `predicate` is forgotten
/// by the next sweep, with the state of all members. An item that comes before the sweep finds the
/// state still there and, by the predicate, keeps it.
template <class Predicate>
ForgetWhenSpec<Predicate> forget_when(Predicate predicate) {
    return {std::move(predicate)};
}

}  // namespace roda
