// SPDX-License-Identifier: Apache-2.0
// KeyTable: from key to state, fixed capacity, nothing allocated after construction; keys leave
// it without rehash and without tombstones.
//
// Groups of 16 tags beside an array of slots; the tag's position is the slot's. The key lies in
// the slot, so a hit costs one line of tags and one line of state.
//
//   tags  : | g0: t0 t1 ... t15 | g1: ...            |   32 bytes a group
//   passed: | g0: p0 p1 ... p7 | g1: ...             |   8 bytes a group, whole lines in all
//   slots : | key value | key value | ...             |   slot_bytes each, 16 a group
//
// A key lies in the first group of its probe path that had an empty lane when it came. `passed`
// counts the keys in the table that went on past a group, apart for each eighth of the hashes; a
// search ends at a group that none of its eighth has passed. Removal empties the lane and takes
// the key out of the counts on its path: no trace is left, so probes stay short under churn for
// ever. A hit in the first group never reads `passed`. A count that has reached 255 is no longer
// exact and stays: longer searches, never wrong ones. Random hashes bring it to about 10.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "pipeline/base/check.hpp"
#include "pipeline/base/pod.hpp"
#include "pipeline/memory/region.hpp"
#include "pipeline/table/seeded_hash.hpp"
#include "pipeline/table/tag_group.hpp"

namespace roda {

/// Thread: one. Shape: a value stays where it is until its key is erased. `Hash` is the seeded one
/// except in tests.
template <Key K, Pod Value, class Hash = SeededHash<K>>
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

    struct Found {
        Value* value = nullptr;  // nullptr: the key is new and the table is full
        bool fresh = false;      // the key was inserted now; *value is value-initialised
    };

    static constexpr std::size_t slot_bytes = sizeof(Slot);
    static constexpr std::size_t slot_lines =
        (slot_bytes + cache_line_bytes - 1) / cache_line_bytes;
    static constexpr std::uint32_t group_keys = TagGroup::lanes;

    /// Room for `max_keys` keys at a load of at most 0.8.
    explicit KeyTable(std::uint32_t max_keys)
        : max_keys_(max_keys),
          group_mask_(std::bit_ceil(std::uint64_t{max_keys} * 5 / 4 / group_keys + 1) - 1),
          offset_mask_(group_mask_ * sizeof(TagGroup)),
          region_(Region::anonymous(tags_bytes() + passed_bytes() + slot_count() * slot_bytes)) {
        check(max_keys > 0, "a key table holds at least one key");
        tags_ = reinterpret_cast<TagGroup*>(region_.data());
        passed_ = reinterpret_cast<Passed*>(region_.data() + tags_bytes());
        slots_ = reinterpret_cast<Slot*>(region_.data() + tags_bytes() + passed_bytes());
    }

    /// Leaves a table with no memory: only to be assigned to, or to end.
    KeyTable(KeyTable&& other) noexcept
        : max_keys_(std::exchange(other.max_keys_, 0)),
          size_(std::exchange(other.size_, 0)),
          group_mask_(other.group_mask_),
          offset_mask_(other.offset_mask_),
          hand_(std::exchange(other.hand_, 0)),
          region_(std::move(other.region_)),
          tags_(std::exchange(other.tags_, nullptr)),
          passed_(std::exchange(other.passed_, nullptr)),
          slots_(std::exchange(other.slots_, nullptr)),
          hash_(std::move(other.hash_)) {}

    /// Leaves the table that was here.
    KeyTable& operator=(KeyTable&& other) noexcept {
        std::swap(max_keys_, other.max_keys_);
        std::swap(size_, other.size_);
        std::swap(group_mask_, other.group_mask_);
        std::swap(offset_mask_, other.offset_mask_);
        std::swap(hand_, other.hand_);
        std::swap(region_, other.region_);
        std::swap(tags_, other.tags_);
        std::swap(passed_, other.passed_);
        std::swap(slots_, other.slots_);
        std::swap(hash_, other.hash_);
        return *this;
    }

    [[gnu::always_inline]] std::uint64_t hash(const K& key) const noexcept {
        return TagGroup::with_tag(hash_(key));
    }

    /// First step of a look-up that hides memory latency: asks for the line of tags.
    [[gnu::always_inline]] void prefetch_tags(std::uint64_t hash) const noexcept {
        __builtin_prefetch(tags_at(offset_of(hash)));
    }

