// SPDX-License-Identifier: Apache-2.0
#include "pipeline/op/delta.hpp"

#include <gtest/gtest.h>

#include "tests/pipeline/op/run_pipe.hpp"

namespace roda {
namespace {

using Values = std::vector<Emission<double>>;

constexpr auto difference = [](const Reading& current, const Reading* previous) {
    return previous != nullptr ? current.value - previous->value : -1.0;
};

TEST(Delta, LogicRunsForTheFirstItemWithNoPrevious) {
    const auto out = run_pipe(delta({.max_keys = 8}, &Reading::sensor_id, difference),
                              std::vector<Reading>{{1, 10, 0}, {2, 7, 0}});
    EXPECT_EQ(out, (Values{{-1, 0}, {-1, 1}}));
}

TEST(Delta, ComparesWithTheItemBeforeOfTheSameKey) {
    const auto out =
        run_pipe(delta({.max_keys = 8}, &Reading::sensor_id, difference),
                 std::vector<Reading>{{1, 10, 0}, {2, 100, 0}, {1, 13, 0}, {2, 90, 0}, {1, 14, 0}});
    EXPECT_EQ(out, (Values{{-1, 0}, {-1, 1}, {3, 2}, {-10, 3}, {1, 4}}));
}

TEST(Delta, RemembersTheItemEvenWhenNothingIsHandedOn) {
    const auto only_large = [](const Reading& current,
                               const Reading* previous) -> std::optional<double> {
        const double step = previous != nullptr ? current.value - previous->value : 0;
        return step > 5 ? std::optional(step) : std::nullopt;
    };
    const auto out =
        run_pipe(delta({.max_keys = 8}, &Reading::sensor_id, only_large),
                 std::vector<Reading>{{1, 0, 0}, {1, 4, 0}, {1, 8, 0}, {1, 14, 0}, {1, 20, 0}});
    EXPECT_EQ(out, (Values{{6, 3}, {6, 4}})) << "0 to 8 is two steps of 4";
}

TEST(Delta, KeepsOnlyTheProjectionWhenThereIsOne) {
    const auto ratio = [](const Reading& current, const float* previous) {
        return previous != nullptr ? current.value / static_cast<double>(*previous) : 0.0;
    };
    const auto as_float = [](const Reading& reading) { return static_cast<float>(reading.value); };
    const auto spec = keyed_by({.max_keys = 8}, &Reading::sensor_id, delta(as_float, ratio));
    EXPECT_EQ(run_pipe(spec, std::vector<Reading>{{1, 2, 0}, {1, 8, 0}}), (Values{{0, 0}, {4, 1}}));
    EXPECT_EQ(decltype(spec.bind<Reading>())::slot_bytes, 16u) << "a float, not a Reading";
}

TEST(Delta, LogicMayEmitForTheFirstItem) {
    const auto first_only = [](const Reading& current,
                               const Reading* previous) -> std::optional<double> {
        return previous == nullptr ? std::optional(current.value) : std::nullopt;
    };
    const auto out = run_pipe(delta({.max_keys = 8}, &Reading::sensor_id, first_only),
                              std::vector<Reading>{{1, 3, 0}, {1, 4, 0}, {2, 5, 0}});
    EXPECT_EQ(out, (Values{{3, 0}, {5, 2}}));
}

}  // namespace
}  // namespace roda
