// SPDX-License-Identifier: Apache-2.0
// Quantiles of any number of values in fixed memory: counts of logarithmic buckets (the idea of
// DDSketch, Masson et al. 2019), for both signs in one array.
//
//   slot  0                         ->  |    unused    |              <-                    232
//         | greatest negatives ... threshold           threshold ... greatest positives |
//
// Where the two sides would meet, the least magnitudes of both give way: they are only counted.
// What is left depends on the greatest values alone, so that the order of values, and of merges,
// makes no difference.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>

namespace roda::appliance {

/// An answer is within 1.93 % of the exact one where that has at least 1/7,500 of the greatest
/// magnitude (1/83, where the greatest of both signs are alike). Smaller ones count as 0, also
/// those below 2^-1022.
///
/// Shape: 952 bytes. Counts stop at 2^32 - 1. Cost: add() a few ns; one that is greater than all
/// before moves the counts, once for each bucket that the greatest grows by.
class QuantileSketch {
  public:
    static constexpr std::int32_t buckets = 233;  // 13 octaves
    static constexpr std::int32_t octave_buckets = 18;

    /// A finite value.
    [[gnu::always_inline]] void add(double value) noexcept {
        const std::int32_t bucket = bucket_of(value);
        const bool is_negative = value < 0.0;
        if (bucket > (is_negative ? top_negative_ : top_positive_)) [[unlikely]] {
            raise(is_negative ? top_positive_ : bucket, is_negative ? bucket : top_negative_);
        }
        if (bucket < threshold_) {
            small_ += small_ != most;
            return;
        }
        least_ = std::min(least_, bucket);
        std::uint32_t& count =
            counts_[is_negative ? slot_of_negative(bucket) : slot_of_positive(bucket)];
        count += count != most;
    }

    /// As if all its values had been added.
    void merge(const QuantileSketch& other) noexcept;

    /// The least value with at least so many percent of all at or below it (nearest rank); 0 of
    /// nothing.
    double percentile(std::uint32_t percent) const noexcept;

  private:
    static constexpr std::uint32_t most = 0xffff'ffff;

    // A 32nd of an octave has at most one border of buckets: `bucket` below it, the next above.
    struct Cell {
        std::uint64_t border;  // mantissa
        std::int32_t bucket;
    };

    static const std::array<Cell, 32> cells;

    static std::int32_t bucket_of(double value) noexcept {
        const auto bits = std::bit_cast<std::uint64_t>(value);
        const auto exponent = static_cast<std::int32_t>(bits >> 52 & 0x7ff);
        const Cell& cell = cells[bits >> 47 & 31];
        const std::int32_t in_octave = cell.bucket + ((bits & 0xf'ffff'ffff'ffff) >= cell.border);
        return exponent == 0 ? 0 : exponent * octave_buckets + in_octave;
    }

    std::size_t slot_of_negative(std::int32_t bucket) const noexcept {
        return static_cast<std::size_t>(top_negative_ - bucket);
    }

    std::size_t slot_of_positive(std::int32_t bucket) const noexcept {
        return static_cast<std::size_t>(buckets - 1 - (top_positive_ - bucket));
    }

    std::int32_t low() const noexcept { return std::max(threshold_, least_); }

    void raise(std::int32_t top_positive, std::int32_t top_negative) noexcept;
    void take(const QuantileSketch& other) noexcept;

    // Buckets count magnitudes from the least up; 0: zero, or none.
    std::array<std::uint32_t, buckets> counts_{};
    std::uint32_t small_ = 0;  // below the threshold
    std::int32_t top_positive_ = 0;
    std::int32_t top_negative_ = 0;
    std::int32_t threshold_ = 1;
    std::int32_t least_ = std::numeric_limits<std::int32_t>::max();  // no bucket below is in use
};

static_assert(sizeof(QuantileSketch) == 952);

}  // namespace roda::appliance
