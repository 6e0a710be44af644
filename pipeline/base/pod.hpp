// SPDX-License-Identifier: Apache-2.0
// What may lie in a journal or a table: plain bytes with a fixed layout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "pipeline/base/cache_line.hpp"

namespace roda {

/// A record: copied with memcpy, no destructor, no pointer to follow, fits a line's alignment.
template <class T>
concept Pod = std::is_trivially_copyable_v<T> && std::is_standard_layout_v<T> &&
              std::is_trivially_destructible_v<T> && !std::is_pointer_v<T> &&
              alignof(T) <= cache_line_bytes;

/// A Pod that other threads or processes may read while it is written: whole 64-bit words.
template <class T>
concept SharedPod = Pod<T> && sizeof(T) % sizeof(std::uint64_t) == 0 &&
                    alignof(T) >= alignof(std::uint64_t);

/// A key: compared and hashed by its bytes, so it may have no padding.
template <class T>
concept Key = Pod<T> && std::has_unique_object_representations_v<T>;

}  // namespace roda
