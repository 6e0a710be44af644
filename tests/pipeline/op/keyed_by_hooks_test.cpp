// SPDX-License-Identifier: Apache-2.0
// What a member may hear beside items: that event time moves on, and whether a key may go.
#include <gtest/gtest.h>

#include "pipeline/op/delta.hpp"
#include "pipeline/op/keyed_by.hpp"
#include "pipeline/op/map.hpp"
#include "pipeline/op/stateful.hpp"
#include "tests/pipeline/op/run_pipe.hpp"

namespace roda {
namespace {

/// Holds a sum of its key back until event time moves on.
struct HeldSum {
    template <class In>
    struct Member {
        using Output = double;

        struct Part {
            double sum;
        };

        static constexpr bool one_to_one = false;

        template <class Next>
        void apply(const In& item, Part& part, bool first, Cause, Next&) {
            part.sum = first ? item.value : part.sum + item.value;
        }

        template <class Next>
        void advance(Part& part, std::uint64_t now_ns, Cause cause, Next& next) {
            next(std::exchange(part.sum, 0) + static_cast<double>(now_ns), cause);
        }
    };

    template <class In>
    Member<In> bind_member() const {
        return {};
    }
};

/// Passes all; a key is expired once its last value was negative.
struct UntilNegative {
    template <class In>
    struct Member {
        using Output = In;

        struct Part {
            bool is_over;
        };

        static constexpr bool one_to_one = true;

        template <class Next>
        void apply(const In& item, Part& part, bool, Cause cause, Next& next) {
            part.is_over = item.value < 0;
            next(item, cause);
        }

        bool expired(const Part& part) const noexcept { return part.is_over; }
    };

