// SPDX-License-Identifier: Apache-2.0
#include "pipeline/op/dedup_by.hpp"

#include <gtest/gtest.h>
#include <limits>

#include "tests/pipeline/op/run_pipe.hpp"

namespace roda {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

template <class Spec>
std::vector<Cause> causes_of(const Spec& spec, const std::vector<Reading>& items) {
    std::vector<Cause> causes;
    for (const Emission<Reading>& emission : run_pipe(spec, items)) {
        EXPECT_EQ(emission.output.sensor_id, items[emission.cause].sensor_id);
        causes.push_back(emission.cause);
    }
    return causes;
}

TEST(DedupBy, DropsAnItemThatEqualsTheLastOfItsKey) {
    EXPECT_EQ(causes_of(dedup_by({.max_keys = 8}, &Reading::sensor_id),
                        {{1, 10, 0}, {1, 10, 0}, {2, 10, 0}, {1, 10, 0}, {2, 10, 0}}),
              (std::vector<Cause>{0, 2}));
}

TEST(DedupBy, ABAPassesAllThree) {
    EXPECT_EQ(causes_of(dedup_by({.max_keys = 8}, &Reading::sensor_id),
                        {{1, 10, 0}, {1, 20, 0}, {1, 10, 0}, {1, 10, 0}}),
              (std::vector<Cause>{0, 1, 2}));
}

TEST(DedupBy, ComparesWholeItemsWhenNothingElseIsNamed) {
    EXPECT_EQ(causes_of(dedup_by({.max_keys = 8}, &Reading::sensor_id),
                        {{1, 10, 0}, {1, 10, 1}, {1, 10, 1}}),
              (std::vector<Cause>{0, 1}));
}

TEST(DedupBy, ComparesOnlyTheProjectionAsAMember) {
    EXPECT_EQ(causes_of(keyed_by({.max_keys = 8}, &Reading::sensor_id, dedup_by(&Reading::value)),
                        {{1, 10, 0}, {1, 10, 1}, {1, 20, 2}, {1, 20, 3}, {1, 10, 4}}),
              (std::vector<Cause>{0, 2, 4}));
}

TEST(DedupBy, NaNIsNeverARepeat) {
    EXPECT_EQ(causes_of(keyed_by({.max_keys = 8}, &Reading::sensor_id, dedup_by(&Reading::value)),
                        {{1, not_a_number, 0}, {1, not_a_number, 0}, {1, 1, 0}, {1, 1, 0}}),
              (std::vector<Cause>{0, 1, 2}));
}

TEST(DedupBy, ZeroAsFirstValueIsNoRepeatOfAnUnusedSlot) {
    EXPECT_EQ(causes_of(keyed_by({.max_keys = 8}, &Reading::sensor_id, dedup_by(&Reading::value)),
                        {{1, 0, 0}, {1, 0, 0}}),
              (std::vector<Cause>{0}));
}

TEST(DedupBy, RecordsWithoutEqualityAreComparedByTheirBytes) {
    struct Level {
        std::uint32_t severity;
        std::uint32_t rule;
    };

    const auto level_of = [](const Reading& reading) {
        return Level{reading.value > 50 ? 2u : 1u, 7};
    };
    EXPECT_EQ(causes_of(keyed_by({.max_keys = 8}, &Reading::sensor_id, dedup_by(level_of)),
                        {{1, 10, 0}, {1, 20, 0}, {1, 60, 0}, {1, 70, 0}, {1, 10, 0}}),
              (std::vector<Cause>{0, 2, 4}));
}

}  // namespace
}  // namespace roda
