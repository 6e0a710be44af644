// SPDX-License-Identifier: Apache-2.0
// The order book example's parts, against slow and obvious ones.
#include <gtest/gtest.h>
#include <map>
#include <random>

#include "pipeline/examples/order_book/book.hpp"

namespace roda::examples {
namespace {

using Model = std::map<std::int32_t, std::uint32_t>;

void expect_best(const Ladder::Best& best, auto from, auto to) {
    for (const Ladder::Level& level : best) {
        if (from == to) {
            EXPECT_EQ(level.volume, 0u);
            continue;
        }
        EXPECT_EQ(level.price_ticks, from->first);
        EXPECT_EQ(level.volume, from->second);
        ++from;
    }
}

TEST(Ladder, KeepsVolumesAndBestLevelsAsAMapDoes) {
    std::mt19937 random(5);
    Ladder ladder;
    Model model;
    for (int i = 0; i < 20'000; ++i) {
        const auto price = static_cast<std::int32_t>(MarketGenerator::mid_ticks - 30 +
                                                     static_cast<std::int32_t>(random() % 60));
        const auto size = static_cast<std::uint32_t>(random() % 50);
        if (random() % 2 == 0) {
            ladder.add(price, size);
            model[price] += size;
        } else {
            ladder.remove(price, size);
            model[price] -= std::min(model[price], size);
        }
        if (model[price] == 0) {
            model.erase(price);
        }
        ASSERT_EQ(ladder.volume(price), model.contains(price) ? model[price] : 0u);
        expect_best(ladder.lowest(), model.begin(), model.end());
        expect_best(ladder.highest(), model.rbegin(), model.rend());
    }
    ladder.clear();
    expect_best(ladder.lowest(), model.end(), model.end());
}

TEST(Ladder, PricesOutsideAreNotKept) {
    Ladder ladder;
    ladder.add(Ladder::first_ticks - 1, 10);
    ladder.add(Ladder::first_ticks + Ladder::ticks, 10);
    ladder.remove(Ladder::first_ticks - 1, 10);
    EXPECT_EQ(ladder.volume(Ladder::first_ticks - 1), 0u);
    EXPECT_EQ(ladder.lowest()[0].volume, 0u);
}

TEST(Imbalance, WeighsTheBestLevelMost) {
    TopOfBook top{};
    EXPECT_EQ(imbalance(top), 0.0);
    top.bids[0] = {10, 6};
    top.asks[4] = {12, 10};  // 10 x 0.2
    EXPECT_DOUBLE_EQ(imbalance(top), (6.0 - 2.0) / 8.0);
    top.bids[0].volume = 0;
    EXPECT_DOUBLE_EQ(imbalance(top), -1.0);
}

TEST(MarketGenerator, SameSeedGivesTheSameDay) {
    MarketGenerator one(3);
    MarketGenerator two(3);
    for (int i = 0; i < 10'000; ++i) {
        const OrderMessage a = one.next();
        const OrderMessage b = two.next();
        ASSERT_EQ(a.order_id, b.order_id);
        ASSERT_EQ(a.price_ticks, b.price_ticks);
        ASSERT_EQ(a.size, b.size);
        ASSERT_EQ(a.action, b.action);
    }
}

}  // namespace
}  // namespace roda::examples
