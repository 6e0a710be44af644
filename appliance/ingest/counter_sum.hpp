// SPDX-License-Identifier: Apache-2.0
// What several workers counted, added up.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace roda::appliance {

/// Adds every counter of `more` to that of `to`.
///
/// Shape: Counters holds nothing but 64-bit counters, so a new one is added up without a word here.
template <class Counters>
    requires(std::is_trivially_copyable_v<Counters> &&
             std::has_unique_object_representations_v<Counters> &&
             sizeof(Counters) % sizeof(std::uint64_t) == 0)
void add_counters(Counters& to, const Counters& more) noexcept {
    using Words = std::array<std::uint64_t, sizeof(Counters) / sizeof(std::uint64_t)>;
    auto sum = std::bit_cast<Words>(to);
    const auto words = std::bit_cast<Words>(more);
    for (std::size_t i = 0; i < sum.size(); ++i) {
        sum[i] += words[i];
    }
    to = std::bit_cast<Counters>(sum);
}

}  // namespace roda::appliance
