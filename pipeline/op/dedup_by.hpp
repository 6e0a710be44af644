// SPDX-License-Identifier: Apache-2.0
// dedup_by: drops an item that equals the last one of its key; emits when it changed, so A, B, A
// all pass. (The seed's text says "the key equals the last key"; its code does this.)
#pragma once

#include <concepts>
#include <cstring>

#include "pipeline/op/keyed_by.hpp"

namespace roda {

/// By == where there is one (so a NaN differs from itself), else byte by byte.
template <class T>
[[gnu::always_inline]] inline bool is_repeat(const T& a, const T& b) noexcept {
    if constexpr (std::equality_comparable<T>) {
        return a == b;
    } else {
        static_assert(std::has_unique_object_representations_v<T>,
                      "dedup_by(): the compared record needs operator==");
        return std::memcmp(&a, &b, sizeof(T)) == 0;
    }
}

template <class Project, class In>
class DedupMember {
  public:
    using Output = In;
    using Part = ResultOf<Project, const In&>;

    static_assert(Pod<Part>, "dedup_by(): what is compared is a Pod: it lies in a key's slot");

    static constexpr bool one_to_one = false;

    explicit DedupMember(Project project) : project_(std::move(project)) {}

    template <class Next>
    [[gnu::always_inline]] void apply(
        const In& item, Part& last, bool first, Cause cause, Next& next) {
        const Part current = std::invoke(project_, item);
        if (first || !is_repeat(current, last)) {
            last = current;
            next(item, cause);
        }
    }

  private:
    [[no_unique_address]] Project project_;
};

template <class Project>
struct DedupSpec {
    Project project;

    template <class In>
        requires std::is_invocable_v<const Project&, const In&>
    DedupMember<Project, In> bind_member() const {
        return DedupMember<Project, In>(project);
    }
};

/// A member of keyed_by(): passes an item when `project(item)` differs from the last of its key.
template <class Project>
DedupSpec<Project> dedup_by(Project project) {
    return {std::move(project)};
}

/// On its own, comparing whole items: `dedup_by({.max_keys = n}, &Alert::sensor_id)`.
template <class KeyFunction>
auto dedup_by(const KeyBound& bound, KeyFunction key) {
    return keyed_by(bound, std::move(key), dedup_by(std::identity{}));
}

/// The same for keys that are positions: `dedup_by(DenseKeys{.keys = n}, ...)`.
template <class KeyFunction>
auto dedup_by(const DenseKeys& bound, KeyFunction key) {
    return keyed_by(bound, std::move(key), dedup_by(std::identity{}));
}

}  // namespace roda
