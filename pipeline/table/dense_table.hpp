// SPDX-License-Identifier: Apache-2.0
// DenseTable: KeyTable's calls for keys that are small numbers. The key is the slot's position:
// no tags, no compare, no collisions; room for every key below the bound, there or not.
//
//   marks: | one bit a key: it is there               |   max_keys / 8 bytes, whole lines in all
//   slots: | value | value | ...                      |   slot_bytes each
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "pipeline/base/check.hpp"
#include "pipeline/base/pod.hpp"
#include "pipeline/memory/region.hpp"

namespace roda {

/// A key that can be a position. The bound is on its value: `max_keys` itself is already refused.
template <class K>
concept DenseKey = std::unsigned_integral<K> && !std::same_as<K, bool>;

/// Thread: one. Shape: a value's place is its key's for ever.
template <DenseKey K, Pod Value>
class DenseTable {
    static constexpr std::size_t slot_align =
        std::min(std::bit_ceil(sizeof(Value)), cache_line_bytes);

  public:
    struct alignas(slot_align) Slot {
        Value value;
    };

    struct Found {
        Value* value = nullptr;  // nullptr: the key is not below max_keys
        bool fresh = false;      // the key was inserted now; *value is value-initialised
    };

    static constexpr std::size_t slot_bytes = sizeof(Slot);
    static constexpr std::size_t slot_lines =
        (slot_bytes + cache_line_bytes - 1) / cache_line_bytes;
    static constexpr std::uint32_t group_keys = 16;

    /// Room for the keys 0 to max_keys - 1.
    explicit DenseTable(std::uint32_t max_keys)
        : max_keys_(max_keys),
          region_(Region::anonymous(marks_bytes() + std::size_t{max_keys} * slot_bytes)) {
        check(max_keys > 0, "a dense table holds at least one key");
        marks_ = reinterpret_cast<Marks*>(region_.data());
        slots_ = reinterpret_cast<Slot*>(region_.data() + marks_bytes());
    }

    /// Leaves a table that has room for no key.
    DenseTable(DenseTable&& other) noexcept
        : max_keys_(std::exchange(other.max_keys_, 0)),
          size_(std::exchange(other.size_, 0)),
          hand_(std::exchange(other.hand_, 0)),
          region_(std::move(other.region_)),
          marks_(std::exchange(other.marks_, nullptr)),
          slots_(std::exchange(other.slots_, nullptr)) {}

    /// Leaves the table that was here.
    DenseTable& operator=(DenseTable&& other) noexcept {
        std::swap(max_keys_, other.max_keys_);
        std::swap(size_, other.size_);
        std::swap(hand_, other.hand_);
        std::swap(region_, other.region_);
        std::swap(marks_, other.marks_);
        std::swap(slots_, other.slots_);
        return *this;
    }

    [[gnu::always_inline]] std::uint64_t hash(const K& key) const noexcept { return key; }

    /// First step of a look-up that hides memory latency: asks for the line of marks.
    [[gnu::always_inline]] void prefetch_tags(std::uint64_t hash) const noexcept {
        __builtin_prefetch(marks_ + hash / group_keys);
    }

    /// Second step: the key's slot, asked for; nullptr when the key is not there yet.
    /// Order: to be used before the next erase() or sweep().
    [[gnu::always_inline]] Slot* prefetch_slot(std::uint64_t hash) const noexcept {
        if (hash >= max_keys_) [[unlikely]] {
            return nullptr;
        }
        Slot* slot = slots_ + hash;
        __builtin_prefetch(slot, 1);
        return marked(hash) ? slot : nullptr;
    }

    /// Third step: whether the candidate is the key's slot.
    [[gnu::always_inline]] bool is_at(const Slot* candidate, const K& key) const noexcept {
        return candidate != nullptr && candidate == slots_ + key;
    }

    /// Third step, whether it is or not: the key's value, made if it is not there.
    [[gnu::always_inline]] Found find_or_insert(const K& key,
                                                std::uint64_t,
                                                Slot* candidate) noexcept {
        if (is_at(candidate, key)) [[likely]] {
            return {&candidate->value, false};
        }
        return search(key);
    }

    Found find_or_insert(const K& key) noexcept { return search(key); }

    /// The key's value; nullptr when it is not there.
    Value* find(const K& key) noexcept {
        return key < max_keys_ && marked(key) ? &slots_[key].value : nullptr;
    }

    /// Takes the key out; false when it is not there.
    /// Order: only while no candidate of prefetch_slot() is held; the same for sweep().
    bool erase(const K& key) noexcept {
        if (find(key) == nullptr) {
            return false;
        }
        unmark(key);
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
            visit_group(hand_, [&](const K& key, Value& value) {
                if (visit(key, value)) {
                    unmark(key);
                }
            });
            hand_ = hand_ + 1 == group_count() ? 0 : hand_ + 1;
        }
        return before - size_;
    }

    /// Shows every key to visit(const K&, Value&), which must not use the table.
    template <class Visit>
    void for_each(Visit&& visit) {
        for (std::uint64_t group = 0; group < group_count(); ++group) {
            visit_group(group, visit);
        }
    }

    /// The key itself: a number below slot_count(), for arrays beside the table.
    std::uint64_t index_of(const Value* value) const noexcept {
        return static_cast<std::uint64_t>(reinterpret_cast<const Slot*>(value) - slots_);
    }

    std::uint32_t size() const noexcept { return size_; }

    std::uint32_t max_keys() const noexcept { return max_keys_; }

    std::uint64_t group_count() const noexcept {
        return (std::uint64_t{max_keys_} + group_keys - 1) / group_keys;
    }

    std::uint64_t slot_count() const noexcept { return max_keys_; }

    Pages pages() const noexcept { return region_.pages(); }

  private:
    using Marks = std::uint16_t;  // one bit for each key of a group
    static_assert(sizeof(Marks) * 8 == group_keys);

    /// Whole lines, so that the slots behind the marks are aligned.
    std::size_t marks_bytes() const noexcept {
        return (group_count() * sizeof(Marks) / cache_line_bytes + 1) * cache_line_bytes;
    }

    static Marks mark_of(std::uint64_t key) noexcept {
        return static_cast<Marks>(1u << key % group_keys);
    }

    [[gnu::always_inline]] bool marked(std::uint64_t key) const noexcept {
        return (marks_[key / group_keys] >> key % group_keys & 1u) != 0;
    }

    void unmark(std::uint64_t key) noexcept {
        marks_[key / group_keys] ^= mark_of(key);
        --size_;
    }

    template <class Visit>
    void visit_group(std::uint64_t group, Visit&& visit) {
        for (std::uint32_t left = marks_[group]; left != 0; left &= left - 1) {
            const auto key = static_cast<K>(group * group_keys +
                                            static_cast<std::uint32_t>(std::countr_zero(left)));
            visit(static_cast<const K&>(key), slots_[key].value);
        }
    }

    /// The cold part: a key that is not there, or was not when its candidate was asked for.
    [[gnu::noinline]] Found search(const K& key) noexcept {
        if (key >= max_keys_) {
            return {};
        }
        Value& value = slots_[key].value;
        if (marked(key)) {
            return {&value, false};
        }
        value = Value{};
        marks_[key / group_keys] |= mark_of(key);
        ++size_;
        return {&value, true};
    }

    std::uint32_t max_keys_;
    std::uint32_t size_ = 0;
    std::uint64_t hand_ = 0;  // the group that the next sweep begins with
    Region region_;
    Marks* marks_ = nullptr;
    Slot* slots_ = nullptr;
};

}  // namespace roda
