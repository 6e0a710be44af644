// SPDX-License-Identifier: Apache-2.0
// SeededHash: 64 bits of any plain key, different in every instance. Whoever chooses the keys
// (device ids are chosen by strangers) cannot choose the collisions.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>

#include "pipeline/base/pod.hpp"

namespace roda {

/// One full multiplication, both halves folded: mixes every bit of both words into every other.
[[gnu::always_inline]] inline std::uint64_t fold_multiply(std::uint64_t a,
                                                          std::uint64_t b) noexcept {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <Key K>
class SeededHash {
  public:
    SeededHash() {
        std::random_device entropy;
        for (std::uint64_t& seed : seeds_) {
            seed = (std::uint64_t{entropy()} << 32 | entropy()) | 1u;
        }
    }

    [[gnu::always_inline]] std::uint64_t operator()(const K& key) const noexcept {
        std::uint64_t mixed = 0;
        for (std::size_t at = 0; at < sizeof(K); at += sizeof(std::uint64_t)) {
            std::uint64_t word = 0;
            std::memcpy(&word,
                        reinterpret_cast<const std::byte*>(&key) + at,
                        std::min(sizeof(word), sizeof(K) - at));
            mixed = fold_multiply(word ^ seeds_[0], mixed ^ seeds_[2]);
        }
        // Once more: regular keys (1, 2, 3...; windows) leave one multiplication in a lattice.
        return fold_multiply(mixed ^ seeds_[0], seeds_[1]);
    }

  private:
    std::array<std::uint64_t, 3> seeds_{};
};

}  // namespace roda
