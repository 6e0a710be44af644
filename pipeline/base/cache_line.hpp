// SPDX-License-Identifier: Apache-2.0
// Sizes of the machine that shared-memory layouts depend on. Constants of our own, because a
// layout is an ABI and std::hardware_destructive_interference_size is not.
#pragma once

#include <cstddef>

namespace roda {

inline constexpr std::size_t cache_line_bytes = 64;

/// Words written by different threads stand this far apart: the adjacent-line prefetcher of x86
/// moves lines in pairs.
inline constexpr std::size_t contention_block_bytes = 2 * cache_line_bytes;

}  // namespace roda
