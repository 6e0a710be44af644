// SPDX-License-Identifier: Apache-2.0
// Numbers for people, and the lines on stderr.
#include "pipeline/measure/report.hpp"

#include <gtest/gtest.h>
#include <limits>

namespace roda {
namespace {

std::string human(double value) {
    return format_human(value).c_str();
}

TEST(FormatHuman, ThreeDigitsAndAPrefix) {
    EXPECT_EQ(human(0), "0");
    EXPECT_EQ(human(0.25), "0.25");
    EXPECT_EQ(human(7), "7");
    EXPECT_EQ(human(999), "999");
    EXPECT_EQ(human(1'000), "1 k");
    EXPECT_EQ(human(12'345), "12.3 k");
    EXPECT_EQ(human(4'560'000), "4.56 M");
    EXPECT_EQ(human(1e11), "100 G");
    EXPECT_EQ(human(2.5e12), "2.5 T");
}

TEST(FormatHuman, RoundsUpIntoTheNextPrefix) {
    EXPECT_EQ(human(999.4), "999");
    EXPECT_EQ(human(999.6), "1 k");
    EXPECT_EQ(human(999'499), "999 k");
    EXPECT_EQ(human(999'600), "1 M");
}

TEST(FormatHuman, AbsurdNumbersStayInside) {
    EXPECT_EQ(human(1e300), "1e+288 T");
    EXPECT_EQ(human(std::numeric_limits<double>::infinity()), "inf T");
    EXPECT_EQ(human(-std::numeric_limits<double>::max()), "-1.8e+308");
}

TEST(PrintProgress, SaysRecordsRatesAndTimeInOneLine) {
    ::testing::internal::CaptureStderr();
    print_progress("readings")(Progress{.records = 20'000'000,
                                        .elapsed_ns = 1'600'000'000,
                                        .interval_per_s = 13.1e6,
                                        .average_per_s = 12.5e6});
    EXPECT_EQ(::testing::internal::GetCapturedStderr(),
              "readings: 20 M records, 13.1 M/s, 12.5 M/s on average, 1.6 s\n");
}

TEST(PrintLatency, SaysTheQuantilesInOneLine) {
    LatencyHistogram histogram;
    for (std::uint64_t value = 1; value <= 100; ++value) {
        histogram.record(value);
    }
    ::testing::internal::CaptureStderr();
    print_latency("detect", histogram);
    EXPECT_EQ(::testing::internal::GetCapturedStderr(),
              "detect: 100 samples, ns: min 1, mean 50, p50 50, p90 90, p99 99, p99.9 100, "
              "p99.99 100, max 100\n");
}

}  // namespace
}  // namespace roda
