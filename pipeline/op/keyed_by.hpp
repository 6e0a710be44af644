// SPDX-License-Identifier: Apache-2.0
// keyed_by: several operators on the state of one key, sharing one slot, one look-up and one
// prefetch: items pass through a window that hides memory latency (prefetch_window.hpp). It pays
// while all keys lie in the cache, too: a core that mispredicts on one item has the look-ups of the
// next already done. It is emptied at the end of each burst, so no item waits for a later one. A
// handful of keys, whose lines and branches the core knows by heart, go without it, uncopied.
#pragma once

#include <algorithm>
#include <cstring>
#include <span>
#include <tuple>
#include <utility>

#include "pipeline/op/member_chain.hpp"
#include "pipeline/op/operator.hpp"
#include "pipeline/op/prefetch_window.hpp"
#include "pipeline/op/table_for.hpp"

namespace roda {

template <class Bound, class KeyFunction, class In, class... Specs>
class KeyedBy {
    using Chain = MemberChain<true, In, Specs...>;
    using Part = typename Chain::Part;
    using KeyType = ResultOf<KeyFunction, const In&>;
    static_assert(
        Key<KeyType>,
        "keyed_by(): a key is plain bytes without padding (an integer, or a struct of them)");
    static_assert(TableFor<Bound>::template takes<KeyType>,
                  "keyed_by(): with DenseKeys a key is an unsigned integer: it is a position");
    using Table = typename TableFor<Bound>::template Type<KeyType, Part>;

  public:
    using Output = typename Chain::Output;

    static constexpr bool sweeps = Chain::expires && Chain::hears_time;
    static constexpr std::size_t slot_bytes = Table::slot_bytes;
    static constexpr std::size_t slot_lines = Table::slot_lines;

    KeyedBy(const Bound& bound, KeyFunction key, const Specs&... specs)
        : key_(std::move(key)), chain_(specs...), table_(TableFor<Bound>::capacity(bound)) {}

    /// The items of a burst for which admit(item) holds, run to their end. They stay where they
    /// are: the window holds their positions.
    template <class Admit, class Next>
    [[gnu::always_inline]] void run(std::span<const In> items,
                                    Cause first_cause,
                                    const Admit& admit,
                                    Next& next) {
        if (entered_ != 0) [[unlikely]] {
            flush(next);  // what was pushed one by one came before
        }
        if (items.empty()) {
            return;
        }
        const std::size_t done = run_directly(items, first_cause, admit, next);
        if (done != items.size()) {
            if (Chain::prefetch_steps != 0 && chain_.prefetches()) {
                run_far(items.subspan(done), first_cause + done, admit, next);
            } else {
                run_through_window<0>(items.subspan(done), first_cause + done, admit, next);
            }
        }
        forget_expired(items.size(), first_cause + items.size() - 1, next);
    }

    /// An item that came through other operators; the window holds a copy.
    template <class Next>
    [[gnu::always_inline]] void push(const In& item, Cause cause, Next&& next) {
        static_assert(Pod<In>,
                      "keyed_by(): behind another operator an item is a Pod: it is copied");
        if constexpr (Chain::expires) {
            ++pushed_;
            last_cause_ = cause;
        }
        if (entered_ == 0 && table_.size() <= few_keys) {
            apply_directly(recent_, item, cause, next);
            return;
        }
        const std::uint64_t at = entered_++;
        auto& window = pushed_window_;
        window.put(at % window.places, item, cause);
        enter(window, at % window.places);
        if (at >= window.step_items) {
            look_up(window, (at - window.step_items) % window.places);
        }
        prefetch_due(window, at);
        if (at >= window.window_items) {
            update(window, (at - window.window_items) % window.places, next);
        }
    }

    template <class Next>
    void flush(Next&& next) {
        drain(pushed_window_, std::exchange(entered_, 0), next);
        if constexpr (Chain::expires) {
            forget_expired(std::exchange(pushed_, 0), last_cause_, next);
        }
    }

