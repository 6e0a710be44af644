// SPDX-License-Identifier: Apache-2.0
// The work of keyed_work.hpp by other means: by hand over the same table, by hand over an array
// indexed by sensor id (the floor), and with the standard library's maps in the seed's shape.
#pragma once

#include <array>
#include <span>
#include <unordered_map>
#include <utility>

#include "bench/keyed_work.hpp"
#include "bench/sensor_load.hpp"
#include "pipeline/table/key_table.hpp"

namespace roda::bench {

/// What the group keeps beside the key.
struct GroupState {
    SensorSummary summary;
    double mean_before;
    std::uint8_t grade;
    bool jumped;

    /// A reading of a sensor whose summary is up to date.
    template <class Sink>
    void after_fold(bool first, std::uint64_t cause, Sink& sink) noexcept {
        const double before = std::exchange(mean_before, kept_mean(summary));
        const std::optional<Jump> jump = jump_of(summary, first ? nullptr : &before);
        if (jump && !(jumped && grade == jump->grade)) {
            jumped = true;
            grade = jump->grade;
            sink(to_record(*jump), cause);
        }
    }
};

/// What a careful engineer writes for this one purpose over the same KeyTable: the look-ups are
/// kept, the readings are not copied.
class HandLoop {
  public:
    explicit HandLoop(std::uint32_t sensors) : table_(sensors) {}

    template <class Sink>
    void run(std::span<const proto::Reading> burst, std::uint64_t first_cause, Sink& sink) {
        const std::size_t count = burst.size();
        for (std::size_t i = 0; i < count + 2 * step; ++i) {
            if (i >= 2 * step) {
                update(burst[i - 2 * step], lookups_[i % window], first_cause + i - 2 * step, sink);
            }
            if (i < count) {
                lookups_[i % window].hash = table_.hash(burst[i].sensor_id);
                table_.prefetch_tags(lookups_[i % window].hash);
            }
            if (i >= step && i < count + step) {
                Lookup& lookup = lookups_[(i - step) % window];
                lookup.slot = table_.prefetch_slot(lookup.hash);
            }
        }
    }

  private:
    static constexpr std::size_t step = 16;
    static constexpr std::size_t window = 2 * step;

    using Table = KeyTable<std::uint64_t, GroupState>;

    struct Lookup {
        std::uint64_t hash;
        Table::Slot* slot;
    };

    template <class Sink>
    void update(const proto::Reading& reading,
                const Lookup& lookup,
                std::uint64_t cause,
                Sink& sink) noexcept {
        if (!is_usable(reading)) {
            return;
        }
        const auto found = table_.find_or_insert(reading.sensor_id, lookup.hash, lookup.slot);
        if (found.value == nullptr) {
            return;
        }
        if (found.fresh) {
            found.value->summary = SensorSummary::first(reading);
        } else {
            SensorSummary::fold(found.value->summary, reading);
        }
        found.value->after_fold(found.fresh, cause, sink);
    }

    Table table_;
    std::array<Lookup, window> lookups_{};
};

/// The id is the index: no hash, no tags, nothing to compare; the same slot of one line, asked
/// for 24 readings ahead. Nothing that keeps a line per sensor can be faster.
class DenseArray {
  public:
    explicit DenseArray(std::uint32_t sensors) : slots_(sensors + std::size_t{1}) {}

    template <class Sink>
    void run_group(std::span<const proto::Reading> burst, std::uint64_t cause, Sink& sink) {
        each(burst, [&](Slot& slot, const proto::Reading& reading) {
            if (is_usable(reading)) {
                const bool first = fold_into(slot, reading);
                slot.state.after_fold(first, cause, sink);
            }
            ++cause;
        });
    }

    template <class Sink>
    void run_stateful(std::span<const proto::Reading> burst, std::uint64_t cause, Sink& sink) {
        each(burst, [&](Slot& slot, const proto::Reading& reading) {
            fold_into(slot, reading);
            sink(slot.state.summary, cause++);
        });
    }

  private:
    struct alignas(64) Slot {
        std::uint64_t key;
        GroupState state;
    };

    static_assert(sizeof(Slot) == 64);

    static constexpr std::size_t ahead = 24;

    static bool fold_into(Slot& slot, const proto::Reading& reading) noexcept {
        const bool first = slot.state.summary.count == 0;
        if (first) {
            slot.key = reading.sensor_id;
            slot.state.summary = SensorSummary::first(reading);
        } else {
            SensorSummary::fold(slot.state.summary, reading);
        }
        return first;
    }

    template <class Body>
    void each(std::span<const proto::Reading> burst, const Body& body) {
        for (std::size_t i = 0; i < burst.size(); ++i) {
            if (i + ahead < burst.size()) {
                __builtin_prefetch(&slots_[burst[i + ahead].sensor_id], 1);
            }
            body(slots_[burst[i].sensor_id], burst[i]);
        }
    }

    Array<Slot> slots_;
};

/// The seed's shape: each operator has a map of its own and keeps whole items; an item at a time.
/// Ids without gaps are the best that can happen to std::hash.
class ThreeMaps {
  public:
    explicit ThreeMaps(std::uint32_t sensors) {
        summaries_.reserve(sensors);
        previous_.reserve(sensors);
        jumps_.reserve(sensors);
    }

    template <class Sink>
    void run_group(std::span<const proto::Reading> burst, std::uint64_t cause, Sink& sink) {
        for (const proto::Reading& reading : burst) {
            if (is_usable(reading)) {
                judge(reading.sensor_id, fold_into(reading), cause, sink);
            }
            ++cause;
        }
    }

    template <class Sink>
    void run_stateful(std::span<const proto::Reading> burst, std::uint64_t cause, Sink& sink) {
        for (const proto::Reading& reading : burst) {
            sink(fold_into(reading), cause++);
        }
    }

  private:
    const SensorSummary& fold_into(const proto::Reading& reading) {
        const auto [at, first] =
            summaries_.try_emplace(reading.sensor_id, SensorSummary::first(reading));
        if (!first) {
            SensorSummary::fold(at->second, reading);
        }
        return at->second;
    }

    template <class Sink>
    void judge(std::uint64_t id, const SensorSummary& now, std::uint64_t cause, Sink& sink) {
        const auto [before, first] = previous_.try_emplace(id, now);
        std::optional<Jump> jump;
        if (!first) {
            const double mean_before = kept_mean(before->second);
            before->second = now;
            jump = jump_of(now, &mean_before);
        }
        if (!jump) {
            return;
        }
        const auto [last, fresh] = jumps_.try_emplace(id, *jump);
        if (fresh || last->second.grade != jump->grade) {
            last->second = *jump;
            sink(to_record(*jump), cause);
        }
    }

    std::unordered_map<std::uint64_t, SensorSummary> summaries_;
    std::unordered_map<std::uint64_t, SensorSummary> previous_;
    std::unordered_map<std::uint64_t, Jump> jumps_;
};

}  // namespace roda::bench
