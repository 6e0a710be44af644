// SPDX-License-Identifier: Apache-2.0
// KeyTable: from key to state, fixed capacity, nothing allocated after construction.
//
// Groups of 16 tags of 16 bits (one 32-byte AVX2 compare) beside an array of slots; the tag's
// position is the slot's. A tag is 16 bits of the hash, 0 means empty. The key lies in the slot,
// so a hit costs one line of tags and one line of state. The hash is seeded: whoever chooses the
// keys (device ids are chosen by strangers) cannot choose the collisions.
//
//   tags : | g0: t0 t1 ... t15 | g1: ...            |   32 bytes a group
//   slots: | key value | key value | ...             |   slot_bytes each, 16 a group
#pragma once

#include <immintrin.h>
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <random>

#include "pipeline/base/check.hpp"
#include "pipeline/base/pod.hpp"
#include "pipeline/memory/region.hpp"

namespace roda {

/// One full multiplication, both halves folded: mixes every bit of both words into every other.
[[gnu::always_inline]] inline std::uint64_t fold_multiply(std::uint64_t a,
                                                          std::uint64_t b) noexcept {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <Key K, Pod Value>
class KeyTable {
    // A slot never straddles more lines than it must: its stride is a power of two up to a line.
    static constexpr std::size_t bare_bytes =
        (sizeof(K) + alignof(Value) - 1) / alignof(Value) * alignof(Value) + sizeof(Value);
    static constexpr std::size_t slot_align = std::min(std::bit_ceil(bare_bytes), cache_line_bytes);

  public:
    struct alignas(slot_align) Slot {
        K key;
        Value value;
    };

    static constexpr std::size_t slot_bytes = sizeof(Slot);
    static constexpr std::size_t slot_lines =
        (slot_bytes + cache_line_bytes - 1) / cache_line_bytes;

    /// Room for `max_keys` keys at a load of at most 0.8.
    explicit KeyTable(std::uint32_t max_keys)
        : max_keys_(max_keys),
          group_mask_(std::bit_ceil(std::uint64_t{max_keys} * 5 / 4 / group_keys + 1) - 1),
          region_(Region::anonymous(tags_bytes() + (group_mask_ + 1) * group_keys * slot_bytes)) {
        check(max_keys > 0, "a key table holds at least one key");
        tags_ = reinterpret_cast<Tags*>(region_.data());
        slots_ = reinterpret_cast<Slot*>(region_.data() + tags_bytes());
        std::random_device entropy;
        for (std::uint64_t& seed : seeds_) {
            seed = (std::uint64_t{entropy()} << 32 | entropy()) | 1u;
        }
    }

    KeyTable(KeyTable&&) noexcept = default;
    KeyTable& operator=(KeyTable&&) noexcept = default;

    [[gnu::always_inline]] std::uint64_t hash(const K& key) const noexcept {
        std::uint64_t mixed = seeds_[1];
        for (std::size_t at = 0; at < sizeof(K); at += sizeof(std::uint64_t)) {
            std::uint64_t word = 0;
            std::memcpy(&word,
                        reinterpret_cast<const std::byte*>(&key) + at,
                        std::min(sizeof(word), sizeof(K) - at));
            mixed = fold_multiply(word ^ seeds_[0], mixed ^ seeds_[2]);
        }
        // Once more: regular keys (1, 2, 3...; windows) leave one multiplication in a lattice.
        return fold_multiply(mixed ^ seeds_[0], seeds_[1]);
    }

    /// First step of a look-up that hides memory latency: asks for the line of tags.
    [[gnu::always_inline]] void prefetch_tags(std::uint64_t hash) const noexcept {
        __builtin_prefetch(&tags_[hash & group_mask_]);
    }

    /// Second step: the slot that the tags point at, asked for; nullptr when there is none yet.
    /// It is a candidate only: find_or_insert() compares the key.
    [[gnu::always_inline]] Slot* prefetch_slot(std::uint64_t hash) const noexcept {
        const std::uint64_t group = hash & group_mask_;
        const std::uint32_t hits = match(tags_[group], tag_of(hash));
        if (hits == 0) {
            return nullptr;
        }
        Slot* slot = slots_ + group * group_keys + lane_of(hits);
        __builtin_prefetch(slot, 1);
        return slot;
    }

    struct Found {
        Value* value = nullptr;  // nullptr: the key is new and the table is full
        bool fresh = false;      // the key was inserted now; *value is value-initialised
    };

    /// Third step: the key's value, made if it is not there. Cost: amortised one group.
    [[gnu::always_inline]] Found find_or_insert(const K& key,
                                                std::uint64_t hash,
                                                Slot* candidate) noexcept {
        if (candidate != nullptr && same(candidate->key, key)) [[likely]] {
            return {&candidate->value, false};
        }
        return search(key, hash);
    }

    Found find_or_insert(const K& key) noexcept { return search(key, hash(key)); }

    /// The key's value; nullptr when it is not there.
    Value* find(const K& key) noexcept {
        const std::uint64_t hashed = hash(key);
        for (std::uint64_t step = 0, group = hashed & group_mask_;;
             group = (group + ++step) & group_mask_) {
            if (Slot* slot = in_group(group, key, hashed)) {
                return &slot->value;
            }
            if (match(tags_[group], 0) != 0) {
                return nullptr;
            }
        }
    }

    std::uint32_t size() const noexcept { return size_; }

    std::uint32_t max_keys() const noexcept { return max_keys_; }

    Pages pages() const noexcept { return region_.pages(); }

  private:
    static constexpr std::uint32_t group_keys = 16;

    struct alignas(32) Tags {
        std::array<std::uint16_t, group_keys> tag;
    };

    /// Whole lines, so that the slots behind the tags are aligned.
    std::size_t tags_bytes() const noexcept {
        return std::max((group_mask_ + 1) * sizeof(Tags), cache_line_bytes);
    }

    static std::uint16_t tag_of(std::uint64_t hash) noexcept {
        const auto tag = static_cast<std::uint16_t>(hash >> 48);
        return tag == 0 ? std::uint16_t{1} : tag;  // 0 is the mark of an empty slot
    }

    /// Two bits for each of the 16 lanes whose tag is `tag`.
    [[gnu::always_inline]] static std::uint32_t match(const Tags& tags,
                                                      std::uint16_t tag) noexcept {
        const __m256i group = _mm256_load_si256(reinterpret_cast<const __m256i*>(&tags));
        const __m256i wanted = _mm256_set1_epi16(static_cast<short>(tag));
        return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi16(group, wanted)));
    }

