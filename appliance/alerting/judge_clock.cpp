// SPDX-License-Identifier: Apache-2.0
// Sensors' clocks: how far each cell's is behind ours, readings that come late, clocks that are set
// back, times that were wrong.
#include "appliance/alerting/judge.hpp"

namespace roda::appliance {
namespace {

/// So many readings in a row from before the newest, further than any lateness, are not late any
/// more: the clock was set back.
constexpr std::uint32_t late_readings_of_a_step = 8;

}  // namespace

void Judge::put_clock(AlarmCell& cell, std::uint64_t event_ns) const noexcept {
    cell.behind_ns = static_cast<std::int64_t>(receive_now_ns_ - event_ns);
    cell.behind_set_ns = receive_now_ns_;
}

std::uint64_t Judge::event_now_ns(const AlarmCell& cell) const noexcept {
    const std::uint64_t event_ns = cell.behind_set_ns - static_cast<std::uint64_t>(cell.behind_ns);
    return time_after(event_ns, receive_now_ns_ - cell.behind_set_ns);
}

/// The sensor's newest does not prove this time.
void Judge::doubt(AlarmCell& cell, std::uint64_t event_ns, const SensorState& sensor) noexcept {
    if (event_ns > std::max(cell.unproved_ns, sensor.newest_ns)) {
        cell.unproved_ns = event_ns;
        cell.behind_in_a_row = 0;
    }
}

/// Of a reading in order, before it is judged. A cell that no reading has set yet goes over to its
/// sensor's clock. One that was brought to a time by what is no number alone waits for a reading
/// that comes to it, and is brought back when enough in a row did not. True: some cell waits.
bool Judge::follow_clock(std::uint64_t event_ns, const SensorState& sensor) noexcept {
    bool waits = false;
    for (std::uint32_t at = sensor.alarms; at != 0; at = cells_[at - 1].next) {
        AlarmCell& cell = cells_[at - 1];
        if ((cell.point & window_mark) != 0) {
            continue;
        }
        if (!cell.clock_known) {
            begin_clock(cell, event_ns, sensor);
        }
        if (event_ns >= cell.unproved_ns) {
            cell.unproved_ns = 0;
        } else if (++cell.behind_in_a_row >= late_readings_of_a_step) {
            bring_back(cell, event_ns);
        } else {
            waits = true;
        }
    }
    return waits;
}

/// A silence before the first reading is by the receive clock as well.
void Judge::begin_clock(AlarmCell& cell,
                        std::uint64_t event_ns,
                        const SensorState& sensor) const noexcept {
    const std::uint64_t now_ns = event_now_ns(cell);
    if (event_ns < now_ns) {
        AlarmLife::set_back(cell, now_ns - event_ns);
    } else {
        AlarmLife::set_ahead(cell, event_ns - now_ns);
    }
    if (sensor.count() == 0) {
        const std::uint64_t silent_ns = now_ns - std::min(now_ns, cell.flat_from_ns);
        cell.flat_from_ns = event_ns - std::min(event_ns, silent_ns);
    }
    put_clock(cell, event_ns);
    cell.clock_known = true;
}

void Judge::bring_back(AlarmCell& cell, std::uint64_t event_ns) noexcept {
    AlarmLife::bring_back(cell, event_ns);
    cell.unproved_ns = 0;
}

/// As its windows have it: no sign of a clock that was set back.
bool Judge::is_within_lateness(const proto::Reading& reading,
                               const SensorState& sensor) const noexcept {
    const std::uint64_t behind_ns = sensor.newest_ns - reading.timestamp_ns;
    for (std::uint32_t at = sensor.alarms; at != 0; at = cells_[at - 1].next) {
        const AlarmCell& cell = cells_[at - 1];
        if ((cell.point & window_mark) != 0 && behind_ns <= windows_.lateness_ns(cell.place)) {
            return true;
        }
    }
    return false;
}

/// What is older than the newest says nothing about now: only windows take it. While such readings
/// are counted, the next is looked at whether it is late as well.
void Judge::take_late(const proto::Reading& reading, SensorState& sensor) noexcept {
    const std::uint32_t late =
        sensor.late_in_a_row() + (is_within_lateness(reading, sensor) ? 0 : 1);
    if (late >= late_readings_of_a_step) {
        set_clock_back(reading, sensor);
        return;
    }
    ++counters_.late;
    if (late != 0) {
        sensor.put_late_in_a_row(late);
        set_quiet(sensor, QuietInterval::none());
    }
    end_silence(reading, sensor);
    fold_into_windows(reading, sensor);
}

/// The alarms go on where they were, by the new clock: each goes back by how far it is ahead of it.
/// One that the sensor's wrong clock has not reached is not.
void Judge::set_clock_back(const proto::Reading& reading, SensorState& sensor) noexcept {
    ++counters_.clock_steps;
    const std::uint64_t back_ns = sensor.newest_ns - reading.timestamp_ns;
    for (std::uint32_t at = sensor.alarms; at != 0; at = cells_[at - 1].next) {
        AlarmCell& cell = cells_[at - 1];
        if ((cell.point & window_mark) != 0) {
            windows_.clear(cell.place);
            continue;
        }
        if (!cell.clock_known) {
            begin_clock(cell, reading.timestamp_ns, sensor);
        }
        const std::uint64_t now_ns = event_now_ns(cell);
        const std::uint64_t ahead_ns = now_ns - std::min(now_ns, reading.timestamp_ns);
        const std::uint64_t step_ns = std::min(ahead_ns, back_ns);
        AlarmLife::set_back(cell, step_ns);
        put_clock(cell, now_ns - step_ns);
        cell.flat_from_ns -= std::min(cell.flat_from_ns, step_ns);
        cell.flat_from_ns = std::min(cell.flat_from_ns, reading.timestamp_ns);
        if (cell.unproved_ns != 0) {
            bring_back(cell, reading.timestamp_ns);
        }
    }
    sensor.put_late_in_a_row(0);
    const SensorState before = sensor;
    sensor.newest_ns = reading.timestamp_ns;
    sensor.add(reading.value, reading.timestamp_ns, weights_);
    fold_into_windows(reading, sensor);
    judge_points(reading, before, sensor);
}

}  // namespace roda::appliance
