// SPDX-License-Identifier: Apache-2.0
// One loading of the rules, as all shards of a process share it: the book, what of the edition
// before goes on in it, and what shards tell each other.
//
// Atomics: counts of groups and homes of sensors; each is one number that shards change and look
// at now and then, nothing is published by them (relaxed), but for which shards have joined in.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "appliance/rules/rule_book.hpp"

namespace roda::appliance {

/// How many sensors of each group have alerts, over all shards.
class GroupBoard {
  public:
    struct Cause {
        std::uint64_t sensor_id = 0;
        std::uint64_t event_ns = 0;  // 0: there was none
    };

    explicit GroupBoard(std::size_t groups) : groups_(groups) {}

    /// One sensor more, or one fewer, which must have been one more before.
    void change(std::uint32_t group, bool more, const Cause& cause) noexcept {
        note(group, more, cause);
        const std::uint32_t step = more ? 1 : ~std::uint32_t{0};
        groups_[group].sensors.fetch_add(step, std::memory_order_relaxed);
        changes_.fetch_add(1, std::memory_order_relaxed);
    }

    /// What made the group grow or shrink, where its number here has it already.
    void note(std::uint32_t group, bool more, const Cause& cause) noexcept {
        Last& last = more ? groups_[group].more : groups_[group].fewer;
        last.sensor_id.store(cause.sensor_id, std::memory_order_relaxed);
        last.event_ns.store(cause.event_ns, std::memory_order_relaxed);
    }

    std::uint32_t sensors(std::uint32_t group) const noexcept {
        return groups_[group].sensors.load(std::memory_order_relaxed);
    }

    /// Of its last change to more, or to fewer; of two at a time either's fields.
    Cause cause(std::uint32_t group, bool more) const noexcept {
        const Last& last = more ? groups_[group].more : groups_[group].fewer;
        return {last.sensor_id.load(std::memory_order_relaxed),
                last.event_ns.load(std::memory_order_relaxed)};
    }

    /// Grows with every change: whoever saw this number has nothing to look at.
    std::uint64_t changes() const noexcept { return changes_.load(std::memory_order_relaxed); }

    std::size_t size() const noexcept { return groups_.size(); }

    /// A shard has counted all of its sensors here. Order: publishes what it counted.
    void join() noexcept { joined_.fetch_add(1, std::memory_order_release); }

    /// Before all have, the numbers say nothing.
    bool is_whole(std::uint32_t shards) const noexcept {
        return joined_.load(std::memory_order_acquire) >= shards;
    }

  private:
    struct Last {
        std::atomic<std::uint64_t> sensor_id{0};
        std::atomic<std::uint64_t> event_ns{0};
    };

    struct Group {
        std::atomic<std::uint32_t> sensors{0};
        Last more;
        Last fewer;
    };

    std::vector<Group> groups_;
    std::atomic<std::uint64_t> changes_{0};
    std::atomic<std::uint32_t> joined_{0};
};

/// Which shard heard of each sensor of the inventory last: where shards share nothing, one that
/// hears nothing more must know that another does.
class SensorHomes {
  public:
    static constexpr std::uint16_t nowhere = 0xffff;

    explicit SensorHomes(std::size_t entries) : homes_(entries) {
        for (auto& home : homes_) {
            home.store(nowhere, std::memory_order_relaxed);
        }
    }

    void move(std::size_t entry, std::uint16_t shard) noexcept {
        homes_[entry].store(shard, std::memory_order_relaxed);
    }

    std::uint16_t home(std::size_t entry) const noexcept {
        return homes_[entry].load(std::memory_order_relaxed);
    }

  private:
    std::vector<std::atomic<std::uint16_t>> homes_;
};

struct RuleEdition {
    /// `before` is nullptr for the first.
    RuleEdition(std::shared_ptr<const RuleBook> the_book, const RuleEdition* before);

    std::shared_ptr<const RuleBook> book;
    bool selects_by_device = false;  // else a sensor's rules are known without a reading
    std::vector<std::uint32_t> points_of_before;   // of each old point its number here, or no_index
    std::vector<std::uint32_t> windows_of_before;  // the same for its windows
    std::vector<std::uint32_t> groups_of_before;   // and for groups
    std::vector<std::uint32_t> group_keys;         // of each group, the same in all editions
    GroupBoard groups;
    SensorHomes homes;
};

}  // namespace roda::appliance
