// SPDX-License-Identifier: Apache-2.0
// What a keyed operator keeps, seen between bursts: by key, and a part of the table at a time.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "pipeline/op/keyed_by.hpp"
#include "tests/pipeline/op/run_pipe.hpp"

namespace roda {
namespace {

/// Counts the items of its key.
struct Counted {
    template <class In>
    struct Member {
        using Output = In;

        struct Part {
            std::uint64_t items;
            const void* own;
        };

        static constexpr bool one_to_one = true;

        template <class Next>
        void apply(const In& item, Part& part, bool first, Cause cause, Next& next) {
            part.items = first ? 1 : part.items + 1;
            next(item, cause);
        }
    };

    template <class In>
    Member<In> bind_member() const {
        return {};
    }
};

struct Item {
    std::uint64_t key;
};

auto counted(std::uint32_t max_keys) {
    auto key = [](const Item& item) { return item.key; };
    return keyed_by({.max_keys = max_keys}, key, Counted{}).bind<Item>();
}

template <class Pipe>
void feed(Pipe& pipe, const std::vector<Item>& items) {
    auto nothing = [](const Item&, Cause) {};
    pipe.run(std::span(items), 0, [](const Item&) { return true; }, nothing);
}

TEST(KeyedByFind, KnowsTheKeysThatCame) {
    auto pipe = counted(100);
    feed(pipe, {{1}, {2}, {1}});
    ASSERT_NE(pipe.find(1), nullptr);
    EXPECT_EQ(pipe.find(1)->items, 2u);
    EXPECT_EQ(pipe.find(2)->items, 1u);
    EXPECT_EQ(pipe.find(3), nullptr);
    EXPECT_EQ(pipe.counts().keys, 2u);
}

TEST(KeyedByFind, WhatItMakesIsOfZerosAndNotFirstAnyMore) {
    auto pipe = counted(100);
    auto* const made = pipe.find_or_insert(5);
    ASSERT_NE(made, nullptr);
    EXPECT_EQ(made->items, 0u);
    EXPECT_EQ(made->own, nullptr);
    made->own = &pipe;
    feed(pipe, {{5}, {6}, {5}});
    EXPECT_EQ(pipe.find(5), made) << "it stays where it is";
    EXPECT_EQ(made->items, 2u);
    EXPECT_EQ(made->own, &pipe);
    EXPECT_EQ(pipe.find_or_insert(6)->items, 1u);
    EXPECT_EQ(pipe.counts().keys, 2u);
}

TEST(KeyedByFind, WithoutRoomThereIsNothingAndNothingRefused) {
    auto pipe = counted(2);
    feed(pipe, {{1}, {2}});
    EXPECT_EQ(pipe.find_or_insert(3), nullptr);
    EXPECT_NE(pipe.find_or_insert(2), nullptr);
    EXPECT_EQ(pipe.counts().refused, 0u);
    EXPECT_EQ(pipe.counts().keys, 2u);
}

TEST(KeyedByVisit, ARoundShowsEveryKeyOnce) {
    constexpr std::uint64_t keys = 700;
    for (const std::uint32_t step : {1u, 3u, 1000u}) {
        auto pipe = counted(1000);
        std::vector<Item> items;
        for (std::uint64_t key = 1; key <= keys; ++key) {
            items.push_back({key});
        }
        feed(pipe, items);
        std::map<std::uint64_t, int> seen;
        const auto see = [&](std::uint64_t key, auto& part) {
            ++seen[key];
            EXPECT_EQ(part.items, 1u);
            part.items = key;
        };
        const std::uint64_t round = pipe.visit_some(0, see);
        EXPECT_TRUE(seen.empty());
        EXPECT_GE(round * 16, keys);
        for (std::uint64_t left = round; left != 0;) {
            const auto groups = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, step));
            EXPECT_EQ(pipe.visit_some(groups, see), round);
            left -= groups;
        }
        EXPECT_EQ(seen.size(), keys);
        for (const auto& [key, times] : seen) {
            EXPECT_EQ(times, 1) << key;
            EXPECT_EQ(pipe.find(key)->items, key);
        }
    }
}

TEST(KeyedByVisit, KeysThatCameBeforeARoundAreShownThoughOthersComeDuringIt) {
    auto pipe = counted(4000);
    std::vector<Item> items;
    for (std::uint64_t key = 1; key <= 500; ++key) {
        items.push_back({key});
    }
    feed(pipe, items);
    std::set<std::uint64_t> seen;
    const auto see = [&](std::uint64_t key, auto&) { seen.insert(key); };
    std::uint64_t other = 1000;
    for (std::uint64_t left = pipe.visit_some(0, see); left != 0; --left) {
        pipe.visit_some(1, see);
        feed(pipe, {{other++}});
    }
    for (std::uint64_t key = 1; key <= 500; ++key) {
        EXPECT_TRUE(seen.contains(key)) << key;
    }
}

}  // namespace
}  // namespace roda
