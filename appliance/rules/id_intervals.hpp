// SPDX-License-Identifier: Apache-2.0
// Ranges of ids, each with a number; finds those that an id lies in. An interval tree without
// pointers: sorted by first id, the root of a stretch is its middle.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "appliance/config/rule.hpp"

namespace roda::appliance {

/// Thread: immutable once made; any.
class IdIntervals {
  public:
    struct Interval {
        IdRange ids;
        std::uint32_t number;
    };

    IdIntervals() = default;

    explicit IdIntervals(std::vector<Interval> intervals) {
        std::sort(intervals.begin(), intervals.end(), [](const Interval& a, const Interval& b) {
            return std::tie(a.ids.first, a.number) < std::tie(b.ids.first, b.number);
        });
        nodes_.reserve(intervals.size());
        for (const Interval& interval : intervals) {
            nodes_.push_back({interval.ids, interval.ids.last, interval.number});
        }
        greatest_of(0, nodes_.size());
    }

    /// visit(number) for each range that holds the id, in no order.
    ///
    /// Cost: each subtree that is entered holds such a range, or is on the one way down to the id:
    /// O((1 + visits) * log n).
    template <class Visit>
    void find(std::uint64_t id, Visit&& visit) const noexcept {
        find_within(0, nodes_.size(), id, visit);
    }

  private:
    struct Node {
        IdRange ids;
        std::uint64_t greatest;  // last id of its subtree's ranges
        std::uint32_t number;
    };

    static std::size_t middle_of(std::size_t begin, std::size_t end) noexcept {
        return begin + (end - begin) / 2;
    }

    std::uint64_t greatest_of(std::size_t begin, std::size_t end) noexcept {
        if (begin == end) {
            return 0;
        }
        const std::size_t middle = middle_of(begin, end);
        Node& node = nodes_[middle];
        node.greatest =
            std::max({node.ids.last, greatest_of(begin, middle), greatest_of(middle + 1, end)});
        return node.greatest;
    }

    // Recursive into the left half only, so as deep as the logarithm of the ranges.
    template <class Visit>
    void find_within(std::size_t begin,
                     std::size_t end,
                     std::uint64_t id,
                     Visit& visit) const noexcept {
        while (begin != end) {
            const std::size_t middle = middle_of(begin, end);
            const Node& node = nodes_[middle];
            if (node.greatest < id) {
                return;
            }
            if (id < node.ids.first) {
                end = middle;
                continue;
            }
            if (id <= node.ids.last) {
                visit(node.number);
            }
            find_within(begin, middle, id, visit);
            begin = middle + 1;
        }
    }

    std::vector<Node> nodes_;
};

}  // namespace roda::appliance
