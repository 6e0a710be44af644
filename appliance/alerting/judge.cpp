// SPDX-License-Identifier: Apache-2.0
// Readings that are not quiet.
#include "appliance/alerting/judge.hpp"

#include <limits>

namespace roda::appliance {
namespace {

/// So many readings in a row from before the newest, further than any lateness, are not late any
/// more: the clock was set back.
constexpr std::uint32_t late_readings_of_a_step = 8;

double seconds(std::uint64_t duration_ns) noexcept {
    return static_cast<double>(duration_ns) / 1e9;
}

bool wants_entry(const RuleSet& set, const AlarmPoint* points) noexcept {
    for (const std::uint32_t point : set.points) {
        if (points[point].of_inventory) {
            return true;
        }
    }
    return false;
}

}  // namespace

Judge::Judge(const Config& config, AlertWriter& writer, std::uint16_t shard, std::uint16_t shards)
    : weights_(config.pipeline.ewma_weight),
      writer_(writer),
      life_([](void* ids) { return static_cast<AlertWriter*>(ids)->next_id(); }, &writer),
      shard_(shard),
      shards_(shards),
      sets_(config.pipeline.max_rule_sets),
      cells_(config.pipeline.max_alarms),
      wheel_(cells_),
      windows_(std::uint64_t{config.pipeline.window_memory_mb} << 20) {}

bool Judge::watch(const proto::Reading& reading, SensorState& sensor) noexcept {
    if (!is_new(sensor) || !passes_test(reading, sensor)) {
        return false;
    }
    for (std::uint32_t at = sensor.alarms; at != 0; at = cells_[at - 1].next) {
        const AlarmCell& cell = cells_[at - 1];
        if ((cell.point & window_mark) != 0) {
            if (windows_.may_close(cell.place, reading.timestamp_ns)) {
                return false;
            }
        } else if (points_[cell.point].kind == RuleKind::flatline) {
            if (!is_quiet_line(cell, reading)) {
                return false;
            }
        } else if (is_counting(points_[cell.point], cell) && !forgets(points_[cell.point], cell)) {
            return false;
        }
    }
    for (std::uint32_t at = sensor.alarms; at != 0;) {
        const std::uint32_t number = at - 1;
        AlarmCell& cell = cells_[number];
        at = cell.next;
        if ((cell.point & window_mark) != 0) {
            windows_.add(
                cell.place, reading.value, reading.timestamp_ns, [](const auto&, const auto&) {});
        } else if (points_[cell.point].kind == RuleKind::flatline && !cell.condition) {
            follow_line(cell, reading);
        } else if (is_counting(points_[cell.point], cell)) {
            AlarmLife::forget_one(cell, points_[cell.point].life);
            if (cell.history == 0) {
                drop(number);
                sensor.put(sensor_watched, sensor.alarms != 0 || sets_[sensor.set].is_watched);
            }
        }
    }
    sensor.add(reading.value, reading.timestamp_ns, weights_);
    return true;
}

bool Judge::is_quiet_line(const AlarmCell& cell, const proto::Reading& reading) const noexcept {
    const AlarmPoint& point = points_[cell.point];
    const bool flat = std::abs(reading.value - cell.flat_at) <= point.tolerance;
    const bool is_due = reading.timestamp_ns - cell.flat_from_ns >= point.for_ns;
    return cell.condition ? flat : !flat || !is_due;
}

void Judge::follow_line(AlarmCell& cell, const proto::Reading& reading) noexcept {
    if (!(std::abs(reading.value - cell.flat_at) <= points_[cell.point].tolerance)) {
        cell.flat_at = reading.value;
        cell.flat_from_ns = reading.timestamp_ns;
    }
}

void Judge::take(const proto::Reading& reading,
                 SensorState& sensor,
                 bool first,
                 Cause cause) noexcept {
    origin_ = origins_->origin_of(cause);
    receive_now_ns_ = std::max(receive_now_ns_, origin_.receive_ns + set_back_ns_);
    if (first) {
        begin(sensor);
    }
    migrate(reading.sensor_id, sensor);
    if (sensor.has(sensor_unresolved)) {
        resolve(reading.sensor_id, sensor, origin_.device_id);
        set_home(reading.sensor_id);
    }
    sensor.put(sensor_heard, true);
    if (!std::isfinite(reading.value)) {
        take_non_finite(reading, sensor);
        return;
    }
    if (sensor.count() != 0 && reading.timestamp_ns < sensor.newest_ns) {
        take_late(reading, sensor);
        return;
    }
    sensor.put_late_in_a_row(0);
    const SensorState before = sensor;
    if (sensor.count() == 0) {
        sensor.begin(reading.value, reading.timestamp_ns);
    } else {
        sensor.add(reading.value, reading.timestamp_ns, weights_);
    }
    fold_into_windows(reading, sensor);
    judge_points(reading, before, sensor);
}

void Judge::begin(SensorState& sensor) const noexcept {
    sensor = SensorState{};
    sensor.put(sensor_edition, edition_flag_ != 0);
    sensor.put(sensor_unresolved, true);
    set_quiet(sensor, QuietInterval::none());
}

void Judge::take_non_finite(const proto::Reading& reading, SensorState& sensor) noexcept {
    ++counters_.non_finite;
    end_silence(reading, sensor);
    const std::uint64_t event_ns = std::max(reading.timestamp_ns, sensor.newest_ns);
    for (const std::uint32_t point : sets_[sensor.set].points) {
        if (points_[point].kind == RuleKind::quality) {
            const Verdict verdict{true, reading.value, last_of(sensor), points_[point].greatest};
            feed(reading.sensor_id, sensor, point, {verdict, event_ns, Reason::reading});
            set_quiet(sensor, QuietInterval::none());
        }
    }
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

/// The alarms go on where they were, by the new clock.
void Judge::set_clock_back(const proto::Reading& reading, SensorState& sensor) noexcept {
    ++counters_.clock_steps;
    const std::uint64_t back_ns = sensor.newest_ns - reading.timestamp_ns;
    for (std::uint32_t at = sensor.alarms; at != 0; at = cells_[at - 1].next) {
        AlarmCell& cell = cells_[at - 1];
        if ((cell.point & window_mark) != 0) {
            windows_.clear(cell.place);
        } else {
            AlarmLife::set_back(cell, back_ns);
            cell.flat_from_ns -= std::min(cell.flat_from_ns, back_ns);
        }
        cell.behind_ns += static_cast<std::int64_t>(back_ns);
    }
    sensor.put_late_in_a_row(0);
    const SensorState before = sensor;
    sensor.newest_ns = reading.timestamp_ns;
    sensor.add(reading.value, reading.timestamp_ns, weights_);
    fold_into_windows(reading, sensor);
    judge_points(reading, before, sensor);
}

/// Each point leaves its part of the quiet interval as soon as it is judged.
void Judge::judge_points(const proto::Reading& reading,
                         const SensorState& before,
                         SensorState& sensor) noexcept {
    const RuleSet set = sets_[sensor.set];
    const InventoryEntry* const entry =
        wants_entry(set, points_) ? edition_->book->inventory().find(reading.sensor_id) : nullptr;
    sensor.put(sensor_watched, set.is_watched);
    QuietInterval quiet = QuietInterval::all();
    for (const std::uint32_t at : set.points) {
        const AlarmPoint& point = points_[at];
        if (is_of_window(point.of)) {
            continue;
        }
        const std::uint32_t cell = cells_.find(sensor.alarms, at);
        AlarmCell* const alarm = cell == no_index ? nullptr : &cells_[cell];
        std::uint64_t event_ns = reading.timestamp_ns;
        const Verdict verdict = verdict_of(point, entry, {before, sensor}, alarm, event_ns);
        const bool has_cell =
            (alarm == nullptr && !verdict.fulfilled) ||
            feed(reading.sensor_id, sensor, at, {verdict, event_ns, Reason::reading});
        if (!has_cell) {
            quiet = QuietInterval::none();
        } else if (!quiet.is_none()) {
            quiet = quiet & quiet_of(at, entry, sensor, verdict.fulfilled);
        }
    }
    set_quiet(sensor, quiet);
}

Verdict Judge::verdict_of(const AlarmPoint& point,
                          const InventoryEntry* entry,
                          const Passage& passage,
                          AlarmCell* cell,
                          std::uint64_t& event_ns) noexcept {
    const SensorState& after = passage.after;
    switch (point.kind) {
        case RuleKind::flatline: {
            if (cell == nullptr) {
                return {};
            }
            const double began_at = cell->flat_at;
            const bool flat = std::abs(after.last - began_at) <= point.tolerance;
            if (!flat || passage.before.count() == 0) {
                cell->flat_at = after.last;
                cell->flat_from_ns = after.newest_ns;
                return {false, after.last, began_at, seconds(point.for_ns)};
            }
            const bool is_long = after.newest_ns - cell->flat_from_ns >= point.for_ns;
            if (is_long && !cell->condition) {
                event_ns = cell->flat_from_ns + point.for_ns;
            }
            return {is_long, after.last, began_at, seconds(point.for_ns)};
        }
        case RuleKind::quality: {
            const bool low = after.last < point.least;
            const double bound = low ? point.least : point.greatest;
            return {low || after.last > point.greatest, after.last, bound, bound};
        }
        case RuleKind::absence: {
            if (cell == nullptr) {
                return {};
            }
            const std::uint64_t from_ns =
                std::min(after.newest_ns, silent_from_ns(*cell, passage.before));
            if (passage.before.count() == 0) {
                cell->flat_from_ns = 0;
            }
            return {false, seconds(after.newest_ns - from_ns), after.last, cell->cause.limit};
        }
        default: {
            const bool held = cell != nullptr && (cell->history & 1) != 0;
            return judge_reading(point, entry, passage.before, after, held);
        }
    }
}

void Judge::fold_into_windows(const proto::Reading& reading, SensorState& sensor) noexcept {
    // First all cells of windows, since closed ones may add and remove others.
    std::array<std::uint32_t, max_points_per_sensor> cells;
    std::size_t count = 0;
    for (std::uint32_t at = sensor.alarms; at != 0; at = cells_[at - 1].next) {
        if ((cells_[at - 1].point & window_mark) != 0) {
            cells[count++] = at - 1;
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t shape = cells_[cells[i]].point & ~window_mark;
        windows_.add(
            cells_[cells[i]].place,
            reading.value,
            reading.timestamp_ns,
            [&](const WindowFigures& now, const WindowFigures& before) {
                judge_window(reading.sensor_id, sensor, {shape, now, before, Reason::reading});
            });
        settle(cells[i], sensor.newest_ns);
    }
}

void Judge::judge_window(std::uint64_t sensor_id,
                         SensorState& sensor,
                         const ClosedWindow& closed) noexcept {
    const RuleSet set = sets_[sensor.set];
    const InventoryEntry* const entry =
        wants_entry(set, points_) ? edition_->book->inventory().find(sensor_id) : nullptr;
    for (const std::uint32_t at : set.points) {
        const AlarmPoint& point = points_[at];
        if (!is_of_window(point.of) || point.window != closed.shape) {
            continue;
        }
        const double figure = closed.now.of(point.of);
        const std::uint32_t cell = cells_.find(sensor.alarms, at);
        const bool held = cell != no_index && (cells_[cell].history & 1) != 0;
        const Verdict verdict = point.kind == RuleKind::jump
                                    ? judge_jump(point, figure, closed.before.of(point.of))
                                    : judge_limit(point, entry, figure, held);
        feed(sensor_id, sensor, at, {verdict, closed.now.end_ns, closed.reason});
    }
}

/// `held`: the point's condition is fulfilled as of the last reading. Has watch() look at the
/// sensor where an alarm forgets. Order: sensor_watched was put to what the set says.
QuietInterval Judge::quiet_of(std::uint32_t at,
                              const InventoryEntry* entry,
                              SensorState& sensor,
                              bool held) noexcept {
    const AlarmPoint& point = points_[at];
    if (held && point.kind == RuleKind::absence) {
        return QuietInterval::none();  // any reading ends it
    }
    if (point.life.of_last > 1) {
        const std::uint32_t cell = cells_.find(sensor.alarms, at);
        if (cell != no_index && is_counting(point, cells_[cell])) {
            if (!forgets(point, cells_[cell])) {
                return QuietInterval::none();
            }
            sensor.put(sensor_watched, true);
        }
    }
    return quiet_interval(point, entry, sensor, held, weights_.of_new);
}

/// Of a sensor that has other rules now, and had readings.
void Judge::find_quiet(SensorState& sensor, const InventoryEntry* entry) noexcept {
    QuietInterval quiet = QuietInterval::all();
    for (const std::uint32_t at : sets_[sensor.set].points) {
        if (is_of_window(points_[at].of)) {
            continue;
        }
        const std::uint32_t cell = cells_.find(sensor.alarms, at);
        const bool held = cell != no_index && (cells_[cell].history & 1) != 0;
        quiet = quiet & quiet_of(at, entry, sensor, held);
    }
    set_quiet(sensor, quiet);
}

/// M of N of it are under way: each reading changes its history, even one that does nothing else.
bool Judge::is_counting(const AlarmPoint& point, const AlarmCell& cell) noexcept {
    return !is_of_window(point.of) && !AlarmLife::is_steady(cell, point.life);
}

/// And watch() can take such readings for it.
bool Judge::forgets(const AlarmPoint& point, const AlarmCell& cell) noexcept {
    return point.kind != RuleKind::flatline && point.kind != RuleKind::absence &&
           AlarmLife::is_forgetting(cell, point.life);
}

}  // namespace roda::appliance
