// SPDX-License-Identifier: Apache-2.0
// expire_after: gives the slot of a key back that has been silent for a time.
#pragma once

#include <algorithm>

#include "pipeline/op/keyed_by.hpp"

namespace roda {

template <class Time, class In>
class ExpireAfterMember {
    static_assert(std::is_same_v<ResultOf<Time, const In&>, std::uint64_t>,
                  "expire_after(): the time of an item is nanoseconds in a std::uint64_t");

  public:
    using Output = In;

    struct Part {
        std::uint64_t last_ns;
    };

    static constexpr bool one_to_one = true;

    ExpireAfterMember(std::uint64_t idle_ns, Time time)
        : idle_ns_(idle_ns), time_(std::move(time)) {}

    template <class Next>
    [[gnu::always_inline]] void apply(const In& item, Part& part, bool, Cause cause, Next& next) {
        part.last_ns = std::max<std::uint64_t>(part.last_ns, std::invoke(time_, item));
        newest_ns_ = std::max(newest_ns_, part.last_ns);
        next(item, cause);
    }

    bool expired(const Part& part) const noexcept { return newest_ns_ - part.last_ns > idle_ns_; }

  private:
    std::uint64_t idle_ns_;
    std::uint64_t newest_ns_ = 0;
    [[no_unique_address]] Time time_;
};

template <class Time>
struct ExpireAfterSpec {
    std::uint64_t idle_ns;
    Time time;

    template <class In>
        requires std::is_invocable_v<const Time&, const In&>
    ExpireAfterMember<Time, In> bind_member() const {
        return ExpireAfterMember<Time, In>(idle_ns, time);
    }

    template <class In>
    auto bind() const {
        static_assert(!std::is_same_v<In, In>, "expire_after(): stands in keyed_by(): keys expire");
    }
};

/// A member of keyed_by(): passes items on; a key is forgotten, with the state of all members, once
/// the greatest event time that came here (of any key) is more than `idle_ns` after the key's own.
/// Its next item is a first again. An item that comes before the sweep saves it.
///
/// Shape: 8 bytes of the slot. Only items that get here count as signs of life: put it first.
/// What other members still hold is handed on before the key goes: its windows close.
/// advance_time() lets no key expire: only items move the time that this operator knows.
/// Time is event time: one item from the far future expires all others, so filter such before.
template <class Time>
ExpireAfterSpec<Time> expire_after(std::uint64_t idle_ns, Time time) {
    return {idle_ns, std::move(time)};
}

}  // namespace roda