    /// Second step: the slot that the tags point at, asked for; nullptr when there is none yet.
    /// It is a candidate only: is_at() and find_or_insert() compare the key.
    /// Order: to be used before the next erase() or sweep().
    [[gnu::always_inline]] Slot* prefetch_slot(const std::uint64_t& hash) const noexcept {
        const std::uint64_t offset = offset_of(hash);
        const Lanes hits = tags_at(offset)->match(TagGroup::tag_of(hash));
        if (!hits.any()) {
            return nullptr;
        }
        Slot* slot = slot_at_half(offset + hits.first_bit());
        __builtin_prefetch(slot, 1);
        return slot;
    }

    /// Third step: whether the candidate is the key's slot.
    [[gnu::always_inline]] bool is_at(const Slot* candidate, const K& key) const noexcept {
        return candidate != nullptr && same(candidate->key, key);
    }

    /// Third step, whether it is or not: the key's value, made if it is not there.
    /// Cost: amortised one group.
    [[gnu::always_inline]] Found find_or_insert(const K& key,
                                                std::uint64_t hash,
                                                Slot* candidate) noexcept {
        if (is_at(candidate, key)) [[likely]] {
            return {&candidate->value, false};
        }
        return search(key, hash);
    }

    Found find_or_insert(const K& key) noexcept { return search(key, hash(key)); }

    /// The key's value; nullptr when it is not there.
    Value* find(const K& key) noexcept {
        const Place place = locate(key, hash(key));
        return place.slot == nullptr ? nullptr : &place.slot->value;
    }

    /// Takes the key out; false when it is not there. Its slot is free at once.
    /// Order: only while no candidate of prefetch_slot() is held; the same for sweep().
    bool erase(const K& key) noexcept {
        const Place place = locate(key, hash(key));
        if (place.slot == nullptr) {
            return false;
        }
        remove(place.slot);
        return true;
    }

    /// A hand that goes round the table: shows the keys of the next `groups` groups (at most one
    /// round) to visit(const K&, Value&), which returns true to take the key out. Returns how many
    /// left. `visit` must not use the table.
    /// Cost: one line of state for each key seen.
    template <class Visit>
    std::uint32_t sweep(std::uint32_t groups, Visit&& visit) {
        const std::uint32_t before = size_;
        for (std::uint64_t left = std::min<std::uint64_t>(groups, group_count()); left > 0;
             --left) {
            for (Lanes lanes = tags_[hand_].taken(); lanes.any(); lanes.drop_first()) {
                Slot* slot = slot_at(hand_, lanes.first());
                if (visit(static_cast<const K&>(slot->key), slot->value)) {
                    remove(slot);
                }
            }
            hand_ = (hand_ + 1) & group_mask_;
        }
        return before - size_;
    }

    /// Shows every key to visit(const K&, Value&), which must not use the table.
    template <class Visit>
    void for_each(Visit&& visit) {
        for (std::uint64_t group = 0; group < group_count(); ++group) {
            for (Lanes lanes = tags_[group].taken(); lanes.any(); lanes.drop_first()) {
                Slot* slot = slot_at(group, lanes.first());
                visit(static_cast<const K&>(slot->key), slot->value);
            }
        }
    }

    /// A number below slot_count() that is this value's alone until its key is erased: for arrays
    /// beside the table.
    std::uint64_t index_of(const Value* value) const noexcept {
        const auto offset = reinterpret_cast<const std::byte*>(value) -
                            reinterpret_cast<const std::byte*>(&slots_->value);
        return static_cast<std::uint64_t>(offset) / slot_bytes;
    }

    /// How many groups a look-up of this key reads, there or not: what the load costs.
    std::uint64_t probe_groups(const K& key) const noexcept {
        return locate(key, hash(key)).groups_read;
    }

    std::uint32_t size() const noexcept { return size_; }

    std::uint32_t max_keys() const noexcept { return max_keys_; }

    std::uint64_t group_count() const noexcept { return group_mask_ + 1; }

    std::uint64_t slot_count() const noexcept { return group_count() * group_keys; }

    Pages pages() const noexcept { return region_.pages(); }

  private:
    using Passed = std::array<std::uint8_t, 8>;
    static constexpr std::uint8_t passed_for_ever = 255;

    // The groups in which a key may lie, in order. Triangular steps over a power of two visit
    // every group once.
    struct Path {
        std::uint64_t group;
        std::uint64_t mask;
        std::uint64_t step = 0;

        void advance() noexcept { group = (group + ++step) & mask; }
    };

    struct Place {
        Slot* slot;
        std::uint64_t groups_read;
    };

    static std::size_t whole_lines(std::uint64_t bytes) noexcept {
        return (bytes + cache_line_bytes - 1) / cache_line_bytes * cache_line_bytes;
    }

    std::size_t tags_bytes() const noexcept {
        return whole_lines(group_count() * sizeof(TagGroup));
    }

