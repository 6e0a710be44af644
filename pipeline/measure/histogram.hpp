// SPDX-License-Identifier: Apache-2.0
// A latency histogram of fixed size: exact up to 127 ns, then 64 buckets to each doubling, up to
// about 1,100 s. Not a series over time: reset it, or take a copy, for each interval.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "pipeline/base/check.hpp"
#include "pipeline/base/pod.hpp"

namespace roda {

/// What a report says of a histogram; all 0 when nothing was recorded.
struct LatencyStats {
    std::uint64_t count;
    std::uint64_t min_ns;
    std::uint64_t max_ns;
    double mean_ns;
    std::uint64_t p50_ns;
    std::uint64_t p90_ns;
    std::uint64_t p99_ns;
    std::uint64_t p999_ns;
    std::uint64_t p9999_ns;

    friend bool operator==(const LatencyStats&, const LatencyStats&) = default;
};

/// Which durations are counted together. Not for users.
struct LatencyBuckets {
    static constexpr unsigned precision_bits = 6;
    static constexpr std::uint64_t leading_bit = std::uint64_t{1} << precision_bits;
    static constexpr unsigned range_bits = 40;
    static constexpr std::uint64_t greatest = (std::uint64_t{1} << range_bits) - 1;
    static constexpr std::size_t count = std::size_t{range_bits - precision_bits + 1}
                                         << precision_bits;

    /// The 7 leading bits of the value, behind how far they were shifted. The first of them is set
    /// in every doubling, so each continues where the one before it ends.
    [[gnu::always_inline]] static constexpr std::size_t of(std::uint64_t value) noexcept {
        const auto bits = static_cast<unsigned>(std::bit_width(value | leading_bit));
        const unsigned shift = bits - (precision_bits + 1);
        return (std::size_t{shift} << precision_bits) + (value >> shift);
    }

    /// The greatest value of a bucket.
    static constexpr std::uint64_t last_of(std::size_t bucket) noexcept {
        const std::size_t shift = bucket < 2 * leading_bit ? 0 : (bucket >> precision_bits) - 1;
        const std::uint64_t leading = bucket - (shift << precision_bits);
        return ((leading + 1) << shift) - 1;
    }
};

static_assert(LatencyBuckets::of(LatencyBuckets::greatest) == LatencyBuckets::count - 1);
static_assert(LatencyBuckets::last_of(LatencyBuckets::count - 1) == LatencyBuckets::greatest);

/// Counts durations by size. min, max, mean and count are exact; a quantile is never below the true
/// one and above it by less than 1/64 of it.
///
/// Thread: plain counters of one thread. Another thread reads a copy that the owner publishes
/// through a SnapshotCell<LatencyHistogram> (it is a SharedPod), or merges after joining the owner.
/// Shape: bytes of zero are an empty histogram. Units: nanoseconds, in and out.
/// Cost: record() is O(1); nothing allocates.
class LatencyHistogram {
  public:
    /// Durations above are counted in the last bucket; max() stays exact.
    static constexpr std::uint64_t range_ns = LatencyBuckets::greatest;

    [[gnu::always_inline]] void record(std::uint64_t duration_ns) noexcept {
        ++buckets_[Buckets::of(std::min(duration_ns, range_ns))];
        ++count_;
        add_to_sum(duration_ns, 0);
        min_inverted_ = std::max(min_inverted_, ~duration_ns);
        max_ns_ = std::max(max_ns_, duration_ns);
    }

    /// Adds all that `other` recorded, as if it had been recorded here.
    LatencyHistogram& operator+=(const LatencyHistogram& other) noexcept {
        for (std::size_t i = 0; i < Buckets::count; ++i) {
            buckets_[i] += other.buckets_[i];
        }
        count_ += other.count_;
        add_to_sum(other.sum_low_, other.sum_high_);
        min_inverted_ = std::max(min_inverted_, other.min_inverted_);
        max_ns_ = std::max(max_ns_, other.max_ns_);
        return *this;
    }

    void reset() noexcept { *this = {}; }

    std::uint64_t count() const noexcept { return count_; }

    std::uint64_t min() const noexcept { return count_ == 0 ? 0 : ~min_inverted_; }

    std::uint64_t max() const noexcept { return max_ns_; }

    double mean() const noexcept {
        return count_ == 0
                   ? 0
                   : (static_cast<double>(sum_high_) * 0x1p64 + static_cast<double>(sum_low_)) /
                         static_cast<double>(count_);
    }

    /// The least duration that at least `q` of all recorded ones do not exceed; 0 when empty.
    ///
    /// Errors: q outside 0..1 is the programmer's. Cost: O(buckets), some microseconds.
    std::uint64_t quantile(double q) const noexcept {
        check(q >= 0 && q <= 1, "a quantile lies between 0 and 1");
        // 0.9999 x 10,000 may come out a little above 9,999: two units in the last place are
        // rounding.
        const double rank = std::ceil(q * static_cast<double>(count_) * (1 - 0x1p-51));
        const std::uint64_t wanted = std::clamp<std::uint64_t>(
            static_cast<std::uint64_t>(rank), 1, std::max(count_, std::uint64_t{1}));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i + 1 < Buckets::count; ++i) {
            seen += buckets_[i];
            if (seen >= wanted) {
                return std::clamp(Buckets::last_of(i), min(), max_ns_);
            }
        }
        return max_ns_;  // the last bucket has no upper end
    }

    LatencyStats stats() const noexcept {
        return {.count = count_,
                .min_ns = min(),
                .max_ns = max_ns_,
                .mean_ns = mean(),
                .p50_ns = quantile(0.5),
                .p90_ns = quantile(0.9),
                .p99_ns = quantile(0.99),
                .p999_ns = quantile(0.999),
                .p9999_ns = quantile(0.9999)};
    }

  private:
    using Buckets = LatencyBuckets;

    [[gnu::always_inline]] void add_to_sum(std::uint64_t low, std::uint64_t high) noexcept {
        sum_low_ += low;
        sum_high_ += high + (sum_low_ < low ? 1 : 0);
    }

    std::array<std::uint64_t, Buckets::count> buckets_{};
    std::uint64_t count_ = 0;
    std::uint64_t sum_low_ = 0;
    std::uint64_t sum_high_ = 0;
    std::uint64_t min_inverted_ = 0;  // inverted, so that zero bytes mean "none yet"
    std::uint64_t max_ns_ = 0;
};

static_assert(SharedPod<LatencyHistogram>);

}  // namespace roda
