// SPDX-License-Identifier: Apache-2.0
#include "dpdk/neighbour/token_bucket.hpp"

#include <gtest/gtest.h>

namespace roda::dpdk {
namespace {

constexpr std::uint64_t start_ns = 7'000'000'000;
constexpr std::uint64_t millisecond_ns = 1'000'000;

std::uint64_t taken(TokenBucket& bucket, std::uint64_t now_ns, int tries) {
    std::uint64_t count = 0;
    for (int i = 0; i < tries; ++i) {
        count += bucket.take(now_ns) ? 1 : 0;
    }
    return count;
}

TEST(TokenBucket, HoldsItsBurstAndNoMore) {
    TokenBucket bucket(1000, 100);
    EXPECT_EQ(taken(bucket, start_ns, 1000), 100u);
    EXPECT_EQ(taken(bucket, start_ns + 3600'000 * millisecond_ns, 1000), 100u) << "an hour later";
}

TEST(TokenBucket, GivesATokenBackEachTimeItsShareOfASecondIsOver) {
    TokenBucket bucket(1000, 100);
    ASSERT_EQ(taken(bucket, start_ns, 100), 100u);
    EXPECT_EQ(taken(bucket, start_ns + millisecond_ns - 1, 10), 0u);
    EXPECT_EQ(taken(bucket, start_ns + millisecond_ns, 10), 1u);
    EXPECT_EQ(taken(bucket, start_ns + 11 * millisecond_ns, 100), 10u);
}

TEST(TokenBucket, AFloodGetsTheRateAndTheBurst) {
    TokenBucket bucket(1000, 100);
    std::uint64_t count = 0;
    constexpr std::uint64_t second_ns = 1000 * millisecond_ns;
    for (std::uint64_t at = 0; at < 10 * second_ns; at += millisecond_ns / 10) {
        count += bucket.take(start_ns + at) ? 1 : 0;
    }
    EXPECT_EQ(count, 10'099u);
}

}  // namespace
}  // namespace roda::dpdk