    std::size_t passed_bytes() const noexcept {
        return whole_lines(group_count() * sizeof(Passed));
    }

    [[gnu::always_inline]] static bool same(const K& a, const K& b) noexcept {
        return std::memcmp(&a, &b, sizeof(K)) == 0;
    }

    // The hot path counts in bytes of tags and in half slots: a group's tags have as many bytes as
    // its slots have halves, and a lane is two bits of a match. That saves it every shift.
    static_assert(sizeof(TagGroup) == 2 * group_keys && slot_bytes % 2 == 0);

    [[gnu::always_inline]] std::uint64_t offset_of(std::uint64_t hash) const noexcept {
        return hash & offset_mask_;
    }

    [[gnu::always_inline]] const TagGroup* tags_at(std::uint64_t offset) const noexcept {
        return reinterpret_cast<const TagGroup*>(reinterpret_cast<const std::byte*>(tags_) +
                                                 offset);
    }

    [[gnu::always_inline]] Slot* slot_at_half(std::uint64_t half) const noexcept {
        return reinterpret_cast<Slot*>(reinterpret_cast<std::byte*>(slots_) +
                                       half * (slot_bytes / 2));
    }

    Slot* slot_at(std::uint64_t group, std::uint32_t lane) const noexcept {
        return slots_ + group * group_keys + lane;
    }

    Path path_of(std::uint64_t hash) const noexcept {
        return {offset_of(hash) / sizeof(TagGroup), group_mask_};
    }

    /// Of the bits below the tag's: the tag and the group say nothing about them.
    std::uint8_t& passed_at(std::uint64_t group, std::uint64_t hash) const noexcept {
        return passed_[group][hash >> 45 & 7u];
    }

    Slot* in_group(std::uint64_t group, const K& key, std::uint64_t hash) const noexcept {
        for (Lanes hits = tags_[group].match(TagGroup::tag_of(hash)); hits.any();
             hits.drop_first()) {
            Slot* slot = slot_at(group, hits.first());
            if (same(slot->key, key)) {
                return slot;
            }
        }
        return nullptr;
    }

    /// The bound on the steps matters only when every group is passed for ever.
    Place locate(const K& key, std::uint64_t hash) const noexcept {
        for (Path path = path_of(hash);; path.advance()) {
            Slot* slot = in_group(path.group, key, hash);
            if (slot != nullptr || passed_at(path.group, hash) == 0 || path.step == group_mask_) {
                return {slot, path.step + 1};
            }
        }
    }

    /// The cold part: a new key, or one whose tag another key shares.
    [[gnu::noinline]] Found search(const K& key, std::uint64_t hash) noexcept {
        if (const Place place = locate(key, hash); place.slot != nullptr) {
            return {&place.slot->value, false};
        }
        if (size_ == max_keys_) {
            return {};
        }
        return {insert(key, hash), true};
    }

    /// Of a key that is not there, into a table that is not full: the load bound leaves an empty
    /// lane in some group.
    Value* insert(const K& key, std::uint64_t hash) noexcept {
        Path path = path_of(hash);
        Lanes empty = tags_[path.group].empty();
        for (; !empty.any(); empty = tags_[path.group].empty()) {
            std::uint8_t& passed = passed_at(path.group, hash);
            passed = passed == passed_for_ever ? passed : static_cast<std::uint8_t>(passed + 1);
            path.advance();
        }
        const std::uint32_t lane = empty.first();
        Slot* slot = slot_at(path.group, lane);
        slot->key = key;
        slot->value = Value{};
        tags_[path.group].tag[lane] = TagGroup::tag_of(hash);
        ++size_;
        return &slot->value;
    }

    void remove(Slot* slot) noexcept {
        const auto index = static_cast<std::uint64_t>(slot - slots_);
        const std::uint64_t group = index / group_keys;
        const std::uint64_t hashed = hash(slot->key);
        for (Path path = path_of(hashed); path.group != group; path.advance()) {
            std::uint8_t& passed = passed_at(path.group, hashed);
            passed = passed == passed_for_ever ? passed : static_cast<std::uint8_t>(passed - 1);
        }
        tags_[group].tag[index % group_keys] = TagGroup::empty_tag;
        --size_;
    }

    std::uint32_t max_keys_;
    std::uint32_t size_ = 0;
    std::uint64_t group_mask_;
    std::uint64_t offset_mask_;  // to where a group's tags begin, in bytes
    std::uint64_t hand_ = 0;     // the group that the next sweep begins with
    Region region_;
    TagGroup* tags_ = nullptr;
    Passed* passed_ = nullptr;
    Slot* slots_ = nullptr;
    [[no_unique_address]] Hash hash_;
};

}  // namespace roda
