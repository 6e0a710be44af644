// SPDX-License-Identifier: Apache-2.0
#include "pipeline/store/key_table.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <deque>
#include <random>
#include <unordered_map>
#include <vector>

namespace roda {
namespace {

struct WideKey {
    std::uint64_t device;
    std::uint64_t window;

    friend bool operator==(const WideKey&, const WideKey&) = default;
};

struct OddKey {  // 12 bytes: not a whole number of words
    std::uint32_t a;
    std::uint32_t b;
    std::uint32_t c;

    friend bool operator==(const OddKey&, const OddKey&) = default;
};

struct SumHash {
    std::size_t operator()(const WideKey& key) const { return key.device * 31 + key.window; }

    std::size_t operator()(const OddKey& key) const { return key.a * 31 + key.b * 7 + key.c; }

    std::size_t operator()(std::uint64_t key) const { return key; }
};

template <class K>
K key_of(std::uint64_t number);

template <>
std::uint64_t key_of(std::uint64_t number) {
    return number * 1000;
}

template <>
WideKey key_of(std::uint64_t number) {
    return {number % 7, number / 7};
}

template <>
OddKey key_of(std::uint64_t number) {
    const auto low = static_cast<std::uint32_t>(number);
    return {1, low % 5, low / 5};
}

template <class K>
class KeyTableAgainstMap : public ::testing::Test {};

using Keys = ::testing::Types<std::uint64_t, WideKey, OddKey>;
TYPED_TEST_SUITE(KeyTableAgainstMap, Keys);

TYPED_TEST(KeyTableAgainstMap, RandomKeysUntilFullAndBeyond) {
    constexpr std::uint32_t max_keys = 3'000;
    KeyTable<TypeParam, std::uint64_t> table(max_keys);
    std::unordered_map<TypeParam, std::uint64_t, SumHash> model;
    std::mt19937_64 random(4);
    std::uint64_t refused = 0;
    for (std::uint64_t step = 0; step < 40'000; ++step) {
        const TypeParam key = key_of<TypeParam>(random() % 4'000);
        const bool known = model.contains(key);
        const auto found = table.find_or_insert(key);
        if (!known && model.size() == max_keys) {
            ASSERT_EQ(found.value, nullptr);
            ++refused;
            continue;
        }
        ASSERT_NE(found.value, nullptr);
        ASSERT_EQ(found.fresh, !known);
        ASSERT_EQ(*found.value, model[key]);
        *found.value = model[key] = step;
    }
    EXPECT_EQ(table.size(), max_keys);
    EXPECT_GT(refused, 0u);
    for (std::uint64_t number = 0; number < 4'000; ++number) {
        const TypeParam key = key_of<TypeParam>(number);
        const auto known = model.find(key);
        const std::uint64_t* value = table.find(key);
        ASSERT_EQ(value != nullptr, known != model.end());
        if (value != nullptr) {
            ASSERT_EQ(*value, known->second);
        }
    }
}

// The three-step look-up of a pipe: candidates are asked for 16 keys ahead and may be stale.
TYPED_TEST(KeyTableAgainstMap, CandidatesFromAheadGiveTheSameAsAPlainLookUp) {
    using Table = KeyTable<TypeParam, std::uint64_t>;
    Table ahead(500);
    Table plain(500);

    struct Pending {
        TypeParam key;
        std::uint64_t hash;
        typename Table::Slot* candidate;
    };

    std::deque<Pending> window;
    std::mt19937_64 random(5);
    std::uint64_t with_candidate = 0;
    for (std::uint64_t step = 0; step < 20'000; ++step) {
        const TypeParam key = key_of<TypeParam>(random() % 600);
        const std::uint64_t hash = ahead.hash(key);
        ahead.prefetch_tags(hash);
        window.push_back({key, hash, ahead.prefetch_slot(hash)});
        if (window.size() <= 16) {
            continue;
        }
        const Pending pending = window.front();
        window.pop_front();
        with_candidate += pending.candidate != nullptr ? 1 : 0;
        const auto found = ahead.find_or_insert(pending.key, pending.hash, pending.candidate);
        const auto expected = plain.find_or_insert(pending.key);
        ASSERT_EQ(found.value != nullptr, expected.value != nullptr);
        ASSERT_EQ(found.fresh, expected.fresh);
        if (found.value != nullptr) {
            ASSERT_EQ(*found.value, *expected.value);
            *found.value = *expected.value = step;
        }
    }
    EXPECT_GT(with_candidate, 10'000u);
}

TEST(KeyTable, CandidateOfAnotherKeyIsNotTaken) {
    KeyTable<std::uint64_t, std::uint64_t> table(100);
    *table.find_or_insert(1).value = 10;
    auto* slot_of_one = table.prefetch_slot(table.hash(1));
    ASSERT_NE(slot_of_one, nullptr);
    const auto found = table.find_or_insert(2, table.hash(2), slot_of_one);
    EXPECT_TRUE(found.fresh);
    EXPECT_EQ(*found.value, 0u);
    EXPECT_EQ(*table.find(1), 10u);
}

TEST(KeyTable, UnknownKeyHasNoCandidateInAnEmptyTable) {
    const KeyTable<std::uint64_t, std::uint64_t> table(100);
    EXPECT_EQ(table.prefetch_slot(table.hash(7)), nullptr);
}

TEST(KeyTable, FullTableRefusesNewKeysAndKeepsTheOldOnes) {
    for (std::uint32_t max_keys : {1u, 2u, 12u, 13u, 16u, 17u, 51u, 52u, 1000u}) {
        KeyTable<std::uint64_t, std::uint64_t> table(max_keys);
        for (std::uint64_t key = 0; key < max_keys; ++key) {
            ASSERT_TRUE(table.find_or_insert(key).fresh);
        }
        EXPECT_EQ(table.find_or_insert(max_keys).value, nullptr);
        EXPECT_EQ(table.find(max_keys), nullptr);
        EXPECT_FALSE(table.find_or_insert(0).fresh);
        EXPECT_NE(table.find(max_keys - 1), nullptr);
        EXPECT_EQ(table.size(), max_keys);
        EXPECT_EQ(table.max_keys(), max_keys);
    }
}

TEST(KeyTable, FreshValueIsValueInitialised) {
    struct Value {
        std::uint64_t count = 41;
        std::uint64_t sum;
    };

    KeyTable<std::uint64_t, Value> table(10);
    EXPECT_EQ(table.find_or_insert(3).value->count, 41u);
    EXPECT_EQ(table.find(3)->sum, 0u);
}

TEST(KeyTable, ValuesStayWhereTheyAre) {
    KeyTable<std::uint64_t, std::uint64_t> table(1'000);
    std::vector<std::uint64_t*> places;
    for (std::uint64_t key = 0; key < 1'000; ++key) {
        places.push_back(table.find_or_insert(key).value);
    }
    KeyTable<std::uint64_t, std::uint64_t> moved(std::move(table));
    for (std::uint64_t key = 0; key < 1'000; ++key) {
        ASSERT_EQ(moved.find(key), places[key]);
    }
}

TEST(KeyTable, SlotIsAPowerOfTwoUpToALineAndWholeLinesBeyond) {
    using Eight = std::array<std::uint64_t, 1>;
    using Sixteen = std::array<std::uint64_t, 2>;
    using FiftySix = std::array<std::uint64_t, 7>;
    using SixtyFour = std::array<std::uint64_t, 8>;
    EXPECT_EQ((KeyTable<std::uint64_t, Eight>::slot_bytes), 16u);
    EXPECT_EQ((KeyTable<std::uint64_t, Sixteen>::slot_bytes), 32u);
    EXPECT_EQ((KeyTable<std::uint64_t, FiftySix>::slot_bytes), 64u);
    EXPECT_EQ((KeyTable<std::uint64_t, FiftySix>::slot_lines), 1u);
    EXPECT_EQ((KeyTable<std::uint64_t, SixtyFour>::slot_bytes), 128u);
    EXPECT_EQ((KeyTable<std::uint64_t, SixtyFour>::slot_lines), 2u);
    EXPECT_EQ((KeyTable<WideKey, SixtyFour>::slot_bytes), 128u);
    EXPECT_EQ((KeyTable<std::uint8_t, std::uint8_t>::slot_bytes), 2u);
}

/// Of 10,240 keys: how many fall into the fullest of 1,024 groups, and how many tags they have.
struct Spread {
    std::size_t fullest;
    std::size_t tags;
};

template <class Make>
Spread spread_of(const KeyTable<std::uint64_t, std::uint64_t>& table, const Make& make) {
    std::vector<std::size_t> groups(1'024);
    std::vector<bool> tags(65'536);
    for (std::uint64_t i = 0; i < 10'240; ++i) {
        const std::uint64_t hash = table.hash(make(i));
        ++groups[hash % groups.size()];
        tags[hash >> 48] = true;
    }
    return {*std::max_element(groups.begin(), groups.end()),
            static_cast<std::size_t>(std::count(tags.begin(), tags.end(), true))};
}

// Random hashes give 10 keys a group, 42 once in 10^8 runs, and 9,480 tags with a deviation of 30.
// A weak hash fails only under some seeds: hence many tables.
TEST(KeyTable, KeysWithEqualBitsSpreadLikeRandomOnes) {
    for (int seed = 0; seed < 30; ++seed) {
        const KeyTable<std::uint64_t, std::uint64_t> table(16);
        const auto expect_even = [&](const char* what, const auto& make) {
            const Spread spread = spread_of(table, make);
            EXPECT_LT(spread.fullest, 42u) << what;
            EXPECT_GT(spread.tags, 9'000u) << what;
        };
        expect_even("sequential", [](std::uint64_t i) { return i; });
        expect_even("equal low 16 bits", [](std::uint64_t i) { return i << 16 | 0x1234; });
        expect_even("equal low 32 bits", [](std::uint64_t i) { return i << 32 | 0x1234; });
        expect_even("equal low 48 bits", [](std::uint64_t i) { return i << 48 | 0x1234; });
        expect_even("windows of 100,000", [](std::uint64_t i) { return i * 100'000; });
        expect_even("byte-swapped", [](std::uint64_t i) { return __builtin_bswap64(i); });
    }
}

TEST(KeyTable, EqualLowBitsAreAllFoundAgain) {
    KeyTable<std::uint64_t, std::uint64_t> table(50'000);
    for (std::uint64_t i = 0; i < 50'000; ++i) {
        *table.find_or_insert(i << 40 | 0xabcd).value = i;
    }
    for (std::uint64_t i = 0; i < 50'000; ++i) {
        ASSERT_EQ(*table.find(i << 40 | 0xabcd), i);
    }
}

TEST(KeyTable, NobodyCanKnowTheHashOfAnotherTable) {
    const KeyTable<std::uint64_t, std::uint64_t> one(16);
    const KeyTable<std::uint64_t, std::uint64_t> other(16);
    EXPECT_NE(one.hash(1), other.hash(1));
}

TEST(KeyTableDeathTest, NoKeysAtAllAborts) {
    using Table = KeyTable<std::uint64_t, std::uint64_t>;
    EXPECT_DEATH(Table(0), "a key table holds at least one key");
}

}  // namespace
}  // namespace roda
