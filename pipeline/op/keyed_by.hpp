// SPDX-License-Identifier: Apache-2.0
// keyed_by: several operators on the state of one key, sharing one slot, one look-up and one
// prefetch. Owns the sliding window that hides memory latency:
//
//   item i enters          hash, prefetch of its line of tags
//   item i - 16            tags compared, prefetch of its slot
//   item i - 32            slot updated, outputs handed on
//
// Two steps of 16, because that keeps about as many lines under way as a core can have, at every
// table size (performance.md 0.7 and 4). The window is emptied at the end of each burst, so no
// item waits for a later one.
#pragma once

#include <array>
#include <tuple>
#include <utility>

#include "pipeline/op/operator.hpp"
#include "pipeline/store/key_table.hpp"

namespace roda {

/// A member's share of the slot. Whether a key has come here before is known from the slot's
/// insertion as long as every member before hands on each item; behind one that drops, the part
/// keeps a mark of its own.
template <class Own, class Rest, bool always_reached>
struct MemberParts {
    [[no_unique_address]] Own own;
    [[no_unique_address]] Rest rest;

    [[gnu::always_inline]] bool is_first(bool fresh) noexcept { return fresh; }
};

template <class Own, class Rest>
struct MemberParts<Own, Rest, false> {
    [[no_unique_address]] Own own;
    std::uint8_t reached;
    [[no_unique_address]] Rest rest;

    [[gnu::always_inline]] bool is_first(bool) noexcept {
        return std::exchange(reached, std::uint8_t{1}) == 0;
    }
};

/// The members of a group, one behind the other.
template <bool always_reached, class In, class... Specs>
class MemberChain {
  public:
    using Output = In;

    struct Part {};

    template <class Next>
    [[gnu::always_inline]] void apply(const In& item, Part&, bool, Cause cause, Next& next) {
        next(item, cause);
    }
};

template <bool always_reached, class In, class Head, class... Tail>
class MemberChain<always_reached, In, Head, Tail...> {
    static_assert(MemberSpec<Head, In>,
                  "keyed_by(): this operator does not accept the record type produced before it");
    using Member = decltype(std::declval<const Head&>().template bind_member<In>());
    using Rest =
        MemberChain<always_reached && Member::one_to_one, typename Member::Output, Tail...>;

  public:
    using Output = typename Rest::Output;
    using Part = MemberParts<typename Member::Part, typename Rest::Part, always_reached>;

    explicit MemberChain(const Head& head, const Tail&... tail)
        : member_(head.template bind_member<In>()), rest_(tail...) {}

    template <class Next>
    [[gnu::always_inline]] void apply(
        const In& item, Part& part, bool fresh, Cause cause, Next& next) {
        Forward<Next> forward{rest_, part.rest, fresh, next};
        member_.apply(item, part.own, part.is_first(fresh), cause, forward);
    }

  private:
    // A named type: a lambda cannot portably be forced inline.
    template <class Next>
    struct Forward {
        Rest& rest;
        typename Rest::Part& part;
        bool fresh;
        Next& next;

        [[gnu::always_inline]] void operator()(const typename Member::Output& out, Cause cause) {
            rest.apply(out, part, fresh, cause, next);
        }
    };

    [[no_unique_address]] Member member_;
    [[no_unique_address]] Rest rest_;
};

template <class KeyFunction, class In, class... Specs>
class KeyedBy {
    using Chain = MemberChain<true, In, Specs...>;
    using KeyType = ResultOf<KeyFunction, const In&>;
    static_assert(
        Key<KeyType>,
        "keyed_by(): a key is plain bytes without padding (an integer, or a struct of them)");
    using Table = KeyTable<KeyType, typename Chain::Part>;

  public:
    using Output = typename Chain::Output;

    static constexpr std::size_t slot_bytes = Table::slot_bytes;
    static constexpr std::size_t slot_lines = Table::slot_lines;

    KeyedBy(const KeyBound& bound, KeyFunction key, const Specs&... specs)
        : key_(std::move(key)), chain_(specs...), table_(bound.max_keys) {}

    template <class Next>
    [[gnu::always_inline]] void push(const In& item, Cause cause, Next&& next) {
        Entry& entry = window_[entered_ % window_items];
        if (entered_ >= window_items) {
            update(entry, next);
        }
        entry.item = item;
        entry.cause = cause;
        entry.hash = table_.hash(std::invoke(key_, item));
        table_.prefetch_tags(entry.hash);
        if (entered_ >= step_items) {
            look_up(window_[(entered_ - step_items) % window_items]);
        }
        ++entered_;
    }

    template <class Next>
    void flush(Next&& next) {
        const std::uint64_t unseen = entered_ > step_items ? entered_ - step_items : 0;
        for (std::uint64_t i = unseen; i < entered_; ++i) {
            look_up(window_[i % window_items]);
        }
        const std::uint64_t pending = entered_ > window_items ? entered_ - window_items : 0;
        for (std::uint64_t i = pending; i < entered_; ++i) {
            update(window_[i % window_items], next);
        }
        entered_ = 0;
    }

    std::uint32_t keys() const noexcept { return table_.size(); }

    /// Items whose key was new when the table was full: they went no further.
    std::uint64_t refused() const noexcept { return refused_; }

  private:
    static constexpr std::uint64_t step_items = 16;
    static constexpr std::uint64_t window_items = 2 * step_items;

    struct Entry {
        In item;
        Cause cause;
        std::uint64_t hash;
        typename Table::Slot* candidate;
    };

    [[gnu::always_inline]] void look_up(Entry& entry) noexcept {
        entry.candidate = table_.prefetch_slot(entry.hash);
    }

    template <class Next>
    [[gnu::always_inline]] void update(Entry& entry, Next& next) {
        const auto found =
            table_.find_or_insert(std::invoke(key_, entry.item), entry.hash, entry.candidate);
        if (found.value == nullptr) [[unlikely]] {
            ++refused_;
            return;
        }
        chain_.apply(entry.item, *found.value, found.fresh, entry.cause, next);
    }

    [[no_unique_address]] KeyFunction key_;
    [[no_unique_address]] Chain chain_;
    Table table_;
    std::uint64_t entered_ = 0;
    std::uint64_t refused_ = 0;
    std::array<Entry, window_items> window_{};
};

template <class KeyFunction, class... Specs>
struct KeyedBySpec {
    KeyBound bound;
    KeyFunction key;
    std::tuple<Specs...> members;

    template <class In>
        requires std::is_invocable_v<const KeyFunction&, const In&>
    KeyedBy<KeyFunction, In, Specs...> bind() const {
        return std::apply(
            [this](const Specs&... specs) {
                return KeyedBy<KeyFunction, In, Specs...>(bound, key, specs...);
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
KeyedBySpec<KeyFunction, Specs...> keyed_by(const KeyBound& bound,
                                            KeyFunction key,
                                            Specs... members) {
    static_assert(sizeof...(Specs) > 0, "keyed_by(): name at least one operator");
    return {bound, std::move(key), std::tuple<Specs...>(std::move(members)...)};
}

}  // namespace roda
