// SPDX-License-Identifier: Apache-2.0
// The items that are under way to their keys' slots, in steps that hide memory latency:
//
//   item i enters          hash, prefetch of its line of tags
//   item i - 16            tags compared, prefetch of its slot
//   item i - 32, ...       prefetch of what a member keeps beside the slot, if one does
//   the next               slot updated, outputs handed on
//
// Steps of 16, because that keeps about as many lines under way as a core can have, at every
// table size (performance.md 0.7 and 4).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "pipeline/base/fresh_copy.hpp"
#include "pipeline/op/operator.hpp"

namespace roda {

/// What is known of each item, a column for each. `far_steps`: beyond the slot.
template <class Item, class Slot, std::uint32_t far_steps_, std::uint64_t places_>
struct PrefetchWindow {
    static constexpr std::uint32_t far_steps = far_steps_;
    static constexpr std::uint64_t step_items = 16;
    static constexpr std::uint64_t window_items = (2 + far_steps) * step_items;
    static constexpr std::uint64_t places = places_;
    static_assert(places >= 2 * window_items);

    std::array<Item, places> items;
    std::array<std::uint64_t, places> hashes;
    std::array<Slot*, places> candidates;
};

/// Of a burst, whose items stay where they are. Places are taken one after the other, and what is
/// under way moves to the front when the last is: so seldom that it costs nothing, and an item's
/// place needs no computation.
template <class In, class Slot, std::uint32_t far_steps>
struct BurstWindow : PrefetchWindow<const In*, Slot, far_steps, 256> {
    BurstWindow(const In* first, Cause first_cause) noexcept
        : first_(first), first_cause_(first_cause) {}

    [[gnu::always_inline]] const In& item(std::uint64_t place) const noexcept {
        return *this->items[place];
    }

    [[gnu::always_inline]] Cause cause(std::uint64_t place) const noexcept {
        return first_cause_ + static_cast<Cause>(this->items[place] - first_);
    }

    /// All places are taken, and the last step_items not looked up yet. Returns the place that is
    /// free now.
    std::uint64_t go_on_at_front() noexcept {
        const std::uint64_t from = this->places - this->window_items;
        std::copy_n(&this->items[from], this->window_items, this->items.data());
        std::copy_n(&this->hashes[from], this->window_items, this->hashes.data());
        std::copy_n(&this->candidates[from],
                    this->window_items - this->step_items,
                    this->candidates.data());
        return this->window_items;
    }

  private:
    const In* first_;
    Cause first_cause_;
};

/// What another operator hands over, and does not keep.
template <class In>
struct PushedItem {
    In item;
    Cause cause;
};

/// Of such items: a ring, twice as long as the window is wide or more, so that a place is one `and`
/// and its neighbours' are never in the way.
template <class In, class Slot, std::uint32_t far_steps>
struct PushWindow
    : PrefetchWindow<PushedItem<In>, Slot, far_steps, 32 * std::bit_ceil(2 + far_steps)> {
    [[gnu::always_inline]] const In& item(std::uint64_t place) const noexcept {
        return this->items[place].item;
    }

    [[gnu::always_inline]] Cause cause(std::uint64_t place) const noexcept {
        return this->items[place].cause;
    }

    [[gnu::always_inline]] void put(std::uint64_t place, const In& item, Cause cause) noexcept {
        copy_fresh(this->items[place].item, item);
        this->items[place].cause = cause;
    }
};

}  // namespace roda