    /// Tells every key that event time has moved on, after the items that were still pending.
    ///
    /// Cost: visits the whole table; nothing where no member listens.
    template <class Next>
    void advance_time(std::uint64_t now_ns, Cause cause, Next&& next) {
        flush(next);
        if constexpr (Chain::hears_time) {
            table_.for_each([&](const KeyType&, Part& part) {
                chain_.advance(part, now_ns, cause, next);
            });
        }
    }

    /// What the first member keeps for a key; nullptr: the key is not there. It stays where it is
    /// until the key is forgotten. Order: this and the next two between bursts.
    auto* find(const KeyType& key) noexcept { return own_of(table_.find(key)); }

    /// The same, made of zeros if it is not there; nullptr: no room, and not counted as refused.
    auto* find_or_insert(const KeyType& key) noexcept {
        return own_of(table_.find_or_insert(key).value);
    }

    /// Shows visit(const key&, what the first member keeps) the keys of the next `groups` groups
    /// of 16 slots, going round the table. Returns the groups of a whole round.
    template <class Visit>
    std::uint64_t visit_some(std::uint32_t groups, Visit&& visit) {
        static_assert(!Chain::expires, "visit_some(): goes round with the hand that forgets keys");
        table_.sweep(groups, [&](const KeyType& key, Part& part) {
            visit(key, part.own);
            return false;
        });
        return table_.group_count();
    }

    OperatorCounts counts() const noexcept {
        return {table_.size(), refused_, expired_, chain_.late()};
    }

  private:
    static auto* own_of(Part* part) noexcept { return part == nullptr ? nullptr : &part->own; }

    static constexpr std::uint32_t few_keys = 64;

    /// The key that came last: keys often come in runs.
    struct Recent {
        KeyType key{};
        Part* part = nullptr;  // null: none, or it was refused
    };

    /// With what members keep beside the slot: its own loop, so that the other one pays nothing.
    template <class Admit, class Next>
    [[gnu::noinline]] void run_far(std::span<const In> items,
                                   Cause first_cause,
                                   const Admit& admit,
                                   Next& next) {
        run_through_window<Chain::prefetch_steps>(items, first_cause, admit, next);
    }

    template <std::uint32_t far_steps, class Admit, class Next>
    [[gnu::always_inline]] void run_through_window(std::span<const In> items,
                                                   Cause first_cause,
                                                   const Admit& admit,
                                                   Next& next) {
        // Of the loop, not of *this: no output can change it.
        BurstWindow<In, typename Table::Slot, far_steps> window(items.data(), first_cause);
        std::uint64_t at = 0;
        const In* item = items.data();
        const In* const end = item + items.size();
        for (; item != end && at < window.window_items; ++item) {
            if (admit(*item)) {
                window.items[at] = item;
                enter(window, at);
                if (at >= window.step_items) {
                    look_up(window, at - window.step_items);
                }
                prefetch_due(window, at);
                ++at;
            }
        }
        for (; item != end; ++item) {
            if (admit(*item)) {
                window.items[at] = item;
                enter(window, at);
                look_up(window, at - window.step_items);
                prefetch_due(window, at);
                update(window, at - window.window_items, next);
                if (++at == window.places) [[unlikely]] {
                    at = window.go_on_at_front();
                }
            }
        }
        drain(window, at, next);
    }

    /// The rest, once no more enter. Candidates do not outlive this, so keys may go after it.
    template <class Window, class Next>
    [[gnu::always_inline]] void drain(Window& window, std::uint64_t entered, Next& next) {
        const std::uint64_t not_looked_up = std::min(entered, window.step_items);
        for (std::uint64_t at = entered - not_looked_up; at < entered; ++at) {
            look_up(window, at % window.places);
        }
        prefetch_rest(window, entered);
        const std::uint64_t not_updated = std::min(entered, window.window_items);
        for (std::uint64_t at = entered - not_updated; at < entered; ++at) {
            update(window, at % window.places, next);
        }
    }

