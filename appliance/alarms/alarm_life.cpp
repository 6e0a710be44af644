// SPDX-License-Identifier: Apache-2.0
// The states of an alarm, and what is told of them.
//
//                    holds, with a delay               on_delay and min_interval are over
//        +--------+ ------------------> +---------+ --------------------+
//        | normal | <------------------ | pending |                     |
//        +--------+   gone: cancelled   +---------+                     v
//          ^   | holds, without                                    +--------+  [flaps: flapping]
//          |   +-------------------------------------------------> | firing |
//          |                                                       +--------+
//          |                                                 gone |  ^    ^
//          |                                                      v  |    | holds
//          | off_delay is over: resolved                   +----------+   |
//          +---------------------------------------------- | clearing |   |  [flaps: flapping]
//          |                                               +----------+   |
//          |                                      the same, but |         |
//          |                               latching, not        v         |
//          |  acknowledged: resolved       acknowledged    +---------+    |
//          +---------------------------------------------- | latched | ---+
//                                                          +---------+
//
// While it flaps it is firing or clearing, as its condition is, and leaves only when it is steady:
// to firing, normal or latched. Without off_delay it is never clearing but when it flaps.
#include "appliance/alarms/alarm_life.hpp"

#include <algorithm>
#include <bit>

#include "appliance/alarms/alarm_telling.hpp"

namespace roda::appliance {
namespace {

/// From when on a firing is far enough from the last one.
std::uint64_t interval_end_ns(const AlarmCell& cell, const AlertLife& life) noexcept {
    const bool is_none = cell.fired_ns == 0 || life.min_interval_ns == 0;
    return is_none ? 0 : time_after(cell.fired_ns, life.min_interval_ns);
}

std::uint64_t firing_ns(const AlarmCell& cell, const AlertLife& life) noexcept {
    return std::max(time_after(cell.since_ns, life.on_delay_ns), interval_end_ns(cell, life));
}

/// When the state changes by itself.
std::uint64_t state_due_ns(const AlarmCell& cell, const AlertLife& life) noexcept {
    if (cell.flapping) {
        return time_after(cell.since_ns, life.flap_within_ns);
    }
    if (cell.state == AlarmState::pending) {
        return firing_ns(cell, life);
    }
    if (cell.state == AlarmState::clearing) {
        return time_after(cell.since_ns, life.off_delay_ns);
    }
    return never_ns;
}

std::uint64_t change_due_ns(const AlarmCell& cell, const AlertLife& life) noexcept {
    const std::uint64_t shelf_end_ns = is_shelved(cell) ? cell.shelved_until_ns : never_ns;
    return std::min(shelf_end_ns, state_due_ns(cell, life));
}

/// From when on a normal cell's past makes no difference.
std::uint64_t rest_ns(const AlarmCell& cell, const AlertLife& life) noexcept {
    const std::uint64_t flap_end_ns =
        cell.flap_changes == 0 ? 0 : time_after(cell.flap_from_ns, life.flap_within_ns);
    return std::max(interval_end_ns(cell, life), flap_end_ns);
}

/// Its past makes no difference, but for the history.
bool is_over(const AlarmCell& cell, const AlertLife& life) noexcept {
    return cell.last_ns >= rest_ns(cell, life);
}

/// Nothing but time has to pass.
bool is_idle(const AlarmCell& cell) noexcept {
    return cell.state == AlarmState::normal && cell.history == 0 && !is_shelved(cell);
}

/// All that is some: 0 is none, and stays so.
template <class Move>
void move_times(AlarmCell& cell, Move&& move) noexcept {
    for (std::uint64_t* const at : {&cell.last_ns,
                                    &cell.since_ns,
                                    &cell.fired_ns,
                                    &cell.flap_from_ns,
                                    &cell.shelved_until_ns}) {
        *at = *at == 0 ? 0 : move(*at);
    }
}

/// One call's work on a cell. Order: whatever changes the state is followed by telling_.tell().
class Step {
  public:
    Step(AlarmCell& cell, const AlertLife& life) noexcept
        : cell_(cell), life_(life), telling_(cell) {}

