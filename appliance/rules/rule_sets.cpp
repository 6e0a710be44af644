// SPDX-License-Identifier: Apache-2.0
#include "appliance/rules/rule_sets.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <limits>
#include <string>

#include "pipeline/base/error.hpp"

namespace roda::appliance {

namespace {

constexpr std::uint32_t most_sets = 1u << 24;
constexpr std::uint32_t points_per_set = 16;

constexpr WatchTest no_watch{std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::infinity()};

// More than what is lost in the handful of roundings between a rule and a test of it.
constexpr double a_little_less = 1.0 - 0x1p-48;

// Books, and so their points, are the operator's: no stranger chooses collisions.
std::uint64_t hash_of(std::span<const std::uint32_t> points) noexcept {
    std::uint64_t hash = ~std::uint64_t{points.size()};  // which no point makes 0
    for (const std::uint32_t point : points) {
        hash = (hash ^ point) * 0x9e37'79b9'7f4a'7c15u;
        hash ^= hash >> 32;
    }
    return hash;
}

std::uint32_t checked(std::uint32_t max_sets) {
    if (max_sets > most_sets) {
        throw StartupError(std::to_string(max_sets) + " sets of rules are too many",
                           "rules",
                           "the most are " + std::to_string(most_sets));
    }
    return max_sets;
}

bool is_watched(const AlarmPoint& point) noexcept {
    return point.kind == RuleKind::rate || point.kind == RuleKind::deviation ||
           point.kind == RuleKind::flatline || is_of_window(point.of);
}

}  // namespace

struct RuleSets::Layout {
    explicit Layout(std::uint32_t max_sets)
        : slot_count(std::bit_ceil(2 * max_sets + 2)),
          max_points(points_per_set * max_sets),
          entries(sizeof(WatchTest) * (std::size_t{max_sets} + 1)),
          slots(entries + sizeof(Entry) * (std::size_t{max_sets} + 1)),
          points(slots + sizeof(std::uint32_t) * slot_count),
          bytes(points + sizeof(std::uint32_t) * max_points) {}

    std::uint32_t slot_count;
    std::uint32_t max_points;
    std::size_t entries;  // offsets
    std::size_t slots;
    std::size_t points;
    std::size_t bytes;
};

RuleSets::RuleSets(std::uint32_t max_sets) : RuleSets(max_sets, Layout(checked(max_sets))) {}

RuleSets::RuleSets(std::uint32_t max_sets, const Layout& layout)
    : max_sets_(max_sets),
      max_points_(layout.max_points),
      slot_mask_(layout.slot_count - 1),
      region_(Region::anonymous(layout.bytes)),
      watches_(reinterpret_cast<WatchTest*>(region_.data())),
      entries_(reinterpret_cast<Entry*>(region_.data() + layout.entries)),
      slots_(reinterpret_cast<std::uint32_t*>(region_.data() + layout.slots)),
      points_(reinterpret_cast<std::uint32_t*>(region_.data() + layout.points)) {
    watches_[0] = no_watch;
    entries_[0] = {.hash = 0, .first = 0, .count = 0, .is_watched = false};
}

void RuleSets::clear(const RuleBook& book) noexcept {
    std::fill_n(slots_, std::size_t{slot_mask_} + 1, 0);
    size_ = 1;
    used_points_ = 0;
    book_ = &book;
}

std::uint32_t RuleSets::intern(std::span<const std::uint32_t> points) noexcept {
    if (points.empty()) {
        return 0;
    }
    const std::uint64_t hash = hash_of(points);
    std::uint32_t slot = static_cast<std::uint32_t>(hash) & slot_mask_;
    for (; slots_[slot] != 0; slot = (slot + 1) & slot_mask_) {
        const Entry& entry = entries_[slots_[slot]];
        if (entry.hash == hash && std::ranges::equal(points_of(entry), points)) {
            return slots_[slot];
        }
    }
    if (size_ > max_sets_ || points.size() > max_points_ - used_points_) {
        ++refused_;
        return no_index;
    }
    std::ranges::copy(points, points_ + used_points_);
    put(size_, points, hash);
    used_points_ += static_cast<std::uint32_t>(points.size());
    slots_[slot] = size_;
    return size_++;
}

void RuleSets::put(std::uint32_t set,
                   std::span<const std::uint32_t> points,
                   std::uint64_t hash) noexcept {
    WatchTest& watch = watches_[set] = no_watch;
    Entry& entry = entries_[set] = {.hash = hash,
                                    .first = used_points_,
                                    .count = static_cast<std::uint32_t>(points.size()),
                                    .is_watched = false};
    for (const std::uint32_t number : points) {
        const AlarmPoint& point = book_->points()[number];
        entry.is_watched = entry.is_watched || is_watched(point);
        const double limit = point.limit * a_little_less;
        if (point.kind == RuleKind::rate) {
            watch.rate_per_ns = std::min(watch.rate_per_ns, limit / 1e9);
        } else if (point.kind == RuleKind::deviation) {
            watch.variances = std::min(watch.variances, limit * limit);
        }
    }
}

RuleSet RuleSets::operator[](std::uint32_t set) const noexcept {
    const Entry& entry = entries_[set];
    return {.points = points_of(entry), .is_watched = entry.is_watched};
}

}  // namespace roda::appliance
