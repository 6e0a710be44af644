// SPDX-License-Identifier: Apache-2.0
// How often alerts changed, and how many stand: by series (a rule's name and a severity).
//
// Atomics: each is written by the shard's worker alone and read by anyone; they order nothing
// (relaxed), a reader may see one ahead of another.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "appliance/alarms/alert_record.hpp"
#include "appliance/rules/rule_book.hpp"

namespace roda::appliance {

/// Of one series. Nothing but 64-bit counters (counter_sum.hpp).
struct SeriesFigures {
    std::array<std::uint64_t, transition_count> transitions{};
    std::uint64_t pending = 0;  // now
    std::uint64_t firing = 0;   // now, and not shelved
    std::uint64_t shelved = 0;  // now
};

/// Thread: the shard's worker changes, anyone reads. Shape: room for every series there may be,
/// taken at construction, so that a reload moves nothing.
class AlertTally {
  public:
    enum class Gauge : std::uint8_t { pending, firing, shelved };

    void count(std::uint32_t series, Transition transition) noexcept {
        add(series, static_cast<std::size_t>(transition), 1);
    }

    void move(std::uint32_t series, Gauge gauge, bool up) noexcept {
        add(series, transition_count + static_cast<std::size_t>(gauge), up ? 1 : ~std::uint64_t{0});
    }

    /// Adds this shard's figures of a series.
    void add_to(SeriesFigures& sum, std::uint32_t series) const noexcept {
        const Cells& cells = series_[series];
        for (std::size_t i = 0; i < transition_count; ++i) {
            sum.transitions[i] += cells[i].load(std::memory_order_relaxed);
        }
        sum.pending += cells[transition_count].load(std::memory_order_relaxed);
        sum.firing += cells[transition_count + 1].load(std::memory_order_relaxed);
        sum.shelved += cells[transition_count + 2].load(std::memory_order_relaxed);
    }

  private:
    using Cells = std::array<std::atomic<std::uint64_t>, transition_count + 3>;

    void add(std::uint32_t series, std::size_t cell, std::uint64_t amount) noexcept {
        std::atomic<std::uint64_t>& counter = series_[series][cell];
        counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }

    std::vector<Cells> series_ = std::vector<Cells>(SeriesRegistry::max_series);
};

}  // namespace roda::appliance