    const AlarmChanges& changes() const noexcept { return telling_.changes(); }

    /// What is due by then, each at its time; the shelf's end before the rest of its moment.
    void pass(std::uint64_t event_ns) noexcept {
        std::uint64_t due_ns = change_due_ns(cell_, life_);
        while (due_ns <= event_ns && due_ns != never_ns) {
            cell_.last_ns = std::max(cell_.last_ns, due_ns);
            if (is_shelved(cell_) && cell_.shelved_until_ns == due_ns) {
                telling_.unshelve();
            } else {
                come_due();
                telling_.tell();
            }
            due_ns = change_due_ns(cell_, life_);
        }
        cell_.last_ns = std::max(cell_.last_ns, event_ns);
    }

    /// The condition has changed now. `new_id()` is of an occurrence that begins with it.
    template <class NewId>
    void turn(bool condition, NewId&& new_id) noexcept {
        cell_.condition = condition;
        cell_.since_ns = cell_.last_ns;
        if (cell_.flapping) {
            cell_.state = condition ? AlarmState::firing : AlarmState::clearing;
        } else if (condition) {
            rise(new_id);
        } else {
            fall();
        }
        telling_.tell();
    }

    /// A second time changes nothing, and tells nothing.
    void acknowledge() noexcept {
        cell_.acknowledged = true;
        telling_.tell();
        if (cell_.state == AlarmState::latched) {
            resolve();
            telling_.tell();
        }
    }

    void shelve(std::uint64_t until_ns) noexcept {
        if (until_ns > cell_.last_ns) {
            telling_.shelve(until_ns);
        } else {
            telling_.unshelve();
        }
    }

    /// Nothing is under way any more.
    void end() noexcept {
        resolve();
        telling_.unshelve();
        cell_.last_ns = cell_.since_ns = cell_.fired_ns = cell_.flap_from_ns = 0;
        cell_.history = 0;
        cell_.flap_changes = 0;
        cell_.condition = cell_.flapping = false;
    }

  private:
    void come_due() noexcept {
        if (cell_.flapping) {
            cell_.flapping = false;
            if (cell_.condition) {
                cell_.state = AlarmState::firing;
            } else {
                latch_or_resolve();
            }
        } else if (cell_.state == AlarmState::pending) {
            fire();
        } else {
            settle();
        }
    }

    template <class NewId>
    void rise(NewId&& new_id) noexcept {
        if (cell_.state != AlarmState::normal) {
            cell_.state = AlarmState::firing;
            return;
        }
        cell_.id = new_id();
        if (firing_ns(cell_, life_) <= cell_.last_ns) {
            fire();
        } else {
            cell_.state = AlarmState::pending;
        }
    }

    void fall() noexcept {
        if (cell_.state == AlarmState::pending) {
            resolve();
        } else if (life_.off_delay_ns == 0) {
            settle();
        } else {
            cell_.state = AlarmState::clearing;
        }
    }

    void fire() noexcept {
        cell_.state = AlarmState::firing;
        cell_.fired_ns = std::max<std::uint64_t>(cell_.last_ns, 1);  // 0: none
        cell_.flapping = reaches_flapping();
    }

    /// The condition is gone for long enough.
    void settle() noexcept {
        if (!is_held_by_latch() && reaches_flapping()) {
            cell_.state = AlarmState::clearing;
            cell_.flapping = true;
        } else {
            latch_or_resolve();
        }
    }

    void latch_or_resolve() noexcept {
        if (is_held_by_latch()) {
            cell_.state = AlarmState::latched;
        } else {
            resolve();
        }
    }

    bool is_held_by_latch() const noexcept { return life_.latching && !cell_.acknowledged; }

    void resolve() noexcept {
        cell_.state = AlarmState::normal;
        cell_.id = 0;
        cell_.acknowledged = false;
    }

