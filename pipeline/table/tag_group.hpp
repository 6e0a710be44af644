// SPDX-License-Identifier: Apache-2.0
// TagGroup: 16 tags of 16 bits, compared by one AVX2 instruction. A tag is 15 bits of a key's
// hash; 0 marks an empty lane. Half a cache line: of what KeyTable reads for each look-up.
#pragma once

#include <immintrin.h>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace roda {

/// A set of a group's lanes, walked from the lowest: two bits for each, as the compare gives them.
class Lanes {
  public:
    explicit Lanes(std::uint32_t bits) noexcept : bits_(bits) {}

    [[gnu::always_inline]] bool any() const noexcept { return bits_ != 0; }

    [[gnu::always_inline]] std::uint32_t first() const noexcept { return first_bit() / 2; }

    /// Twice the first lane.
    [[gnu::always_inline]] std::uint32_t first_bit() const noexcept {
        return static_cast<std::uint32_t>(std::countr_zero(bits_));
    }

    [[gnu::always_inline]] void drop_first() noexcept {
        bits_ &= bits_ - 1;
        bits_ &= bits_ - 1;
    }

    [[gnu::always_inline]] Lanes others() const noexcept { return Lanes(~bits_); }

  private:
    std::uint32_t bits_;
};

struct alignas(32) TagGroup {
    static constexpr std::uint32_t lanes = 16;
    static constexpr std::uint16_t empty_tag = 0;

    std::array<std::uint16_t, lanes> tag;

    /// A hash whose tag is odd, and so never the mark of an empty lane.
    [[gnu::always_inline]] static std::uint64_t with_tag(std::uint64_t hash) noexcept {
        return hash | std::uint64_t{1} << 48;
    }

    /// Its highest bits. By reference: of a hash in memory they are broadcast from there, in one
    /// instruction.
    [[gnu::always_inline]] static std::uint16_t tag_of(const std::uint64_t& hash) noexcept {
        std::uint16_t tag = 0;
        std::memcpy(&tag, reinterpret_cast<const std::byte*>(&hash) + 6, sizeof(tag));
        return tag;
    }

    [[gnu::always_inline]] Lanes match(std::uint16_t wanted) const noexcept {
        const __m256i group = _mm256_load_si256(reinterpret_cast<const __m256i*>(tag.data()));
        const __m256i pattern = _mm256_set1_epi16(static_cast<short>(wanted));
        return Lanes(
            static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi16(group, pattern))));
    }

    Lanes empty() const noexcept { return match(empty_tag); }

    Lanes taken() const noexcept { return empty().others(); }
};

}  // namespace roda
