// SPDX-License-Identifier: Apache-2.0
// Groups of operators on one slot: what a member may know of a key, and what the slot costs.
#include "pipeline/op/keyed_by.hpp"

#include <gtest/gtest.h>

#include "pipeline/op/dedup_by.hpp"
#include "pipeline/op/delta.hpp"
#include "pipeline/op/map.hpp"
#include "pipeline/op/stateful.hpp"
#include "tests/pipeline/op/run_pipe.hpp"

namespace roda {
namespace {

constexpr auto init = [](const Reading& r) { return r.value; };
constexpr auto fold = [](double& sum, const Reading& r) { sum += r.value; };

TEST(KeyedBy, MembersRunOneBehindTheOtherOnTheSameKey) {
    const auto step = [](double sum, const double* previous) {
        return previous != nullptr ? sum - *previous : sum;
    };
    const auto out = run_pipe(
        keyed_by({.max_keys = 8},
                 &Reading::sensor_id,
                 stateful(init, fold),
                 delta(step),
                 dedup_by(std::identity{})),
        std::vector<Reading>{{1, 5, 0}, {1, 5, 0}, {2, 5, 0}, {1, 6, 0}, {2, 5, 0}, {2, 1, 0}});
    EXPECT_EQ(out, (std::vector<Emission<double>>{{5, 0}, {5, 2}, {6, 3}, {1, 5}}));
}

// The key was inserted long before the last member sees its first item.
TEST(KeyedBy, MemberBehindADropIsToldRightlyWhichItemIsItsFirst) {
    const auto large = [](const Reading& r, const Reading*) {
        return r.value >= 10 ? std::optional(r.value) : std::nullopt;
    };
    const auto is_first = [](double value, const double* previous) {
        return previous == nullptr ? -value : value - *previous;
    };
    const auto out = run_pipe(
        keyed_by({.max_keys = 8}, &Reading::sensor_id, delta(large), delta(is_first)),
        std::vector<Reading>{{1, 1, 0}, {1, 2, 0}, {1, 10, 0}, {1, 3, 0}, {1, 14, 0}, {2, 20, 0}});
    EXPECT_EQ(out, (std::vector<Emission<double>>{{-10, 2}, {4, 4}, {-20, 5}}));
}

TEST(KeyedBy, StatefulBehindADropBeginsWithTheFirstItemThatReachesIt) {
    const auto count_init = [](const Reading&) { return std::uint64_t{100}; };
    const auto count_fold = [](std::uint64_t& count, const Reading&) { ++count; };
    const auto out = run_pipe(
        keyed_by({.max_keys = 8},
                 &Reading::sensor_id,
                 dedup_by(&Reading::value),
                 dedup_by([](const Reading& r) { return r.value > 5; }),
                 stateful(count_init, count_fold)),
        std::vector<Reading>{{1, 1, 0}, {1, 1, 0}, {1, 2, 0}, {1, 9, 0}, {1, 9, 0}, {1, 1, 0}});
    EXPECT_EQ(out, (std::vector<Emission<std::uint64_t>>{{100, 0}, {101, 3}, {102, 5}}));
}

TEST(KeyedBy, FullTableCountsAndDropsNewKeysOnly) {
    auto bound =
        pipe(keyed_by({.max_keys = 2}, &Reading::sensor_id, stateful(init, fold))).bind<Reading>();
    const auto out = run_bound(
        bound,
        std::vector<Reading>{{1, 1, 0}, {2, 2, 0}, {3, 3, 0}, {1, 1, 0}, {4, 4, 0}, {3, 3, 0}});
    EXPECT_EQ(out, (std::vector<Emission<double>>{{1, 0}, {2, 1}, {2, 3}}));
    EXPECT_EQ(bound.counts().keys, 2u);
    EXPECT_EQ(bound.counts().refused, 3u);
}

TEST(KeyedBy, CountsOfAllTablesOfAPipeAreSummed) {
    const auto by_timestamp = [](const double& sum) { return static_cast<std::uint64_t>(sum); };
    auto bound = pipe(stateful({.max_keys = 2}, &Reading::sensor_id, init, fold),
                      pipe(keyed_by({.max_keys = 1}, by_timestamp, dedup_by(std::identity{}))))
                     .bind<Reading>();
    run_bound(bound, std::vector<Reading>{{1, 1, 0}, {2, 2, 0}, {3, 3, 0}, {1, 4, 0}});
    EXPECT_EQ(bound.counts().keys, 3u);
    EXPECT_EQ(bound.counts().refused, 3u) << "one by the first table, two by the second";
}

struct Summary {
    double mean;
    std::uint64_t count;
};

struct Verdict {
    std::uint32_t severity;
};

constexpr auto summary_init = [](const Reading& r) { return Summary{r.value, 1}; };
constexpr auto summary_fold = [](Summary& s, const Reading& r) { s.mean += r.value; };
constexpr auto judge = [](const Summary&, const double*) -> std::optional<Verdict> { return {}; };

template <class... Members>
std::size_t slot_bytes_of(const Members&... members) {
    return decltype(keyed_by({.max_keys = 1}, &Reading::sensor_id, members...)
                        .template bind<Reading>())::slot_bytes;
}

TEST(KeyedBy, TypicalGroupFitsOneCacheLine) {
    EXPECT_EQ(slot_bytes_of(stateful(init, fold)), 16u);
    EXPECT_EQ(slot_bytes_of(stateful(summary_init, summary_fold)), 32u);
    EXPECT_EQ(slot_bytes_of(dedup_by(&Reading::value)), 16u);
    // key 8, summary 16, kept mean 8, severity 4, its mark 1
    EXPECT_EQ(slot_bytes_of(stateful(summary_init, summary_fold),
                            delta(&Summary::mean, judge),
                            dedup_by(&Verdict::severity)),
              64u);
}

TEST(KeyedBy, OnlyMembersBehindADropPayForAMark) {
    const auto mean = [](const Summary& s, const double*) { return s.mean; };
    EXPECT_EQ(slot_bytes_of(stateful(summary_init, summary_fold), delta(&Summary::mean, mean)),
              32u);
    const auto value = [](const Reading& r, const double*) { return r.value; };
    EXPECT_EQ(slot_bytes_of(delta(&Reading::value, value), dedup_by(std::identity{})), 32u);
    EXPECT_EQ(slot_bytes_of(dedup_by(&Reading::value), delta(&Reading::value, value)), 32u);
}

}  // namespace
}  // namespace roda
