// SPDX-License-Identifier: Apache-2.0
#include "pipeline/op/stateful.hpp"

#include <gtest/gtest.h>

#include "tests/pipeline/op/run_pipe.hpp"

namespace roda {
namespace {

struct Sum {
    double total;
    std::uint64_t folds;

    friend bool operator==(const Sum&, const Sum&) = default;
};

constexpr auto init = [](const Reading& reading) { return Sum{reading.value, 0}; };
constexpr auto fold = [](Sum& sum, const Reading& reading) {
    sum.total += reading.value;
    ++sum.folds;
};

using Sums = std::vector<Emission<Sum>>;

TEST(Stateful, FirstItemMakesTheStateAndIsNotFolded) {
    const auto out = run_pipe(stateful({.max_keys = 8}, &Reading::sensor_id, init, fold),
                              std::vector<Reading>{{1, 10, 0}});
    EXPECT_EQ(out, (Sums{{{10, 0}, 0}}));
}

TEST(Stateful, EmitsTheStateForEveryItemOfEachKey) {
    const auto out =
        run_pipe(stateful({.max_keys = 8}, &Reading::sensor_id, init, fold),
                 std::vector<Reading>{{1, 10, 0}, {2, 5, 0}, {1, 1, 0}, {2, 5, 0}, {1, 1, 0}});
    EXPECT_EQ(out, (Sums{{{10, 0}, 0}, {{5, 0}, 1}, {{11, 1}, 2}, {{10, 1}, 3}, {{12, 2}, 4}}));
}

TEST(Stateful, StateOutlivesABurst) {
    auto bound = pipe(stateful({.max_keys = 8}, &Reading::sensor_id, init, fold)).bind<Reading>();
    run_bound(bound, std::vector<Reading>{{1, 10, 0}});
    EXPECT_EQ(run_bound(bound, std::vector<Reading>{{1, 1, 0}}), (Sums{{{11, 1}, 0}}));
    EXPECT_EQ(bound.counts().keys, 1u);
}

TEST(Stateful, EmitSeesTheStateBeforeAndAfterAndNothingBeforeTheFirst) {
    const auto change = [](const Sum* before, const Sum& after, const Reading& reading) {
        return std::array<double, 3>{
            before != nullptr ? before->total : -1, after.total, reading.value};
    };
    const auto out =
        run_pipe(keyed_by({.max_keys = 8}, &Reading::sensor_id, stateful(init, fold, change)),
                 std::vector<Reading>{{1, 10, 0}, {1, 2, 0}, {1, 3, 0}});
    using Row = std::array<double, 3>;
    EXPECT_EQ(out,
              (std::vector<Emission<Row>>{{{-1, 10, 10}, 0}, {{10, 12, 2}, 1}, {{12, 15, 3}, 2}}));
}

TEST(Stateful, KeyMayBeAStructOfSixteenBytes) {
    struct Window {
        std::uint64_t sensor_id;
        std::uint64_t start_ns;
    };

    const auto by_window = [](const Reading& reading) {
        return Window{reading.sensor_id, reading.timestamp_ns / 100 * 100};
    };
    const auto out =
        run_pipe(stateful({.max_keys = 8}, by_window, init, fold),
                 std::vector<Reading>{{1, 10, 0}, {1, 1, 99}, {1, 5, 100}, {1, 1, 50}});
    EXPECT_EQ(out, (Sums{{{10, 0}, 0}, {{11, 1}, 1}, {{5, 0}, 2}, {{12, 2}, 3}}));
}

}  // namespace
}  // namespace roda
