// SPDX-License-Identifier: Apache-2.0
// Which rules a sensor has, and what becomes of its alarms when the rules are loaded anew.
#include "appliance/alerting/judge.hpp"

#include <algorithm>

namespace roda::appliance {

void Judge::install(RuleEdition& edition) {
    before_ = edition_;
    edition_ = &edition;
    points_ = edition.book->points().data();
    edition_flag_ ^= sensor_edition;
    const auto is_flatline = [](const AlarmPoint& point) {
        return point.kind == RuleKind::flatline;
    };
    keeps_lines_ = !edition.book->windows().empty() ||
                   std::ranges::any_of(edition.book->points(), is_flatline);
    sets_.clear(*edition.book);
    shelve_points_anew();
    counted_.assign(cells_.max_cells(), false);
    own_groups_.clear();
    for (std::uint32_t group = 0; group < edition.groups.size(); ++group) {
        if (is_own_group(group)) {
            own_groups_.push_back(group);
        }
    }
    if (before_ == nullptr) {
        group_alarms_.assign(edition.groups.size(), 0);
        edition.groups.join();
    }
}

void Judge::shelve_points_anew() {
    std::vector<std::uint64_t> until(edition_->book->points().size());
    for (std::size_t i = 0; i < edition_->points_of_before.size(); ++i) {
        if (edition_->points_of_before[i] != no_index) {
            until[edition_->points_of_before[i]] = shelved_until_ns_[i];
        }
    }
    shelved_until_ns_ = std::move(until);
}

void Judge::migrate(std::uint64_t sensor_id, SensorState& sensor) noexcept {
    if (is_new(sensor)) {
        return;
    }
    for (std::uint32_t at = sensor.alarms; at != 0;) {
        const std::uint32_t cell = at - 1;
        at = cells_[cell].next;
        migrate_cell(cell);
    }
    sensor.put(sensor_edition, edition_flag_ != 0);
    sensor.put(sensor_unresolved, true);
    sensor.put_late_in_a_row(0);  // the interval that follows may be quiet
    set_quiet(sensor, QuietInterval::none());
    for (std::uint32_t at = sensor.alarms; at != 0; at = cells_[at - 1].next) {
        if ((cells_[at - 1].point & window_mark) == 0 &&
            gauge_of(cells_[at - 1]) == AlertTally::Gauge::firing) {
            count_for_groups(cells_[at - 1], true, event_now_ns(cells_[at - 1]));
        }
    }
    if (sensor.count() != 0) {
        set_home(sensor_id);  // heard here: not to be lost with the edition
    }
    sensor.set = 0;
    if (!edition_->selects_by_device) {
        resolve(sensor_id, sensor, 0);
        if (sensor.count() != 0) {
            find_quiet(sensor, edition_->book->inventory().find(sensor_id));
        }
    } else if (sensor.count() != 0) {
        watch_known_silences(sensor_id, sensor);
    }
}

/// Its other rules wait for the device of its next reading; that there is none must not.
void Judge::watch_known_silences(std::uint64_t sensor_id, SensorState& sensor) noexcept {
    std::array<std::uint32_t, max_points_per_sensor> room;
    std::uint64_t left_out = 0;  // counted with its next reading
    const std::size_t count = edition_->book->match(sensor_id, 0, room, left_out);
    const InventoryEntry* const entry = edition_->book->inventory().find(sensor_id);
    for (const std::uint32_t point : std::span(room).first(count)) {
        if (points_[point].kind == RuleKind::absence) {
            open_silence(sensor_id, sensor, point, entry);
        }
    }
}

void Judge::open_silence(std::uint64_t sensor_id,
                         SensorState& sensor,
                         std::uint32_t point,
                         const InventoryEntry* entry) noexcept {
    std::uint32_t cell = cells_.find(sensor.alarms, point);
    if (cell == no_index) {
        cell = new_cell(sensor_id, sensor, point, receive_now_ns_);
    }
    if (cell != no_index && cells_[cell].check_ns == 0) {
        watch_silence(cell, entry);
    }
}

void Judge::set_home(std::uint64_t sensor_id) noexcept {
    const Inventory& inventory = edition_->book->inventory();
    if (const InventoryEntry* const entry = inventory.find(sensor_id)) {
        edition_->homes.move(inventory.number_of(*entry), shard_);
    }
}

void Judge::migrate_cell(std::uint32_t cell) noexcept {
    AlarmCell& alarm = cells_[cell];
    if ((alarm.point & window_mark) != 0) {
        const std::uint32_t shape = edition_->windows_of_before[alarm.point & ~window_mark];
        if (shape == no_index) {
            drop(cell);
        } else {
            alarm.point = window_mark | shape;
        }
        return;
    }
    const std::uint32_t point = edition_->points_of_before[alarm.point];
    if (point != no_index) {
        alarm.point = point;
        return;
    }
    end_alarm(cell);
}

void Judge::end_alarm(std::uint32_t cell) noexcept {
    AlarmCell& alarm = cells_[cell];
    const std::uint64_t event_ns = event_now_ns(alarm);
    const auto gauge = gauge_of(alarm);
    const Verdict verdict{};
    const Step step{verdict, event_ns, Reason::reload};
    tell(alarm, life_.end(alarm, life_of(alarm), event_ns), &step, gauge);
    drop(cell);
}

void Judge::end_migration() noexcept {
    carry_groups();
    before_ = nullptr;
    edition_->groups.join();
    group_changes_seen_ = ~std::uint64_t{0};
    judge_groups();
}

void Judge::resolve(std::uint64_t sensor_id,
                    SensorState& sensor,
                    std::uint64_t device_id) noexcept {
    std::array<std::uint32_t, max_points_per_sensor> room;
    const RuleBook& book = *edition_->book;
    const std::size_t count = book.match(sensor_id, device_id, room, counters_.points_left_out);
    const std::span<const std::uint32_t> points(room.data(), count);
    const std::uint32_t set = sets_.intern(points);
    sensor.set = set == no_index ? 0 : set;
    sensor.put(sensor_watched, sets_[sensor.set].is_watched);
    sensor.put(sensor_unresolved, set == no_index);  // there may be room for another edition
    end_unmatched(sensor, sets_[sensor.set].points);
    const InventoryEntry* const entry = book.inventory().find(sensor_id);
    open_cells(sensor_id, sensor, entry);
}

/// An alarm whose rule goes on may not match its sensor any more.
void Judge::end_unmatched(SensorState& sensor, std::span<const std::uint32_t> points) noexcept {
    for (std::uint32_t at = sensor.alarms; at != 0;) {
        const std::uint32_t cell = at - 1;
        at = cells_[cell].next;
        const std::uint32_t point = cells_[cell].point;
        if ((point & window_mark) != 0) {
            const bool wanted = std::any_of(points.begin(), points.end(), [&](std::uint32_t has) {
                return points_[has].window == (point & ~window_mark) &&
                       is_of_window(points_[has].of);
            });
            if (!wanted) {
                drop(cell);
            }
        } else if (!std::binary_search(points.begin(), points.end(), point)) {
            end_alarm(cell);
        }
    }
}

/// Those that are there also while nothing is wrong.
void Judge::open_cells(std::uint64_t sensor_id,
                       SensorState& sensor,
                       const InventoryEntry* entry) noexcept {
    for (const std::uint32_t at : sets_[sensor.set].points) {
        const AlarmPoint& point = points_[at];
        if (is_of_window(point.of)) {
            open_windows(sensor_id, sensor, point.window);
            continue;
        }
        if (point.kind == RuleKind::absence) {
            open_silence(sensor_id, sensor, at, entry);
        } else if (point.kind == RuleKind::flatline && cells_.find(sensor.alarms, at) == no_index) {
            const std::uint32_t cell = new_cell(sensor_id, sensor, at, receive_now_ns_);
            if (cell != no_index) {
                cells_[cell].flat_at = sensor.last;
                cells_[cell].flat_from_ns = sensor.newest_ns;
            }
        }
    }
}

void Judge::open_windows(std::uint64_t sensor_id,
                         SensorState& sensor,
                         std::uint32_t shape) noexcept {
    if (cells_.find(sensor.alarms, window_mark | shape) != no_index) {
        return;
    }
    const RuleWindow& window = edition_->book->windows()[shape];
    const std::uint32_t place = windows_.open(window.shape, window.quantiles);
    if (place == no_index) {
        return;
    }
    const std::uint32_t cell = new_cell(sensor_id, sensor, window_mark | shape, receive_now_ns_);
    if (cell == no_index) {
        windows_.close(place);
        return;
    }
    cells_[cell].place = place;
}

void Judge::expect(const ExpectedSensor& expected, SensorState& sensor) noexcept {
    const InventoryEntry& entry = edition_->book->inventory().entries()[expected.entry];
    const bool is_fresh = sensor.count() == 0 && sensor.alarms == 0;
    if (is_fresh) {
        begin(sensor);
    }
    migrate(entry.sensor_id, sensor);
    if (cells_.find(sensor.alarms, expected.point) != no_index ||
        is_heard_elsewhere(entry.sensor_id)) {
        return;
    }
    const std::uint32_t cell = new_cell(entry.sensor_id, sensor, expected.point, receive_now_ns_);
    if (cell != no_index) {
        watch_silence(cell, &entry);
    }
}

}  // namespace roda::appliance
