// SPDX-License-Identifier: Apache-2.0
// The histogram against sorted lists of what was recorded.
#include "pipeline/measure/histogram.hpp"

#include <gtest/gtest.h>
#include <atomic>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "pipeline/store/snapshot_cell.hpp"

namespace roda {
namespace {

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

TEST(LatencyHistogram, EmptyIsAllZero) {
    const LatencyHistogram histogram;
    EXPECT_EQ(histogram.stats(), LatencyStats{});
    EXPECT_EQ(histogram.quantile(0), 0u);
    EXPECT_EQ(histogram.quantile(1), 0u);
}

TEST(LatencyHistogram, OneValueIsEveryQuantile) {
    for (const std::uint64_t value :
         {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{987'654}}) {
        LatencyHistogram histogram;
        histogram.record(value);
        EXPECT_EQ(histogram.stats(),
                  (LatencyStats{.count = 1,
                                .min_ns = value,
                                .max_ns = value,
                                .mean_ns = static_cast<double>(value),
                                .p50_ns = value,
                                .p90_ns = value,
                                .p99_ns = value,
                                .p999_ns = value,
                                .p9999_ns = value}));
    }
}

TEST(LatencyHistogram, SmallValuesAreExact) {
    LatencyHistogram histogram;
    for (std::uint64_t value = 1; value <= 100; ++value) {
        histogram.record(value);
    }
    for (std::uint64_t percent = 1; percent <= 100; ++percent) {
        EXPECT_EQ(histogram.quantile(static_cast<double>(percent) / 100), percent);
    }
    EXPECT_EQ(histogram.quantile(0), 1u);
    EXPECT_EQ(histogram.mean(), 50.5);
}

// 0.9999 x 10,000 is not quite 9,999 in binary.
TEST(LatencyHistogram, RankIsNotPushedUpByRounding) {
    LatencyHistogram histogram;
    for (int i = 0; i < 9'999; ++i) {
        histogram.record(5);
    }
    histogram.record(100);
    EXPECT_EQ(histogram.quantile(0.9999), 5u);
    EXPECT_EQ(histogram.quantile(0.99991), 100u);
    for (std::uint64_t count = 1; count < 2'000; ++count) {  // the same for other fractions
        LatencyHistogram halves;
        for (std::uint64_t i = 0; i < 10; ++i) {
            halves.record(i);
        }
        const double tenth = static_cast<double>(count % 10 + 1) / 10;
        ASSERT_EQ(halves.quantile(tenth), count % 10);
    }
}

TEST(LatencyHistogram, EachBucketBoundaryIsWithinOneIn64) {
    for (unsigned bit = 0; bit < 40; ++bit) {
        for (const std::uint64_t below : {1u, 0u}) {
            const std::uint64_t value = (std::uint64_t{1} << bit) - below;
            LatencyHistogram histogram;
            histogram.record(value);
            histogram.record(LatencyHistogram::range_ns);  // else max hides the bucket's end
            const std::uint64_t read = histogram.quantile(0.5);
            EXPECT_GE(read, value);
            EXPECT_LE((read - value) * 64, value) << value;
        }
    }
}

class AgainstSortedList : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(AgainstSortedList, QuantilesAreNeverBelowAndWithinOneIn64Above) {
    std::mt19937_64 random(GetParam());
    LatencyHistogram histogram;
    std::vector<std::uint64_t> values;
    for (int i = 0; i < 5'000; ++i) {
        const std::uint64_t value = random() >> (25 + random() % 39);
        values.push_back(std::min(value, LatencyHistogram::range_ns));
        histogram.record(values.back());
    }
    std::sort(values.begin(), values.end());
    double sum = 0;
    for (const std::uint64_t value : values) {
        sum += static_cast<double>(value);
    }
    EXPECT_EQ(histogram.count(), values.size());
    EXPECT_EQ(histogram.min(), values.front());
    EXPECT_EQ(histogram.max(), values.back());
    EXPECT_DOUBLE_EQ(histogram.mean(), sum / static_cast<double>(values.size()));
    for (std::size_t rank = 1; rank <= values.size(); ++rank) {
        const std::uint64_t exact = values[rank - 1];
        const std::uint64_t read =
            histogram.quantile(static_cast<double>(rank) / static_cast<double>(values.size()));
        ASSERT_GE(read, exact);
        ASSERT_LE((read - exact) * 64, exact) << rank;
    }
}

INSTANTIATE_TEST_SUITE_P(LatencyHistogram, AgainstSortedList, ::testing::Range(1u, 5u));

TEST(LatencyHistogram, ValueOutOfRangeIsCountedInTheLastBucketAndMaxStaysExact) {
    LatencyHistogram histogram;
    histogram.record(10);
    histogram.record(LatencyHistogram::range_ns + 1);
    histogram.record(most);
    EXPECT_EQ(histogram.stats(),
              (LatencyStats{.count = 3,
                            .min_ns = 10,
                            .max_ns = most,
                            .mean_ns = (0x1p64 + 0x1p40 + 9) / 3,
                            .p50_ns = most,
                            .p90_ns = most,
                            .p99_ns = most,
                            .p999_ns = most,
                            .p9999_ns = most}));
    EXPECT_EQ(histogram.quantile(0.3), 10u);
}

TEST(LatencyHistogram, SumOfHugeValuesDoesNotWrap) {
    LatencyHistogram histogram;
    LatencyHistogram other;
    for (int i = 0; i < 10; ++i) {
        histogram.record(most);
        other.record(most);
    }
    EXPECT_EQ(histogram.mean(), 0x1p64);
    histogram += other;
    EXPECT_EQ(histogram.mean(), 0x1p64);
}

bool same_bytes(const LatencyHistogram& a, const LatencyHistogram& b) {
    return std::memcmp(&a, &b, sizeof(a)) == 0;
}

TEST(LatencyHistogram, MergeIsAsIfAllHadBeenRecordedInOne) {
    std::mt19937_64 random(7);
    LatencyHistogram parts[3];
    LatencyHistogram whole;
    for (int i = 0; i < 3'000; ++i) {
        const std::uint64_t value = random() >> (random() % 64);
        parts[random() % 3].record(value);
        whole.record(value);
    }
    LatencyHistogram merged;
    (merged += parts[0]) += parts[1];
    merged += parts[2];
    EXPECT_TRUE(same_bytes(merged, whole));
}

TEST(LatencyHistogram, ZeroBytesAreAnEmptyHistogram) {
    LatencyHistogram zeros;
    std::memset(static_cast<void*>(&zeros), 0, sizeof(zeros));
    EXPECT_EQ(zeros.stats(), LatencyStats{});
    LatencyHistogram histogram;
    histogram.record(500);
    histogram += zeros;
    EXPECT_EQ(histogram.min(), 500u);
    histogram.reset();
    EXPECT_TRUE(same_bytes(histogram, zeros));
}

TEST(LatencyHistogramDeathTest, QuantileOutsideOneIsTheProgrammersError) {
    const LatencyHistogram histogram;
    EXPECT_DEATH((void)histogram.quantile(99), "between 0 and 1");
    EXPECT_DEATH((void)histogram.quantile(std::numeric_limits<double>::quiet_NaN()),
                 "between 0 and 1");
}

TEST(LatencyHistogram, AnotherThreadReadsWholeCopiesThroughASnapshotCell) {
    const auto cell = std::make_unique<SnapshotCell<LatencyHistogram>>();
    std::atomic<bool> done{false};
    std::thread owner([&] {
        LatencyHistogram histogram;
        for (std::uint64_t i = 1; i <= 2'000; ++i) {
            histogram.record(i * 1'000);
            cell->publish(histogram);
            if (i % 16 == 0) {
                std::this_thread::yield();
            }
        }
        done = true;
    });
    bool last = false;
    std::uint64_t count = 0;
    while (!last) {
        last = done;
        const LatencyHistogram read = cell->read();
        EXPECT_GE(read.count(), count);
        count = read.count();
        EXPECT_EQ(read.max(), count * 1'000);
        EXPECT_DOUBLE_EQ(read.mean(), count == 0 ? 0 : static_cast<double>(count + 1) * 500);
    }
    owner.join();
    EXPECT_EQ(count, 2'000u);
}

}  // namespace
}  // namespace roda
