// SPDX-License-Identifier: Apache-2.0
// expire_after: which keys are forgotten, and what they are when they come back.
#include "pipeline/op/expire_after.hpp"

#include <gtest/gtest.h>

#include "pipeline/op/latency.hpp"
#include "pipeline/op/stateful.hpp"
#include "pipeline/op/tee.hpp"
#include "pipeline/op/window.hpp"
#include "tests/pipeline/op/run_pipe.hpp"

namespace roda {
namespace {

constexpr auto init = [](const Reading& r) { return r.value; };
constexpr auto fold = [](double& sum, const Reading& r) { sum += r.value; };

constexpr std::uint64_t idle_ns = 100;

auto expiring_sums(std::uint32_t max_keys) {
    return keyed_by({.max_keys = max_keys},
                    &Reading::sensor_id,
                    expire_after(idle_ns, &Reading::timestamp_ns),
                    stateful(init, fold));
}

/// Items of one key at one time: enough for a sweep of a small table.
std::vector<Reading> many(std::uint64_t sensor_id, std::uint64_t time_ns) {
    return std::vector<Reading>(256, Reading{sensor_id, 1, time_ns});
}

using Out = std::vector<Emission<double>>;

TEST(ExpireAfter, KeyThatFellSilentIsForgottenAndComesBackAsAFirst) {
    auto bound = pipe(expiring_sums(8)).bind<Reading>();
    run_bound(bound, std::vector<Reading>{{1, 5, 1'000}});
    run_bound(bound, many(2, 1'000 + idle_ns));
    EXPECT_EQ(run_bound(bound, std::vector<Reading>{{1, 6, 1'000 + idle_ns}}), (Out{{11, 0}}))
        << "silent for idle_ns exactly: not yet";
    run_bound(bound, many(2, 1'000 + 2 * idle_ns + 1));
    EXPECT_EQ(bound.counts().keys, 1u);
    EXPECT_EQ(bound.counts().expired, 1u);
    EXPECT_EQ(run_bound(bound, std::vector<Reading>{{1, 7, 1'300}, {1, 7, 1'300}}),
              (Out{{7, 0}, {14, 1}}));
    EXPECT_EQ(bound.counts().keys, 2u);
}

TEST(ExpireAfter, ItemBeforeTheSweepSavesItsKey) {
    auto bound = pipe(expiring_sums(8)).bind<Reading>();
    run_bound(bound, std::vector<Reading>{{1, 5, 1'000}});
    std::vector<Reading> burst = many(2, 5'000);
    burst.push_back({1, 6, 5'000});
    EXPECT_EQ(run_bound(bound, burst).back(), (Emission<double>{11, 256}));
    run_bound(bound, many(2, 5'000));
    EXPECT_EQ(bound.counts().keys, 2u);
    EXPECT_EQ(bound.counts().expired, 0u);
}

TEST(ExpireAfter, MakesRoomInAFullTable) {
    auto bound = pipe(expiring_sums(2)).bind<Reading>();
    run_bound(bound, std::vector<Reading>{{1, 5, 1'000}, {2, 5, 2'000}, {3, 5, 2'000}});
    EXPECT_EQ(bound.counts().refused, 1u);
    run_bound(bound, many(2, 2'000));
    EXPECT_EQ(run_bound(bound, std::vector<Reading>{{3, 5, 2'000}}), (Out{{5, 0}}));
}

auto member_of(std::uint64_t idle) {
    return expire_after(idle, &Reading::timestamp_ns).bind_member<Reading>();
}

TEST(ExpireAfter, GreatestTimeOfAKeyCountsNotItsLast) {
    auto member = member_of(idle_ns);
    decltype(member)::Part part{};
    decltype(member)::Part other{};
    const auto drop = [](const Reading&, Cause) {};
    member.apply(Reading{1, 1, 500}, part, true, 0, drop);
    member.apply(Reading{1, 1, 300}, part, false, 0, drop);
    member.apply(Reading{2, 1, 600}, other, true, 0, drop);
    EXPECT_FALSE(member.expired(part));
    member.apply(Reading{2, 1, 601}, other, false, 0, drop);
    EXPECT_TRUE(member.expired(part));
    EXPECT_FALSE(member.expired(other));
    decltype(member)::Part late{};
    member.apply(Reading{3, 1, 501}, late, true, 0, drop);
    EXPECT_TRUE(member.expired(part)) << "a late item does not turn time back";
}

TEST(ExpireAfter, WindowsOfAKeyThatGoesAreHandedOn) {
    constexpr std::uint64_t never_ns = 1'000'000;
    const auto time = [](const Reading& r) { return r.timestamp_ns; };
    const auto one = [](const Reading&) { return std::uint64_t{1}; };
    const auto more = [](std::uint64_t& items, const Reading&) { ++items; };
    auto bound = pipe(keyed_by({.max_keys = 16},
                               &Reading::sensor_id,
                               expire_after(idle_ns, &Reading::timestamp_ns),
                               window<1>({.width_ns = never_ns}, time, one, more)))
                     .bind<Reading>();
    EXPECT_TRUE(run_bound(bound, std::vector<Reading>{{1, 5, 10}, {1, 5, 20}}).empty());
    const std::vector<Reading> much_later(100, Reading{2, 5, 20 + idle_ns + 1});
    const auto out = run_bound(bound, much_later, 64, 50);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].output, (Window<std::uint64_t>{0, never_ns, 2, 2}));
    EXPECT_EQ(bound.counts(), (OperatorCounts{.keys = 1, .refused = 0, .expired = 1, .late = 0}));
}

TEST(ExpireAfter, CountIsVisibleThroughWhatHoldsAPipe) {
    LatencyHistogram histogram;
    auto bound =
        pipe(latency(histogram, {}, tee(expiring_sums(8), [](double, Cause) {})), expiring_sums(8))
            .bind<Reading>();
    run_bound(bound, std::vector<Reading>{{1, 5, 1'000}});
    run_bound(bound, many(2, 5'000));
    EXPECT_EQ(bound.counts().expired, 2u);
    EXPECT_EQ(bound.counts().keys, 2u);
}

TEST(ExpireAfter, NearTheEndsOfTimeNothingOverflows) {
    constexpr std::uint64_t most = ~std::uint64_t{0};
    auto member = member_of(most - 1);
    decltype(member)::Part early{};
    decltype(member)::Part late{};
    const auto drop = [](const Reading&, Cause) {};
    member.apply(Reading{1, 1, 0}, early, true, 0, drop);
    member.apply(Reading{2, 1, most - 1}, late, true, 0, drop);
    EXPECT_FALSE(member.expired(early));
    member.apply(Reading{2, 1, most}, late, false, 0, drop);
    EXPECT_TRUE(member.expired(early));
}

TEST(ExpireAfter, CostsEightBytesOfTheSlot) {
    const auto slot_bytes_of = [](const auto& spec) {
        return decltype(spec.template bind<Reading>())::slot_bytes;
    };
    EXPECT_EQ(sizeof(decltype(member_of(1))::Part), 8u);
    EXPECT_EQ(slot_bytes_of(expiring_sums(1)), 32u) << "key 8, time 8, sum 8, a power of two";
    EXPECT_EQ(slot_bytes_of(keyed_by(
                  {.max_keys = 1}, &Reading::sensor_id, expire_after(1, &Reading::timestamp_ns))),
              16u);
}

}  // namespace
}  // namespace roda
