// SPDX-License-Identifier: Apache-2.0
// Readings that are not quiet.
#include "appliance/alerting/judge.hpp"

#include <limits>

namespace roda::appliance {
namespace {

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
        } else if (is_counting(points_[cell.point], cell) &&
                   is_judged(points_[cell.point], sensor.newest_ns, reading.timestamp_ns)) {
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
    const bool in_doubt = follow_clock(reading.timestamp_ns, sensor);
    const SensorState before = sensor;
    if (sensor.count() == 0) {
        sensor.begin(reading.value, reading.timestamp_ns);
    } else {
        sensor.add(reading.value, reading.timestamp_ns, weights_);
    }
    fold_into_windows(reading, sensor);
    judge_points(reading, before, sensor);
    if (in_doubt) {
        set_quiet(sensor, QuietInterval::none());
    }
}

void Judge::begin(SensorState& sensor) const noexcept {
    sensor = SensorState{};
    sensor.put(sensor_edition, edition_flag_ != 0);
    sensor.put(sensor_unresolved, true);
    set_quiet(sensor, QuietInterval::none());
}

void Judge::take_non_finite(const proto::Reading& reading, SensorState& sensor) noexcept {
    ++counters_.non_finite;
    if (reading.timestamp_ns >= sensor.newest_ns) {
        follow_clock(reading.timestamp_ns, sensor);
    }
    end_silence(reading, sensor);
    const std::uint64_t event_ns = std::max(reading.timestamp_ns, sensor.newest_ns);
    for (const std::uint32_t point : sets_[sensor.set].points) {
        if (points_[point].kind == RuleKind::quality) {
            const Verdict verdict{true, reading.value, last_of(sensor), points_[point].greatest};
            feed(reading.sensor_id, sensor, point, {verdict, event_ns, Reason::reading});
            set_quiet(sensor, QuietInterval::none());
            if (const std::uint32_t cell = cells_.find(sensor.alarms, point); cell != no_index) {
                doubt(cells_[cell], event_ns, sensor);
            }
        }
    }
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
        bool has_cell = true;
        if (is_judged(point, before.newest_ns, sensor.newest_ns)) {
            const std::uint32_t cell = cells_.find(sensor.alarms, at);
            AlarmCell* const alarm = cell == no_index ? nullptr : &cells_[cell];
            std::uint64_t event_ns = reading.timestamp_ns;
            const Verdict verdict = verdict_of(point, entry, {before, sensor}, alarm, event_ns);
            has_cell = (alarm == nullptr && !verdict.fulfilled) ||
                       feed(reading.sensor_id, sensor, at, {verdict, event_ns, Reason::reading});
        }
        if (!has_cell) {
            quiet = QuietInterval::none();
        } else if (!quiet.is_none()) {
            quiet = quiet & quiet_of(at, entry, sensor);
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
            if (is_long && !cell->condition && point.life.at_least == 1) {
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
            cell->flat_from_ns = 0;  // silent from the newest on
            return {false, seconds(after.newest_ns - from_ns), after.last, cell->cause.limit};
        }
        default: {
            const bool held = cell != nullptr && cell->condition;
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
        const bool held = cell != no_index && cells_[cell].condition;
        const Verdict verdict = point.kind == RuleKind::jump
                                    ? judge_jump(point, figure, closed.before.of(point.of))
                                    : judge_limit(point, entry, figure, held);
        feed(sensor_id, sensor, at, {verdict, closed.now.end_ns, closed.reason});
    }
}

/// As the alarm stands after the last reading. Unless its M of N are under way, that reading
/// fulfilled the point's condition or not as the alarm's holds or not. Has watch() look at the
/// sensor where an alarm forgets. Order: sensor_watched was put to what the set says.
QuietInterval Judge::quiet_of(std::uint32_t at,
                              const InventoryEntry* entry,
                              SensorState& sensor) noexcept {
    const AlarmPoint& point = points_[at];
    const std::uint32_t cell = cells_.find(sensor.alarms, at);
    const bool holds = cell != no_index && cells_[cell].condition;
    if (holds && point.kind == RuleKind::absence) {
        return QuietInterval::none();  // any reading ends it
    }
    if (cell != no_index && is_counting(point, cells_[cell])) {
        if (!forgets(point, cells_[cell])) {
            return QuietInterval::none();
        }
        sensor.put(sensor_watched, true);
    }
    return quiet_interval(point, entry, sensor, holds, weights_.of_new);
}

/// Of a sensor that has other rules now, and had readings.
void Judge::find_quiet(SensorState& sensor, const InventoryEntry* entry) noexcept {
    QuietInterval quiet = QuietInterval::all();
    for (const std::uint32_t at : sets_[sensor.set].points) {
        if (is_of_window(points_[at].of)) {
            continue;
        }
        quiet = quiet & quiet_of(at, entry, sensor);
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