    template <class In>
    Member<In> bind_member() const {
        return {};
    }
};

constexpr auto count_from_one = [](const auto&) { return 1.0; };
constexpr auto count_on = [](double& count, const auto&) { ++count; };

template <class PipeType>
auto outputs_at(PipeType& bound, std::uint64_t now_ns, Cause cause) {
    std::vector<Emission<typename PipeType::Output>> emissions;
    bound.advance_time(now_ns, cause, [&](const auto& output, Cause from) {
        emissions.push_back({output, from});
    });
    return emissions;
}

using Values = std::vector<Emission<double>>;

TEST(KeyedByHooks, AdvanceTimeReachesSilentKeysAndItsOutputsRunThroughTheRest) {
    auto bound = pipe(keyed_by({.max_keys = 8}, &Reading::sensor_id, HeldSum{}),
                      map([](double sum) { return 10 * sum; }))
                     .bind<Reading>();
    EXPECT_EQ(run_bound(bound, std::vector<Reading>{{1, 2, 0}, {1, 3, 0}}), Values{});
    EXPECT_EQ(outputs_at(bound, 100, 7), (Values{{1050, 7}}));
    EXPECT_EQ(outputs_at(bound, 200, 8), (Values{{2000, 8}}));
}

TEST(KeyedByHooks, AdvanceTimeVisitsEveryKeyOnce) {
    auto bound = pipe(keyed_by({.max_keys = 100}, &Reading::sensor_id, HeldSum{})).bind<Reading>();
    std::vector<Reading> readings;
    for (std::uint64_t sensor = 0; sensor < 100; ++sensor) {
        readings.push_back({sensor, static_cast<double>(sensor), 0});
    }
    run_bound(bound, readings);
    std::vector<double> sums;
    for (const auto& emission : outputs_at(bound, 0, 0)) {
        sums.push_back(emission.output);
    }
    std::ranges::sort(sums);
    std::vector<double> expected;
    for (const Reading& reading : readings) {
        expected.push_back(reading.value);
    }
    EXPECT_EQ(sums, expected);
}

// What a member hands out on time is an item to the members behind it, with their state.
TEST(KeyedByHooks, OutputsOfAdvanceTimeAreItemsToTheMembersBehind) {
    auto bound = pipe(keyed_by({.max_keys = 8},
                               &Reading::sensor_id,
                               HeldSum{},
                               stateful(count_from_one, count_on)))
                     .bind<Reading>();
    run_bound(bound, std::vector<Reading>{{1, 2, 0}});
    EXPECT_EQ(outputs_at(bound, 0, 1), (Values{{1, 1}}));
    EXPECT_EQ(outputs_at(bound, 0, 2), (Values{{2, 2}}));
}

TEST(KeyedByHooks, AdvanceTimePassesOverKeysThatNeverReachedTheMember) {
    const auto large = [](const Reading& r, const Reading*) {
        return r.value >= 10 ? std::optional(r) : std::nullopt;
    };
    auto bound = pipe(keyed_by({.max_keys = 8}, &Reading::sensor_id, delta(large), HeldSum{}))
                     .bind<Reading>();
    run_bound(bound, std::vector<Reading>{{1, 2, 0}, {2, 30, 0}});
    EXPECT_EQ(outputs_at(bound, 1, 5), (Values{{31, 5}}));
}

// The items that the first group hands out on time are the second group's, before its own turn.
TEST(KeyedByHooks, AdvanceTimeGoesThroughGroupsAndNestedPipesInOrder) {
    const auto as_reading = [](double sum) { return Reading{9, sum, 0}; };
    auto bound =
        pipe(keyed_by({.max_keys = 8}, &Reading::sensor_id, HeldSum{}),
             pipe(map(as_reading), keyed_by({.max_keys = 8}, &Reading::sensor_id, HeldSum{})))
            .bind<Reading>();
    run_bound(bound, std::vector<Reading>{{1, 2, 0}, {2, 3, 0}});
    EXPECT_EQ(outputs_at(bound, 0, 4), (Values{{5, 4}}));
}

TEST(KeyedByHooks, ExpiredKeysAreForgottenAndBeginAnew) {
    auto bound = pipe(keyed_by({.max_keys = 8},
                               &Reading::sensor_id,
                               UntilNegative{},
                               stateful(count_from_one, count_on)))
                     .bind<Reading>();
    EXPECT_EQ(run_bound(bound, std::vector<Reading>{{1, 1, 0}, {1, -1, 0}, {2, 1, 0}}),
              (Values{{1, 0}, {2, 1}, {1, 2}}));
    EXPECT_EQ(bound.counts().expired, 0u) << "three items are not yet a group of slots";
    run_bound(bound, std::vector<Reading>(100, Reading{2, 1, 0}));
    EXPECT_EQ(bound.counts().expired, 1u);
    EXPECT_EQ(bound.counts().keys, 1u);
    EXPECT_EQ(run_bound(bound, std::vector<Reading>{{1, 1, 0}, {2, 1, 0}}),
              (Values{{1, 0}, {102, 1}}));
}

TEST(KeyedByHooks, ForgottenKeysMakeRoom) {
    auto bound =
        pipe(keyed_by({.max_keys = 2}, &Reading::sensor_id, UntilNegative{})).bind<Reading>();
    for (std::uint64_t sensor = 0; sensor < 100; ++sensor) {
        run_bound(bound, std::vector<Reading>(64, Reading{sensor, -1, 0}));
    }
    EXPECT_EQ(bound.counts().refused, 0u);
    EXPECT_GE(bound.counts().expired, 98u);
}

// A key that expires and comes again within one burst is not swept from under its items.
TEST(KeyedByHooks, NoKeyGoesWhileItsItemsAreUnderWay) {
    auto bound = pipe(keyed_by({.max_keys = 8},
                               &Reading::sensor_id,
                               UntilNegative{},
                               stateful(count_from_one, count_on)))
                     .bind<Reading>();
    std::vector<Reading> readings(1'000, Reading{1, -1, 0});
    const auto out = run_bound(bound, readings);
    EXPECT_EQ(out.back(), (Emission<double>{1000, 999}));
}

TEST(KeyedByHooks, SweepLooksAtNoMoreSlotsThanThereWereItems) {
    auto bound =
        pipe(keyed_by({.max_keys = 10'000}, &Reading::sensor_id, UntilNegative{})).bind<Reading>();
    std::vector<Reading> readings;
    for (std::uint64_t sensor = 0; sensor < 10'000; ++sensor) {
        readings.push_back({sensor, sensor < 9'000 ? -1.0 : 1.0, 0});
    }
    run_bound(bound, readings);
    const std::uint64_t expired = bound.counts().expired;
    run_bound(bound, std::vector<Reading>(160, Reading{9'999, 1, 0}));
    EXPECT_LE(bound.counts().expired - expired, 160u);
    EXPECT_LT(bound.counts().expired, 9'000u);
    run_bound(bound, std::vector<Reading>(20'000, Reading{9'999, 1, 0}));
    EXPECT_EQ(bound.counts().expired, 9'000u);
}

}  // namespace
}  // namespace roda
