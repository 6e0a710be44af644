// SPDX-License-Identifier: Apache-2.0
// Which table a keyed_by() keeps its keys in. Not for users: they write keyed_by().
#pragma once

#include <cstdint>

#include "pipeline/op/operator.hpp"
#include "pipeline/table/dense_table.hpp"
#include "pipeline/table/key_table.hpp"

namespace roda {

/// The table that a bound asks for.
template <class Bound>
struct TableFor;

template <>
struct TableFor<KeyBound> {
    template <class K, class Value>
    using Type = KeyTable<K, Value>;

    template <class K>
    static constexpr bool takes = true;

    static std::uint32_t capacity(const KeyBound& bound) noexcept { return bound.max_keys; }
};

template <>
struct TableFor<DenseKeys> {
    template <class K, class Value>
    using Type = DenseTable<K, Value>;

    template <class K>
    static constexpr bool takes = DenseKey<K>;

    static std::uint32_t capacity(const DenseKeys& bound) noexcept { return bound.keys; }
};

}  // namespace roda
