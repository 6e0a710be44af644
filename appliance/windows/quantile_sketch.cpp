// SPDX-License-Identifier: Apache-2.0
#include "appliance/windows/quantile_sketch.hpp"

#include <algorithm>
#include <cmath>

namespace roda::appliance {

namespace {

constexpr std::size_t octave = QuantileSketch::octave_buckets;

/// 2^(i / 18) for i from 0 to 18: the borders of an octave's buckets.
constexpr std::array<double, octave + 1> make_borders() {
    double root = 1.04;
    for (int step = 0; step < 20; ++step) {  // Newton, of x^18 = 2
        double power = 1.0;
        for (std::size_t i = 1; i < octave; ++i) {
            power *= root;
        }
        root -= (power * root - 2.0) / (static_cast<double>(octave) * power);
    }
    std::array<double, octave + 1> borders{1.0};
    for (std::size_t i = 1; i < octave; ++i) {
        borders[i] = borders[i - 1] * root;
    }
    borders[octave] = 2.0;
    return borders;
}

constexpr std::array<double, octave + 1> borders = make_borders();

/// The value that is as far from both ends of its bucket, in parts of the ends.
double value_of(std::int32_t bucket) noexcept {
    const auto in_octave = static_cast<std::size_t>(bucket) % octave;
    const double low = borders[in_octave];
    const double high = borders[in_octave + 1];
    const std::int32_t exponent = bucket / QuantileSketch::octave_buckets - 1023;
    return std::ldexp(2.0 * low * high / (low + high), exponent);
}

/// The least threshold for which both sides fit.
constexpr std::int32_t threshold_for(std::int32_t top, std::int32_t other_top) noexcept {
    const std::int32_t greater = std::max(top, other_top);
    const std::int32_t smaller = std::min(top, other_top);
    const std::int32_t alone = std::max(greater - QuantileSketch::buckets + 1, 1);
    if (smaller < alone) {
        return alone;
    }
    // Both have (top - threshold + 1) buckets; rounded up. Below: no more than there are.
    const std::int32_t together = greater + smaller + 2 - QuantileSketch::buckets;
    return std::max((together + 1) / 2, 1);
}

void add_counts(std::uint32_t* to, const std::uint32_t* from, std::int32_t buckets) noexcept {
    for (std::int32_t i = 0; i < buckets; ++i) {
        const std::uint32_t sum = to[i] + from[i];
        to[i] = sum < from[i] ? 0xffff'ffff : sum;
    }
}

}  // namespace

constexpr std::array<QuantileSketch::Cell, 32> QuantileSketch::cells = [] {
    std::array<Cell, 32> made{};
    for (std::size_t i = 0; i < made.size(); ++i) {
        const double low = 1.0 + static_cast<double>(i) / static_cast<double>(made.size());
        std::size_t bucket = 0;
        while (borders[bucket + 1] <= low) {
            ++bucket;
        }
        // The mantissa of 2 is 0: the octave's last border is no border within it.
        const std::uint64_t mantissa =
            std::bit_cast<std::uint64_t>(borders[bucket + 1]) & 0xf'ffff'ffff'ffff;
        made[i] = {.border = mantissa != 0 ? mantissa : ~std::uint64_t{0},
                   .bucket = static_cast<std::int32_t>(bucket)};
    }
    return made;
}();

void QuantileSketch::merge(const QuantileSketch& other) noexcept {
    const std::int32_t top_positive = std::max(top_positive_, other.top_positive_);
    const std::int32_t top_negative = std::max(top_negative_, other.top_negative_);
    if (top_positive != top_positive_ || top_negative != top_negative_) {
        raise(top_positive, top_negative);
    }
    take(other);
}

double QuantileSketch::percentile(std::uint32_t percent) const noexcept {
    std::uint64_t count = small_;
    for (std::int32_t bucket = top_negative_; bucket >= low(); --bucket) {
        count += counts_[slot_of_negative(bucket)];
    }
    for (std::int32_t bucket = low(); bucket <= top_positive_; ++bucket) {
        count += counts_[slot_of_positive(bucket)];
    }
    const std::uint64_t rank = std::max<std::uint64_t>((count * percent + 99) / 100, 1);
    std::uint64_t reached = 0;
    for (std::int32_t bucket = top_negative_; bucket >= low(); --bucket) {
        reached += counts_[slot_of_negative(bucket)];
        if (reached >= rank) {
            return -value_of(bucket);
        }
    }
    reached += small_;
    for (std::int32_t bucket = low(); reached < rank && bucket <= top_positive_; ++bucket) {
        reached += counts_[slot_of_positive(bucket)];
        if (reached >= rank) {
            return value_of(bucket);
        }
    }
    return 0.0;
}

void QuantileSketch::raise(std::int32_t top_positive, std::int32_t top_negative) noexcept {
    QuantileSketch raised;
    raised.top_positive_ = top_positive;
    raised.top_negative_ = top_negative;
    raised.threshold_ = threshold_for(top_positive, top_negative);
    raised.take(*this);
    *this = raised;
}

/// Needs tops no lower than the other's, and so a threshold no lower.
void QuantileSketch::take(const QuantileSketch& other) noexcept {
    least_ = std::min(least_, other.least_);
    const auto give_way = [&](std::uint32_t count) { add_counts(&small_, &count, 1); };
    give_way(other.small_);
    const std::int32_t end =
        std::min(threshold_, std::max(other.top_negative_, other.top_positive_) + 1);
    for (std::int32_t bucket = other.low(); bucket < end; ++bucket) {
        if (bucket <= other.top_negative_) {
            give_way(other.counts_[other.slot_of_negative(bucket)]);
        }
        if (bucket <= other.top_positive_) {
            give_way(other.counts_[other.slot_of_positive(bucket)]);
        }
    }
    const std::int32_t low = std::max(threshold_, other.low());
    if (other.top_negative_ >= low) {
        add_counts(&counts_[slot_of_negative(other.top_negative_)],
                   other.counts_.data(),
                   other.top_negative_ - low + 1);
    }
    if (other.top_positive_ >= low) {
        add_counts(&counts_[slot_of_positive(low)],
                   &other.counts_[other.slot_of_positive(low)],
                   other.top_positive_ - low + 1);
    }
}

}  // namespace roda::appliance