    /// As far as there are few keys. Returns the position of the first item that is left.
    template <class Admit, class Next>
    [[gnu::always_inline]] std::size_t run_directly(std::span<const In> items,
                                                    Cause first_cause,
                                                    const Admit& admit,
                                                    Next& next) {
        Recent recent;  // of the loop: it stays in registers
        std::size_t i = 0;
        for (; i < items.size() && table_.size() <= few_keys; ++i) {
            if (admit(items[i])) {
                apply_directly(recent, items[i], first_cause + i, next);
            }
        }
        return i;
    }

    template <class Next>
    [[gnu::always_inline]] void apply_directly(Recent& recent,
                                               const In& item,
                                               Cause cause,
                                               Next& next) {
        const KeyType key = std::invoke(key_, item);
        if (recent.part != nullptr && std::memcmp(&key, &recent.key, sizeof(key)) == 0) {
            chain_.apply(item, *recent.part, false, cause, next);
            return;
        }
        const std::uint64_t hash = table_.hash(key);
        const auto found = table_.find_or_insert(key, hash, table_.prefetch_slot(hash));
        apply(found, item, cause, next);
        recent = {key, found.value};
    }

    /// The steps of the item that was put into a place.
    template <class Window>
    [[gnu::always_inline]] void enter(Window& window, std::uint64_t place) noexcept {
        const std::uint64_t hash = table_.hash(std::invoke(key_, window.item(place)));
        table_.prefetch_tags(hash);
        window.hashes[place] = hash;
    }

    template <class Window>
    [[gnu::always_inline]] void look_up(Window& window, std::uint64_t place) noexcept {
        window.candidates[place] = table_.prefetch_slot(window.hashes[place]);
    }

    /// Of each further step the item that has come to it: `at` has just entered.
    template <std::uint32_t step = 0, class Window>
    [[gnu::always_inline]] void prefetch_due(const Window& window, std::uint64_t at) noexcept {
        if constexpr (step < Window::far_steps) {
            constexpr std::uint64_t behind = (2 + step) * Window::step_items;
            if (at >= behind) {
                prefetch<step>(window, (at - behind) % window.places);
            }
            prefetch_due<step + 1>(window, at);
        }
    }

    /// Of each further step the items that have not come to it, once no more enter.
    template <std::uint32_t step = 0, class Window>
    [[gnu::always_inline]] void prefetch_rest(const Window& window, std::uint64_t end) noexcept {
        if constexpr (step < Window::far_steps) {
            constexpr std::uint64_t behind = (2 + step) * Window::step_items;
            for (std::uint64_t at = end - std::min(end, behind); at < end; ++at) {
                prefetch<step>(window, at % window.places);
            }
            prefetch_rest<step + 1>(window, end);
        }
    }

    /// The candidate may be another key's slot: what is asked for then is not needed, and no fault.
    template <std::uint32_t step, class Window>
    [[gnu::always_inline]] void prefetch(const Window& window, std::uint64_t place) noexcept {
        if (const auto* const candidate = window.candidates[place]; candidate != nullptr) {
            chain_.template prefetch<step>(candidate->value);
        }
    }

    template <class Window, class Next>
    [[gnu::always_inline]] void update(const Window& window, std::uint64_t place, Next& next) {
        const In& item = window.item(place);
        auto* const candidate = window.candidates[place];
        if (table_.is_at(candidate, std::invoke(key_, item))) [[likely]] {
            chain_.apply(item, candidate->value, false, window.cause(place), next);
        } else {
            update_slowly(window, place, next);
        }
    }

    /// Of a new key, or one whose tag another key shares: cold, and kept out of the loop.
    template <class Window, class Next>
    [[gnu::noinline]] void update_slowly(const Window& window, std::uint64_t place, Next& next) {
        const In& item = window.item(place);
        const auto found = table_.find_or_insert(
            std::invoke(key_, item), window.hashes[place], window.candidates[place]);
        apply(found, item, window.cause(place), next);
    }

