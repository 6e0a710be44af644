// SPDX-License-Identifier: Apache-2.0
// KeyTable and DenseTable against std::unordered_map: random calls of every kind, many sizes.
#include <gtest/gtest.h>
#include <array>
#include <cstdint>
#include <random>
#include <set>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "pipeline/table/dense_table.hpp"
#include "pipeline/table/key_table.hpp"

namespace roda {
namespace {

struct WideKey {
    std::uint64_t device;
    std::uint64_t window;
};

struct OddKey {  // 12 bytes: not a whole number of words
    std::uint32_t a;
    std::uint32_t b;
    std::uint32_t c;
};

/// Two first groups (the bits from the sixth on) and three tags (from the 50th on) for all keys.
struct PoorHash {
    std::uint64_t operator()(std::uint64_t key) const noexcept {
        return key % 3 << 49 | key % 2 << 5;
    }
};

// Keys are numbered, so that one model serves all types.
template <class K>
K key_of(std::uint64_t number) {
    if constexpr (std::is_same_v<K, WideKey>) {
        return {number % 7, number / 7};
    } else if constexpr (std::is_same_v<K, OddKey>) {
        const auto low = static_cast<std::uint32_t>(number);
        return {1, low % 5, low / 5};
    } else {
        return static_cast<K>(number);
    }
}

std::uint64_t number_of(const WideKey& key) {
    return key.window * 7 + key.device;
}

std::uint64_t number_of(const OddKey& key) {
    return std::uint64_t{key.c} * 5 + key.b;
}

std::uint64_t number_of(std::uint64_t key) {
    return key;
}

template <class K, class Hash = SeededHash<K>>
struct Keyed {
    using KeyType = K;
    using Table = KeyTable<K, std::uint64_t, Hash>;

    static bool has_room(const Table& table, std::uint64_t) {
        return table.size() < table.max_keys();
    }
};

template <class K>
struct Dense {
    using KeyType = K;
    using Table = DenseTable<K, std::uint64_t>;

    static bool has_room(const Table& table, std::uint64_t number) {
        return number < table.max_keys();
    }
};

/// One table and its model, and the calls that keep them equal or fail.
template <class Kind>
class Pair {
  public:
    explicit Pair(std::uint32_t max_keys) : table_(max_keys), random_(max_keys) {}

    typename Kind::Table& table() { return table_; }

    std::uint64_t refused() const { return refused_; }

    void any_call() {
        const std::uint64_t number = random_() % (table_.max_keys() * std::uint64_t{4} / 3 + 2);
        const std::uint64_t call = random_() % 100;
        const bool filling = calls_++ / 4'000 % 2 == 0;  // up to refusals, and down again
        if (call < (filling ? 80u : 30u)) {
            insert(number);
        } else if (call < (filling ? 90u : 40u)) {
            find(number);
        } else if (call < (filling ? 97u : 95u)) {
            erase(number);
        } else if (call < 99) {
            sweep(static_cast<std::uint32_t>(random_() % 4));
        } else {
            compare_all();
        }
        ASSERT_EQ(table_.size(), model_.size());
    }

    void insert(std::uint64_t number) {
        const auto key = key_of<typename Kind::KeyType>(number);
        const auto known = model_.find(number);
        const bool has_room = Kind::has_room(table_, number);
        const auto found = random_() % 2 == 0 ? table_.find_or_insert(key) : three_steps(key);
        if (known == model_.end() && !has_room) {
            ASSERT_EQ(found.value, nullptr);
            ASSERT_FALSE(found.fresh);
            ++refused_;
            return;
        }
        ASSERT_NE(found.value, nullptr);
        ASSERT_EQ(found.fresh, known == model_.end());
        ASSERT_EQ(*found.value, found.fresh ? 0 : known->second.value);
        *found.value = random_();
        const std::uint64_t index = table_.index_of(found.value);
        ASSERT_LT(index, table_.slot_count());
        if (found.fresh) {
            ASSERT_TRUE(indices_.insert(index).second) << "two keys with one index";
        } else {
            ASSERT_EQ(index, known->second.index);
        }
        model_[number] = {*found.value, index};
    }

    void find(std::uint64_t number) {
        const std::uint64_t* value = table_.find(key_of<typename Kind::KeyType>(number));
        const auto known = model_.find(number);
        ASSERT_EQ(value != nullptr, known != model_.end());
        if (value != nullptr) {
            ASSERT_EQ(*value, known->second.value);
        }
    }

    void erase(std::uint64_t number) {
        const auto known = model_.find(number);
        ASSERT_EQ(table_.erase(key_of<typename Kind::KeyType>(number)), known != model_.end());
        if (known != model_.end()) {
            forget(known);
        }
    }

    void sweep(std::uint32_t groups) {
        std::uint32_t seen = 0;
        std::uint32_t taken = 0;
        const auto removed = table_.sweep(groups, [&](const auto& key, std::uint64_t& value) {
            ++seen;
            const auto known = model_.find(number_of(key));
            EXPECT_NE(known, model_.end());
            if (known == model_.end()) {
                return false;
            }
            EXPECT_EQ(value, known->second.value);
            if (value % 5 != 0) {
                known->second.value = ++value;
                return false;
            }
            forget(known);
            ++taken;
            return true;
        });
        ASSERT_EQ(removed, taken);
        ASSERT_LE(seen, groups * table_.group_keys);
    }

