// SPDX-License-Identifier: Apache-2.0
// The sets of points that sensors match, each kept once: a sensor has the number of its set.
#pragma once

#include <cstdint>
#include <span>

#include "appliance/rules/rule_book.hpp"
#include "pipeline/memory/region.hpp"

namespace roda::appliance {

/// What all sensors of a set share on the hot path: tests that are made for each reading, because
/// no quiet interval can speak for them. Infinities where the set has no such rule. A little below
/// the rules' own figures, so that a test that rounds never passes over what they would find.
struct WatchTest {
    double rate_per_ns;  // the least of its rates
    double variances;    // the least of its deviations, squared
};

struct RuleSet {
    std::span<const std::uint32_t> points;  // ascending
    bool is_watched;  // some rule is a rate, a deviation, a flat line, or of a window
};

/// Thread: the shard's. Set 0 is the empty one. Cost: no allocation after construction; intern()
/// and the subscript take constant time.
class RuleSets {
  public:
    /// Room for so many sets beside the empty one, and sixteen times as many points in all of them.
    /// Errors: StartupError: no memory, or more than 2^24.
    explicit RuleSets(std::uint32_t max_sets);

    /// Starts anew for another book, which must outlive its sets: every number but 0 is void.
    void clear(const RuleBook& book) noexcept;

    /// The number of this set (points ascending) of the book that clear() was given; no_index, and
    /// counted: there is no room.
    std::uint32_t intern(std::span<const std::uint32_t> points) noexcept;

    RuleSet operator[](std::uint32_t set) const noexcept;

    const WatchTest& watch_of(std::uint32_t set) const noexcept { return watches_[set]; }

    /// The empty one among them.
    std::uint32_t size() const noexcept { return size_; }

    /// Times that intern() found no room; not reset.
    std::uint64_t refused() const noexcept { return refused_; }

  private:
    struct Entry {
        std::uint64_t hash;
        std::uint32_t first;  // of its points in the arena
        std::uint32_t count;
        bool is_watched;
    };

    struct Layout;  // of the region: tests, entries, slots, points

    RuleSets(std::uint32_t max_sets, const Layout& layout);

    std::span<const std::uint32_t> points_of(const Entry& entry) const noexcept {
        return {points_ + entry.first, entry.count};
    }

    /// Writes down what is known of a set whose points come next in the arena.
    void put(std::uint32_t set, std::span<const std::uint32_t> points, std::uint64_t hash) noexcept;

    std::uint32_t max_sets_;
    std::uint32_t max_points_;
    std::uint32_t slot_mask_;
    std::uint32_t size_ = 1;
    std::uint32_t used_points_ = 0;
    std::uint64_t refused_ = 0;
    Region region_;
    WatchTest* watches_;  // by number, as are the entries: apart, for the hot path
    Entry* entries_;
    std::uint32_t* slots_;  // the numbers by hash, 0: free; at most half are taken
    std::uint32_t* points_;
    const RuleBook* book_ = nullptr;
};

}  // namespace roda::appliance