    template <class Next>
    [[gnu::always_inline]] void apply(const typename Table::Found& found,
                                      const In& item,
                                      Cause cause,
                                      Next& next) {
        if (found.fresh) [[unlikely]] {
            begin(item, *found.value, cause, next);
        } else if (found.value != nullptr) [[likely]] {
            chain_.apply(item, *found.value, false, cause, next);
        } else {
            ++refused_;
        }
    }

    /// A key's first item: cold, and kept out of the loop.
    template <class Next>
    [[gnu::noinline]] void begin(const In& item, Part& part, Cause cause, Next& next) {
        chain_.apply(item, part, true, cause, next);
    }

    /// Looks at one slot for each item, going round the table: a bounded share of the items' own
    /// work. What a key's members still hold is handed on before it goes. No candidate may be held.
    template <class Next>
    void forget_expired(std::uint64_t items, Cause cause, Next& next) {
        if constexpr (Chain::expires) {
            constexpr std::uint64_t end_of_time = ~std::uint64_t{0};
            unswept_slots_ += items;
            const auto groups = static_cast<std::uint32_t>(unswept_slots_ / Table::group_keys);
            unswept_slots_ %= Table::group_keys;
            recent_ = {};  // it may be among those that go
            expired_ += table_.sweep(groups, [&](const KeyType&, Part& part) {
                const bool goes = chain_.expired(part);
                if (goes) {
                    chain_.advance(part, end_of_time, cause, next);
                }
                return goes;
            });
        }
    }

    [[no_unique_address]] KeyFunction key_;
    [[no_unique_address]] Chain chain_;
    Table table_;
    std::uint64_t refused_ = 0;
    std::uint64_t expired_ = 0;
    std::uint64_t unswept_slots_ = 0;
    std::uint64_t entered_ = 0;  // into the window, since the last flush
    std::uint64_t pushed_ = 0;   // in any way, since the last flush: counted where keys expire
    Cause last_cause_ = 0;
    Recent recent_;  // of the items that were pushed
    PushWindow<In, typename Table::Slot, Chain::prefetch_steps> pushed_window_{};
};

template <class Bound, class KeyFunction, class... Specs>
struct KeyedBySpec {
    Bound bound;
    KeyFunction key;
    std::tuple<Specs...> members;

    template <class In>
        requires std::is_invocable_v<const KeyFunction&, const In&>
    KeyedBy<Bound, KeyFunction, In, Specs...> bind() const {
        return std::apply(
            [this](const Specs&... specs) {
                return KeyedBy<Bound, KeyFunction, In, Specs...>(this->bound, key, specs...);
            },
            members);
    }
};

/// Operators that keep state for the same key, in one slot of one table.
///
/// `keyed_by({.max_keys = 65'536}, &Reading::sensor_id, stateful(init, fold), delta(logic))`.
/// Shape: slot_bytes is the key plus each member's state; one cache line is the aim, two double
/// the cost of a miss. Errors: an item whose key is new while max_keys are held is refused and
/// counted. Cost: no allocation after construction.
template <class KeyFunction, class... Specs>
KeyedBySpec<KeyBound, KeyFunction, Specs...> keyed_by(const KeyBound& bound,
                                                      KeyFunction key,
                                                      Specs... members) {
    static_assert(sizeof...(Specs) > 0, "keyed_by(): name at least one operator");
    return {bound, std::move(key), std::tuple<Specs...>(std::move(members)...)};
}

/// The same for keys that are small integers: `keyed_by(DenseKeys{.keys = 1'000}, ...)`.
template <class KeyFunction, class... Specs>
KeyedBySpec<DenseKeys, KeyFunction, Specs...> keyed_by(const DenseKeys& bound,
                                                       KeyFunction key,
                                                       Specs... members) {
    static_assert(sizeof...(Specs) > 0, "keyed_by(): name at least one operator");
    return {bound, std::move(key), std::tuple<Specs...>(std::move(members)...)};
}

}  // namespace roda