    static std::uint32_t lane_of(std::uint32_t hits) noexcept {
        return static_cast<std::uint32_t>(std::countr_zero(hits)) / 2;
    }

    [[gnu::always_inline]] static bool same(const K& a, const K& b) noexcept {
        return std::memcmp(&a, &b, sizeof(K)) == 0;
    }

    Slot* in_group(std::uint64_t group, const K& key, std::uint64_t hash) noexcept {
        for (std::uint32_t hits = match(tags_[group], tag_of(hash)); hits != 0;
             hits &= hits - 1, hits &= hits - 1) {
            Slot* slot = slots_ + group * group_keys + lane_of(hits);
            if (same(slot->key, key)) {
                return slot;
            }
        }
        return nullptr;
    }

    /// The cold part: a new key, or one whose tag another key shares. Triangular steps over a
    /// power of two visit every group; the load bound leaves an empty slot in some.
    [[gnu::noinline]] Found search(const K& key, std::uint64_t hash) noexcept {
        for (std::uint64_t step = 0, group = hash & group_mask_;;
             group = (group + ++step) & group_mask_) {
            if (Slot* slot = in_group(group, key, hash)) {
                return {&slot->value, false};
            }
            const std::uint32_t empty = match(tags_[group], 0);
            if (empty == 0) {
                continue;
            }
            if (size_ == max_keys_) {
                return {};
            }
            const std::uint32_t lane = lane_of(empty);
            Slot* slot = slots_ + group * group_keys + lane;
            slot->key = key;
            slot->value = Value{};
            tags_[group].tag[lane] = tag_of(hash);
            ++size_;
            return {&slot->value, true};
        }
    }

    std::uint32_t max_keys_;
    std::uint32_t size_ = 0;
    std::uint64_t group_mask_;
    Region region_;
    Tags* tags_ = nullptr;
    Slot* slots_ = nullptr;
    std::array<std::uint64_t, 3> seeds_{};
};

}  // namespace roda
