// SPDX-License-Identifier: Apache-2.0
// track_prev: hands on each item together with the one before it, of the pipe or of the key.
#pragma once

#include <concepts>

#include "pipeline/op/keyed_by.hpp"

namespace roda {

/// An item and the one before it.
///
/// Shape: a Pod when T is; `previous` is T{} where there is none. Compare it with ==, which looks
/// at `previous` only where it means something, and never at padding.
template <class T>
struct Tracked {
    T current;
    T previous;
    std::uint64_t has_previous;  // 0 or 1: a whole word, so that it brings no padding

    const T* previous_or_null() const noexcept { return has_previous != 0 ? &previous : nullptr; }

    friend bool operator==(const Tracked& a, const Tracked& b)
        requires std::equality_comparable<T>
    {
        return a.current == b.current && a.has_previous == b.has_previous &&
               (a.has_previous == 0 || a.previous == b.previous);
    }
};

template <class In>
class TrackPrevMember {
  public:
    using Output = Tracked<In>;
    using Part = In;

    static_assert(Pod<In>, "track_prev(): the record is a Pod: the last one is kept");

    static constexpr bool one_to_one = true;

    template <class Next>
    [[gnu::always_inline]] void apply(
        const In& item, In& last, bool first, Cause cause, Next& next) {
        const Output tracked{item, first ? In{} : last, first ? 0u : 1u};
        last = item;
        next(tracked, cause);
    }
};

/// The same for one sequence of items: all that come through the pipe.
template <class In>
class TrackPrev {
  public:
    using Output = Tracked<In>;

    template <class Next>
    [[gnu::always_inline]] void push(const In& item, Cause cause, Next&& next) {
        member_.apply(item, last_, std::exchange(first_, false), cause, next);
    }

    template <class Next>
    void flush(Next&&) {}

  private:
    [[no_unique_address]] TrackPrevMember<In> member_;
    In last_{};
    bool first_ = true;
};

struct TrackPrevSpec {
    template <class In>
    TrackPrev<In> bind() const {
        return {};
    }

    template <class In>
    TrackPrevMember<In> bind_member() const {
        return {};
    }
};

/// In pipe(): the item before in the pipe. In keyed_by(): the item before of the same key.
inline TrackPrevSpec track_prev() {
    return {};
}

/// On its own, with a table of its own: `track_prev({.max_keys = n}, &Reading::sensor_id)`.
template <class KeyFunction>
auto track_prev(const KeyBound& bound, KeyFunction key) {
    return keyed_by(bound, std::move(key), track_prev());
}

}  // namespace roda
