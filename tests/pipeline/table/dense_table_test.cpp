// SPDX-License-Identifier: Apache-2.0
#include "pipeline/table/dense_table.hpp"

#include <gtest/gtest.h>
#include <array>
#include <cstdint>
#include <limits>

namespace roda {
namespace {

using Table = DenseTable<std::uint64_t, std::uint64_t>;

TEST(DenseTable, KeyOutOfRangeIsRefused) {
    for (const std::uint32_t keys : {1u, 15u, 16u, 17u, 1'000u}) {
        Table table(keys);
        for (const std::uint64_t key :
             {std::uint64_t{keys}, keys + (std::uint64_t{1} << 32), ~std::uint64_t{0}}) {
            EXPECT_EQ(table.find_or_insert(key).value, nullptr);
            EXPECT_FALSE(table.find_or_insert(key).fresh);
            EXPECT_EQ(table.prefetch_slot(table.hash(key)), nullptr);
            EXPECT_EQ(table.find_or_insert(key, table.hash(key), nullptr).value, nullptr);
            EXPECT_EQ(table.find(key), nullptr);
            EXPECT_FALSE(table.erase(key));
        }
        EXPECT_EQ(table.size(), 0u);
        EXPECT_TRUE(table.find_or_insert(keys - 1).fresh);
        EXPECT_EQ(table.max_keys(), keys);
        EXPECT_EQ(table.slot_count(), keys);
    }
}

TEST(DenseTable, KeyIsAbsentUntilItIsInserted) {
    Table table(100);
    EXPECT_EQ(table.find(7), nullptr);
    EXPECT_EQ(table.prefetch_slot(table.hash(7)), nullptr);
    const auto found = table.find_or_insert(7);
    EXPECT_TRUE(found.fresh);
    EXPECT_EQ(table.find(7), found.value);
    EXPECT_EQ(&table.prefetch_slot(table.hash(7))->value, found.value);
    EXPECT_FALSE(table.find_or_insert(7).fresh);
    EXPECT_EQ(table.find(6), nullptr);
    EXPECT_EQ(table.find(8), nullptr);
    EXPECT_EQ(table.size(), 1u);
}

TEST(DenseTable, MovedFromTableDoesNotShareTheKeysOfTheNewOwner) {
    Table first(10);
    *first.find_or_insert(1).value = 7;
    Table owner(std::move(first));
    EXPECT_EQ(first.size(), 0u);        // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(first.find(1), nullptr);  // NOLINT(bugprone-use-after-move)
    EXPECT_FALSE(first.erase(1));
    EXPECT_EQ(first.find_or_insert(2).value, nullptr);

    Table other(1000);
    *other.find_or_insert(999).value = 8;
    other = std::move(owner);
    EXPECT_FALSE(owner.erase(1));  // NOLINT(bugprone-use-after-move): has what was in `other`
    EXPECT_EQ(*owner.find(999), 8u);
    EXPECT_EQ(other.size(), 1u);
    EXPECT_EQ(*other.find(1), 7u);
}

TEST(DenseTable, ErasedKeyComesBackWithANewValue) {
    struct Value {
        std::uint64_t count = 41;
        std::uint64_t sum;
    };

    DenseTable<std::uint32_t, Value> table(10);
    *table.find_or_insert(3).value = {1, 2};
    EXPECT_TRUE(table.erase(3));
    EXPECT_FALSE(table.erase(3));
    EXPECT_EQ(table.find(3), nullptr);
    EXPECT_EQ(table.prefetch_slot(table.hash(3)), nullptr);
    const auto found = table.find_or_insert(3);
    EXPECT_TRUE(found.fresh);
    EXPECT_EQ(found.value->count, 41u);
    EXPECT_EQ(found.value->sum, 0u);
}

TEST(DenseTable, CandidateOfAnotherKeyIsNotTaken) {
    Table table(100);
    *table.find_or_insert(1).value = 10;
    auto* slot_of_one = table.prefetch_slot(table.hash(1));
    ASSERT_NE(slot_of_one, nullptr);
    const auto found = table.find_or_insert(2, table.hash(2), slot_of_one);
    EXPECT_TRUE(found.fresh);
    EXPECT_EQ(*found.value, 0u);
    EXPECT_EQ(*table.find(1), 10u);
}

TEST(DenseTable, KeysOfOneByteReachTheLastOne) {
    DenseTable<std::uint8_t, std::uint32_t> table(256);
    for (std::uint32_t key = 0; key < 256; ++key) {
        *table.find_or_insert(static_cast<std::uint8_t>(key)).value = key;
    }
    std::uint32_t next = 0;
    table.for_each([&next](std::uint8_t key, std::uint32_t& value) {
        EXPECT_EQ(key, next);
        EXPECT_EQ(value, next++);
    });
    EXPECT_EQ(next, 256u);
}

TEST(DenseTable, IndexIsTheKeyAlsoAfterAMove) {
    Table table(1'000);
    std::uint64_t* value = table.find_or_insert(999).value;
    EXPECT_EQ(table.index_of(value), 999u);
    Table moved(std::move(table));
    EXPECT_EQ(moved.find(999), value);
    EXPECT_EQ(moved.index_of(value), 999u);
}

TEST(DenseTable, SlotIsAPowerOfTwoUpToALineAndWholeLinesBeyond) {
    using Bytes40 = std::array<std::uint64_t, 5>;
    using Bytes64 = std::array<std::uint64_t, 8>;
    using Bytes72 = std::array<std::uint64_t, 9>;
    EXPECT_EQ((DenseTable<std::uint32_t, std::uint8_t>::slot_bytes), 1u);
    EXPECT_EQ((DenseTable<std::uint32_t, Bytes40>::slot_bytes), 64u);
    EXPECT_EQ((DenseTable<std::uint32_t, Bytes64>::slot_lines), 1u);
    EXPECT_EQ((DenseTable<std::uint32_t, Bytes72>::slot_bytes), 128u);
    DenseTable<std::uint32_t, Bytes64> table(33);
    for (std::uint32_t key = 0; key < 33; ++key) {
        const auto place = reinterpret_cast<std::uintptr_t>(table.find_or_insert(key).value);
        EXPECT_EQ(place % 64, 0u);
    }
}

TEST(DenseTableDeathTest, NoKeysAtAllAborts) {
    EXPECT_DEATH(Table(0), "a dense table holds at least one key");
}

}  // namespace
}  // namespace roda
