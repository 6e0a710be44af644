// SPDX-License-Identifier: Apache-2.0
// The members of a keyed_by() group, one behind the other on one slot. Not for users: they write
// keyed_by().
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <utility>

#include "pipeline/op/operator.hpp"

namespace roda {

/// A member's share of the slot. Whether a key has come here before is known from the slot's
/// insertion as long as every member before hands on each item; behind one that drops, the part
/// keeps a mark of its own.
template <class Own, class Rest, bool always_reached>
struct MemberParts {
    [[no_unique_address]] Own own;
    [[no_unique_address]] Rest rest;

    [[gnu::always_inline]] bool is_first(bool fresh) noexcept { return fresh; }

    bool was_reached() const noexcept { return true; }
};

template <class Own, class Rest>
struct MemberParts<Own, Rest, false> {
    [[no_unique_address]] Own own;
    std::uint8_t reached;
    [[no_unique_address]] Rest rest;

    [[gnu::always_inline]] bool is_first(bool) noexcept {
        return std::exchange(reached, std::uint8_t{1}) == 0;
    }

    bool was_reached() const noexcept { return reached != 0; }
};

/// Stands for any `next`, to ask whether a member has a hook.
struct AnyNext {
    template <class Out>
    void operator()(const Out&, Cause) {}
};

template <class Member>
concept HearsTime = requires(Member& member, typename Member::Part& part, AnyNext& next) {
    member.advance(part, std::uint64_t{}, Cause{}, next);
};

template <class Member>
concept Expires = requires(const Member& member, const typename Member::Part& part) {
    { member.expired(part) } -> std::same_as<bool>;
};

template <class Member>
concept Prefetches = requires(const Member& member) {
    { member.prefetches() } -> std::same_as<bool>;
};

template <bool always_reached, class In, class... Specs>
class MemberChain {
  public:
    using Output = In;

    struct Part {};

    static constexpr bool hears_time = false;
    static constexpr bool expires = false;
    static constexpr std::uint32_t prefetch_steps = 0;

    template <class Next>
    [[gnu::always_inline]] void apply(const In& item, Part&, bool, Cause cause, Next& next) {
        next(item, cause);
    }

    template <class Next>
    void advance(Part&, std::uint64_t, Cause, Next&) {}

    bool expired(const Part&) const noexcept { return false; }

    bool prefetches() const noexcept { return false; }

    template <std::uint32_t step>
    void prefetch(const Part&) const noexcept {}

    std::uint64_t late() const noexcept { return 0; }
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

    static constexpr bool hears_time = HearsTime<Member> || Rest::hears_time;
    static constexpr bool expires = Expires<Member> || Rest::expires;
    static constexpr std::uint32_t prefetch_steps = [] {
        if constexpr (Prefetches<Member>) {
            return std::max(Member::prefetch_steps, Rest::prefetch_steps);
        } else {
            return Rest::prefetch_steps;
        }
    }();

    explicit MemberChain(const Head& head, const Tail&... tail)
        : member_(head.template bind_member<In>()), rest_(tail...) {}

    template <class Next>
    [[gnu::always_inline]] void apply(
        const In& item, Part& part, bool fresh, Cause cause, Next& next) {
        Forward<Next> forward{rest_, part.rest, fresh, next};
        member_.apply(item, part.own, part.is_first(fresh), cause, forward);
    }

    /// From the first member to the last, so that each has heard of the outputs of those before
    /// when its own turn comes.
    template <class Next>
    void advance(Part& part, std::uint64_t now_ns, Cause cause, Next& next) {
        if constexpr (HearsTime<Member>) {
            if (part.was_reached()) {
                Forward<Next> forward{rest_, part.rest, false, next};
                member_.advance(part.own, now_ns, cause, forward);
            }
        }
        rest_.advance(part.rest, now_ns, cause, next);
    }

    /// Whether any member says so.
    bool expired(const Part& part) const noexcept {
        if constexpr (Expires<Member>) {
            if (part.was_reached() && member_.expired(part.own)) {
                return true;
            }
        }
        return rest_.expired(part.rest);
    }

    /// Whether any member does now.
    bool prefetches() const noexcept {
        if constexpr (Prefetches<Member>) {
            if (member_.prefetches()) {
                return true;
            }
        }
        return rest_.prefetches();
    }

    template <std::uint32_t step>
    [[gnu::always_inline]] void prefetch(const Part& part) const noexcept {
        if constexpr (Prefetches<Member>) {
            if constexpr (step < Member::prefetch_steps) {
                if (part.was_reached()) {
                    member_.template prefetch<step>(part.own);
                }
            }
        }
        rest_.template prefetch<step>(part.rest);
    }

    std::uint64_t late() const noexcept {
        if constexpr (requires { member_.late(); }) {
            return member_.late() + rest_.late();
        } else {
            return rest_.late();
        }
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

}  // namespace roda