    void compare_all() {
        std::set<std::uint64_t> seen;
        table_.for_each([&](const auto& key, std::uint64_t& value) {
            EXPECT_TRUE(seen.insert(number_of(key)).second);
            const auto known = model_.find(number_of(key));
            EXPECT_NE(known, model_.end());
            if (known != model_.end()) {
                EXPECT_EQ(value, known->second.value);
            }
        });
        ASSERT_EQ(seen.size(), model_.size());
    }

    void erase_all() {
        while (!model_.empty()) {
            erase(model_.begin()->first);
        }
        compare_all();
    }

  private:
    struct Known {
        std::uint64_t value;
        std::uint64_t index;
    };

    using Model = std::unordered_map<std::uint64_t, Known>;

    auto three_steps(const typename Kind::KeyType& key) {
        const std::uint64_t hash = table_.hash(key);
        table_.prefetch_tags(hash);
        return table_.find_or_insert(key, hash, table_.prefetch_slot(hash));
    }

    void forget(typename Model::iterator known) {
        indices_.erase(known->second.index);
        model_.erase(known);
    }

    typename Kind::Table table_;
    Model model_;
    std::set<std::uint64_t> indices_;
    std::mt19937_64 random_;
    std::uint64_t calls_ = 0;
    std::uint64_t refused_ = 0;
};

template <class Kind>
class TableAgainstMap : public ::testing::Test {};

using Kinds = ::testing::Types<Keyed<std::uint64_t>,
                               Keyed<std::uint32_t>,
                               Keyed<WideKey>,
                               Keyed<OddKey>,
                               Keyed<std::uint64_t, PoorHash>,
                               Dense<std::uint64_t>,
                               Dense<std::uint32_t>>;
TYPED_TEST_SUITE(TableAgainstMap, Kinds);

TYPED_TEST(TableAgainstMap, RandomCallsOfEveryKind) {
    for (const std::uint32_t max_keys : {1u, 2u, 13u, 16u, 100u, 1'000u}) {
        SCOPED_TRACE(max_keys);
        Pair<TypeParam> pair(max_keys);
        for (int call = 0; call < 20'000 && !this->HasFatalFailure(); ++call) {
            pair.any_call();
        }
        pair.compare_all();
        EXPECT_GT(pair.refused(), 0u);
    }
}

TYPED_TEST(TableAgainstMap, FullThenEmptyThenFullAgain) {
    for (const std::uint32_t max_keys : {1u, 17u, 200u}) {
        SCOPED_TRACE(max_keys);
        Pair<TypeParam> pair(max_keys);
        for (int round = 0; round < 3 && !this->HasFatalFailure(); ++round) {
            for (std::uint64_t number = 0; number < max_keys + 5u; ++number) {
                pair.insert(number);
            }
            EXPECT_EQ(pair.table().size(), max_keys);
            pair.erase_all();
            EXPECT_EQ(pair.table().size(), 0u);
        }
        EXPECT_EQ(pair.refused(), 15u);
    }
}

TYPED_TEST(TableAgainstMap, TheHandSeesEveryKeyOnceARound) {
    typename TypeParam::Table table(500);
    for (std::uint64_t number = 0; number < 500; ++number) {
        ASSERT_TRUE(table.find_or_insert(key_of<typename TypeParam::KeyType>(number)).fresh);
    }
    table.sweep(5,
                [](const auto&, std::uint64_t&) { return false; });  // a round may begin anywhere
    std::vector<int> seen(500);
    for (std::uint64_t group = 0; group < table.group_count(); ++group) {
        table.sweep(1, [&](const auto& key, std::uint64_t&) {
            ++seen[number_of(key)];
            return number_of(key) % 2 == 0;
        });
    }
    EXPECT_EQ(seen, std::vector<int>(500, 1));
    EXPECT_EQ(table.size(), 250u);
}

TYPED_TEST(TableAgainstMap, OneSweepIsOneRoundAtMost) {
    typename TypeParam::Table table(100);
    for (std::uint64_t number = 0; number < 100; ++number) {
        table.find_or_insert(key_of<typename TypeParam::KeyType>(number));
    }
    std::uint32_t seen = 0;
    const auto count = [&seen](const auto&, std::uint64_t&) {
        ++seen;
        return false;
    };
    EXPECT_EQ(table.sweep(0, count), 0u);
    EXPECT_EQ(seen, 0u);
    EXPECT_EQ(table.sweep(1'000'000, count), 0u);
    EXPECT_EQ(seen, 100u);
    const auto all = [](const auto&, std::uint64_t&) { return true; };
    EXPECT_EQ(table.sweep(1'000'000, all), 100u);
    EXPECT_EQ(table.size(), 0u);
}

// Candidates are asked for 16 keys ahead and may be stale when they are used.
TYPED_TEST(TableAgainstMap, CandidatesFromAheadGiveTheSameAsAPlainLookUp) {
    using KeyType = typename TypeParam::KeyType;
    using Table = typename TypeParam::Table;
    Table ahead(500);
    Table plain(500);

    struct Pending {
        KeyType key;
        std::uint64_t hash;
        typename Table::Slot* candidate;
    };

    std::array<Pending, 16> window{};
    std::mt19937_64 random(5);
    std::uint64_t with_candidate = 0;
    for (std::uint64_t step = 0; step < 20'000; ++step) {
        Pending& pending = window[step % window.size()];
        if (step >= window.size()) {
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
        pending.key = key_of<KeyType>(random() % 600);
        pending.hash = ahead.hash(pending.key);
        ahead.prefetch_tags(pending.hash);
        pending.candidate = ahead.prefetch_slot(pending.hash);
    }
    EXPECT_GT(with_candidate, 10'000u);
}

}  // namespace
}  // namespace roda