    /// Counts a firing or a resolving of now.
    bool reaches_flapping() noexcept {
        if (life_.flap_changes == 0) {
            return false;
        }
        const std::uint64_t now_ns = cell_.last_ns;
        if (cell_.flap_changes == 0 || now_ns - cell_.flap_from_ns >= life_.flap_within_ns) {
            cell_.flap_changes = 0;
            cell_.flap_from_ns = now_ns;
        }
        ++cell_.flap_changes;
        const bool steady = now_ns - cell_.since_ns >= life_.flap_within_ns;
        if (cell_.flap_changes < life_.flap_changes || steady) {
            return false;
        }
        cell_.flap_changes = 0;
        return true;
    }

    AlarmCell& cell_;
    const AlertLife& life_;
    AlarmTelling telling_;
};

}  // namespace

AlarmChanges AlarmLife::judge(AlarmCell& cell,
                              const AlertLife& life,
                              bool fulfilled,
                              std::uint64_t event_ns) const noexcept {
    Step step(cell, life);
    step.pass(event_ns);
    cell.history = (cell.history << 1 | (fulfilled ? 1 : 0)) & remembered(life);
    const bool holds = static_cast<std::uint32_t>(std::popcount(cell.history)) >= life.at_least;
    if (holds != cell.condition) {
        step.turn(holds, [this] { return next_id_(ids_); });
    }
    return step.changes();
}

AlarmChanges AlarmLife::pass(AlarmCell& cell,
                             const AlertLife& life,
                             std::uint64_t event_ns) const noexcept {
    Step step(cell, life);
    step.pass(event_ns);
    return step.changes();
}

AlarmChanges AlarmLife::acknowledge(AlarmCell& cell,
                                    const AlertLife& life,
                                    std::uint64_t event_ns) const noexcept {
    Step step(cell, life);
    step.pass(event_ns);
    if (stands(cell)) {
        step.acknowledge();
    }
    return step.changes();
}

AlarmChanges AlarmLife::shelve(AlarmCell& cell,
                               const AlertLife& life,
                               std::uint64_t event_ns,
                               std::uint64_t until_ns) const noexcept {
    Step step(cell, life);
    step.pass(event_ns);
    step.shelve(until_ns);
    return step.changes();
}

AlarmChanges AlarmLife::end(AlarmCell& cell,
                            const AlertLife& life,
                            std::uint64_t event_ns) const noexcept {
    Step step(cell, life);
    step.pass(event_ns);
    step.end();
    return step.changes();
}

std::uint64_t AlarmLife::due_ns(const AlarmCell& cell, const AlertLife& life) noexcept {
    if (is_idle(cell)) {
        const std::uint64_t end_ns = rest_ns(cell, life);
        return end_ns > cell.last_ns ? end_ns : never_ns;
    }
    return change_due_ns(cell, life);
}

void AlarmLife::set_back(AlarmCell& cell, std::uint64_t back_ns) noexcept {
    move_times(cell, [back_ns](std::uint64_t at_ns) {
        return at_ns > back_ns ? at_ns - back_ns : 1;  // 0 would be none
    });
}

void AlarmLife::set_ahead(AlarmCell& cell, std::uint64_t ahead_ns) noexcept {
    move_times(cell, [ahead_ns](std::uint64_t at_ns) { return time_after(at_ns, ahead_ns); });
}

void AlarmLife::bring_back(AlarmCell& cell, std::uint64_t event_ns) noexcept {
    const std::uint64_t shelf_ns = cell.shelved_until_ns - cell.last_ns;
    move_times(cell, [event_ns](std::uint64_t at_ns) {
        return std::min(at_ns, std::max<std::uint64_t>(event_ns, 1));
    });
    if (is_shelved(cell)) {
        cell.shelved_until_ns = time_after(cell.last_ns, shelf_ns);
    }
}

bool AlarmLife::is_at_rest(const AlarmCell& cell, const AlertLife& life) noexcept {
    return is_idle(cell) && is_over(cell, life);
}

bool AlarmLife::is_forgetting(const AlarmCell& cell, const AlertLife& life) noexcept {
    return cell.state == AlarmState::normal && !cell.condition && !is_shelved(cell) &&
           (cell.history & 1) == 0 && is_over(cell, life);
}

}  // namespace roda::appliance
