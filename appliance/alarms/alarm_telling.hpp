// SPDX-License-Identifier: Apache-2.0
// What people are told of an alarm: the transitions that bring their picture up to its state, now
// or when its shelf ends. Of alarm_life.cpp alone.
#pragma once

#include <cstdint>

#include "appliance/alarms/alarm_life.hpp"

namespace roda::appliance {

inline bool is_shelved(const AlarmCell& cell) noexcept {
    return cell.shelved_until_ns != 0;
}

inline bool stands(const AlarmCell& cell) noexcept {
    return cell.state != AlarmState::normal && cell.state != AlarmState::pending;
}

/// Of one call on one cell, at its last_ns.
class AlarmTelling {
  public:
    explicit AlarmTelling(AlarmCell& cell) noexcept : cell_(cell) {}

    const AlarmChanges& changes() const noexcept { return changes_; }

    /// The state is told, unless it is shelved or was told already.
    void tell() noexcept {
        if (is_shelved(cell_)) {
            return;
        }
        if (cell_.told_id != cell_.id) {
            tell_end();
            cell_.told_id = cell_.id;
        }
        if (cell_.state == AlarmState::pending && cell_.told == Told::nothing) {
            add(Transition::pending, Told::pending);
        }
        if (stands(cell_)) {
            tell_alert();
        }
    }

    void shelve(std::uint64_t until_ns) noexcept {
        cell_.shelved_until_ns = until_ns;
        if (cell_.id != 0 && !cell_.told_shelved) {
            cell_.told_id = cell_.id;
            cell_.told_shelved = true;
            changes_.add(Transition::shelved, cell_.last_ns, cell_.id);
        }
    }

    /// And tells what the shelf kept back.
    void unshelve() noexcept {
        cell_.shelved_until_ns = 0;
        if (cell_.told_shelved) {
            cell_.told_shelved = false;
            changes_.add(Transition::unshelved, cell_.last_ns, cell_.told_id);
        }
        tell();
    }

  private:
    void tell_alert() noexcept {
        const bool flapped = cell_.told == Told::flapping && !cell_.flapping;
        if (cell_.told < Told::firing || flapped) {
            add(Transition::firing, Told::firing);
        }
        if (cell_.told == Told::firing && cell_.flapping) {
            add(Transition::flapping, Told::flapping);
        }
        if (cell_.acknowledged && !cell_.told_acknowledged) {
            cell_.told_acknowledged = true;
            changes_.add(Transition::acknowledged, cell_.last_ns, cell_.id);
        }
    }

    /// Of the occurrence that was told last. To those who were told of no firing there was none.
    void tell_end() noexcept {
        if (cell_.told_id != 0) {
            const bool fired = cell_.told >= Told::firing;
            changes_.add(
                fired ? Transition::resolved : Transition::cancelled, cell_.last_ns, cell_.told_id);
        }
        cell_.told = Told::nothing;
        cell_.told_acknowledged = false;
    }

    void add(Transition transition, Told told) noexcept {
        cell_.told = told;
        changes_.add(transition, cell_.last_ns, cell_.id);
    }

    AlarmCell& cell_;
    AlarmChanges changes_;
};

}  // namespace roda::appliance
