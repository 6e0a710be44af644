// SPDX-License-Identifier: Apache-2.0
// The life of an alarm: from "its condition holds since then" to the transitions that people see.
// Knows neither sensors nor rules' kinds nor clocks; alarm_life.cpp has the state diagram.
//
// Two things are kept apart: the state, which goes on whatever people do, and what was told of it.
// Records only ever bring what was told up to the state, so those of one id are a path of the
// diagram in alert_record.hpp: they begin with pending, firing or shelved, and end with cancelled
// or resolved.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "appliance/alarms/alarm_cell.hpp"
#include "appliance/alarms/alert_record.hpp"
#include "appliance/config/rule.hpp"

namespace roda::appliance {

/// A transition to be recorded.
struct AlarmChange {
    Transition transition;
    std::uint64_t event_ns;  // exactly when: a delay's end, not the reading that showed it
    std::uint64_t id;        // of the occurrence

    friend bool operator==(const AlarmChange&, const AlarmChange&) = default;
};

/// What one step of a life brings, in order.
class AlarmChanges {
  public:
    /// A shelf ends over an alert that flaps: unshelved, resolved (of the occurrence before),
    /// firing, flapping, acknowledged; it is steady: resolved; a reading: firing, flapping.
    static constexpr std::size_t most = 8;

    void add(Transition transition, std::uint64_t event_ns, std::uint64_t id) noexcept {
        changes_[size_++] = {transition, event_ns, id};
    }

    const AlarmChange* begin() const noexcept { return changes_.data(); }

    const AlarmChange* end() const noexcept { return changes_.data() + size_; }

    std::size_t size() const noexcept { return size_; }

  private:
    std::array<AlarmChange, most> changes_{};
    std::size_t size_ = 0;
};

/// `next_id` makes the id of a new occurrence, never 0: called once for each, shelved or not.
///
/// Every call first lets time pass up to event_ns (what was due by then, at event_ns as well, has
/// its own event time), so calls with growing event_ns are all that is needed; one whose event_ns
/// is before the cell's last is taken for that last. So a condition that ends at the very moment
/// its delay does has fired, and ends then.
///
/// on_delay, min_interval: pending from the condition's beginning until both are over; fires at
/// once where they are. An interval goes from one firing to the next.
/// off_delay: the condition is gone so long before the alert resolves; one that holds again by then
/// was never gone, for those who watch.
/// latching: whatever would resolve waits for an acknowledgement, before it or after.
/// Flapping: firings and resolvings are counted for flap_within_ns from the first, then anew. The
/// one that reaches flap_changes is told as `flapping` (after `firing`, where it is one; instead of
/// `resolved`), and the alert stands until its condition has not changed for flap_within_ns: then
/// it resolves or is `firing` again, the same occurrence. A condition that has not changed for so
/// long (delays may be longer) does not flap, and what an acknowledgement resolves is not counted.
/// A shelf covers shelve's event_ns <= time < until_ns. At its end what is true by then is told,
/// if it was not before: with the shelf's end as its event time.
///
/// Thread: the shard's. Cost: no allocation, no clock.
class AlarmLife {
  public:
    using NextId = std::uint64_t (*)(void*);

    AlarmLife(NextId next_id, void* ids) noexcept : next_id_(next_id), ids_(ids) {}

    /// The sensor's reading of event_ns fulfils the condition, or not (`at_least` of `of_last` are
    /// counted here).
    AlarmChanges judge(AlarmCell& cell,
                       const AlertLife& life,
                       bool fulfilled,
                       std::uint64_t event_ns) const noexcept;

    /// Time has come to event_ns without a reading.
    AlarmChanges pass(AlarmCell& cell,
                      const AlertLife& life,
                      std::uint64_t event_ns) const noexcept;

    /// By an operator. Nothing where no alert stands, or it is acknowledged already.
    AlarmChanges acknowledge(AlarmCell& cell,
                             const AlertLife& life,
                             std::uint64_t event_ns) const noexcept;

    /// By an operator: transitions are kept back until then. `shelved` where an alert stands or is
    /// pending, once until the shelf ends; `unshelved` then, for each `shelved`, of the same
    /// occurrence. Again: moves the end. until_ns <= event_ns: ends it now.
    AlarmChanges shelve(AlarmCell& cell,
                        const AlertLife& life,
                        std::uint64_t event_ns,
                        std::uint64_t until_ns) const noexcept;

    /// The rule is gone: ends what was told (`unshelved` first, where it is shelved) and forgets
    /// the rest; the cell is at rest.
    AlarmChanges end(AlarmCell& cell, const AlertLife& life, std::uint64_t event_ns) const noexcept;

    /// The cell's clock is set back by so much: all that it remembers moves with it, no further
    /// than to 1 ns.
    static void set_back(AlarmCell& cell, std::uint64_t back_ns) noexcept;

    /// And the other way; no further than to the end of all times.
    static void set_ahead(AlarmCell& cell, std::uint64_t ahead_ns) noexcept;

    /// A time was wrong that it was told: what it remembers from after event_ns was then, what is
    /// from before stays. A shelf lasts as long as it would have.
    static void bring_back(AlarmCell& cell, std::uint64_t event_ns) noexcept;

    /// When pass() will next have something to say, or the cell comes to rest: always after the
    /// time that was last passed. ~0: only a reading or a person can.
    static std::uint64_t due_ns(const AlarmCell& cell, const AlertLife& life) noexcept;

    /// Nothing of the life has to be remembered (what the judge keeps in the cell apart): from here
    /// on it is as good as a new one.
    static bool is_at_rest(const AlarmCell& cell, const AlertLife& life) noexcept;

    // Short cuts of judge(), for those who know that a reading does not change the condition.

    /// One more reading that fulfils the condition, or does not, as the last one leaves the history
    /// as it is.
    static bool is_steady(const AlarmCell& cell, const AlertLife& life) noexcept {
        return cell.history == 0 || cell.history == remembered(life);
    }

    /// forget_one() is all that a reading does that does not fulfil the condition, as the last one
    /// did not; the cell is at rest when its history is empty.
    static bool is_forgetting(const AlarmCell& cell, const AlertLife& life) noexcept;

    static void forget_one(AlarmCell& cell, const AlertLife& life) noexcept {
        cell.history = cell.history << 1 & remembered(life);
    }

  private:
    /// As a mask of the history.
    static std::uint64_t remembered(const AlertLife& life) noexcept {
        return ~std::uint64_t{0} >> (64 - life.of_last);
    }

    NextId next_id_;
    void* ids_;
};

}  // namespace roda::appliance
