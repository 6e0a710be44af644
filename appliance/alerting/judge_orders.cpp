// SPDX-License-Identifier: Apache-2.0
// What people order: acknowledge, shelve, unshelve, explain.
#include <limits>

#include "appliance/alerting/judge.hpp"

namespace roda::appliance {
namespace {

constexpr std::uint32_t cells_of_a_turn = 2048;
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

bool matches_rule(const RuleEdition& edition, const AlarmPoint& point, const std::string& rule) {
    return rule.empty() || edition.book->rules()[point.rule].name == rule;
}

/// A group's alarm is no sensor's, whichever it names as its cause.
bool matches_sensor(const AlarmCell& alarm, const std::optional<std::uint64_t>& sensor_id) {
    return !sensor_id || (alarm.sensor != nullptr && *sensor_id == alarm.sensor_id);
}

}  // namespace

bool Judge::is_alarm(std::uint32_t cell) const noexcept {
    const AlarmCell& alarm = cells_[cell];
    if (alarm.sensor != nullptr) {
        return (alarm.point & window_mark) == 0;
    }
    return alarm.place < group_alarms_.size() && group_alarms_[alarm.place] == cell + 1;
}

std::uint32_t Judge::order(const ControlRequest& request,
                           std::uint32_t from,
                           std::uint64_t& done) noexcept {
    const std::uint32_t end = std::min(cells_.max_cells(), from + cells_of_a_turn);
    for (std::uint32_t cell = from; cell < end; ++cell) {
        if (!is_alarm(cell)) {
            continue;
        }
        AlarmCell& alarm = cells_[cell];
        const RuleEdition& edition = edition_of(alarm);
        const AlarmSelector& wanted = request.alarms;
        if ((!wanted.id || *wanted.id == alarm.id) && matches_sensor(alarm, wanted.sensor_id) &&
            matches_rule(edition, edition.book->points()[alarm.point], wanted.rule)) {
            done += order_one(request, cell) ? 1 : 0;
        }
    }
    return end == cells_.max_cells() ? no_index : end;
}

bool Judge::order_one(const ControlRequest& request, std::uint32_t cell) noexcept {
    AlarmCell& alarm = cells_[cell];
    const AlertLife& life = life_of(alarm);
    const std::uint64_t event_ns = event_now_ns(alarm);
    const auto gauge = gauge_of(alarm);
    const bool was_shelved = alarm.shelved_until_ns != 0;
    AlarmChanges changes;
    switch (request.verb) {
        case ControlVerb::acknowledge:
            changes = life_.acknowledge(alarm, life, event_ns);
            break;
        case ControlVerb::shelve:
            changes = life_.shelve(alarm, life, event_ns, time_after(event_ns, request.for_ns));
            break;
        case ControlVerb::unshelve:
            if (was_shelved) {
                changes = life_.shelve(alarm, life, event_ns, event_ns);
            }
            break;
        default:
            return false;
    }
    const Verdict verdict{};
    const Step step{verdict, event_ns, Reason::person};
    tell(alarm, changes, &step, gauge);
    const bool is_shelved = alarm.shelved_until_ns != 0;
    settle(cell, event_ns);
    return changes.size() != 0 || is_shelved != was_shelved;
}

std::uint64_t Judge::shelve_ahead(const ControlRequest& request, SensorState* sensor) noexcept {
    const bool shelves = request.verb == ControlVerb::shelve;
    std::uint64_t done = 0;
    if (!request.alarms.sensor_id) {
        const auto points = edition_->book->points();
        for (std::size_t i = 0; i < points.size(); ++i) {
            if (matches_rule(*edition_, points[i], request.alarms.rule)) {
                done += shelves || shelved_until_ns_[i] > receive_now_ns_ ? 1 : 0;
                shelved_until_ns_[i] = shelves ? receive_now_ns_ + request.for_ns : 0;
            }
        }
        return done;
    }
    if (sensor == nullptr || !shelves) {
        return 0;
    }
    const std::uint64_t sensor_id = *request.alarms.sensor_id;
    migrate(sensor_id, *sensor);
    if (sensor->has(sensor_unresolved)) {
        return 0;
    }
    for (const std::uint32_t at : sets_[sensor->set].points) {
        // order() comes to the cells made here: it shelves them. How far the sensor's clock is
        // behind shows with a reading only: a silence looks the same.
        if (matches_rule(*edition_, points_[at], request.alarms.rule) &&
            cells_.find(sensor->alarms, at) == no_index) {
            const std::uint64_t event_ns = std::max(receive_now_ns_, sensor->newest_ns);
            new_cell(sensor_id, *sensor, at, event_ns);
        }
    }
    return 0;
}

void Judge::explain(const SensorState& sensor, SensorExplanation& to) const {
    to.shard = shard_;
    to.known = true;
    to.state = sensor;
    if (!is_new(sensor)) {
        return;
    }
    const InventoryEntry* const entry = edition_->book->inventory().find(to.sensor_id);
    std::vector<std::uint32_t> groups;
    for (const std::uint32_t at : known_points(to.sensor_id, sensor)) {
        PointExplanation point;
        point.point = at;
        const std::uint32_t cell = cells_.find(sensor.alarms, at);
        if (cell != no_index) {
            point.cell = cells_[cell];
        } else if (shelved_until_ns_[at] > receive_now_ns_) {
            point.cell.shelved_until_ns = shelved_until_ns_[at];
        }
        point.verdict = verdict_now(points_[at], entry, sensor, point.cell);
        to.points.push_back(point);
        const auto counting = edition_->book->groups_counting(at);
        groups.insert(groups.end(), counting.begin(), counting.end());
    }
    std::sort(groups.begin(), groups.end());
    groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    for (const std::uint32_t point : groups) {
        explain_group(point, to);
    }
}

/// Of one whose rules are found with its next reading: the alarms that it has. The first reading of
/// one that was never heard finds those as well that ask for no device.
std::vector<std::uint32_t> Judge::known_points(std::uint64_t sensor_id,
                                               const SensorState& sensor) const {
    if (!sensor.has(sensor_unresolved)) {
        const auto& set = sets_[sensor.set].points;
        return {set.begin(), set.end()};
    }
    std::vector<std::uint32_t> points;
    if (sensor.count() == 0) {
        std::array<std::uint32_t, max_points_per_sensor> room;
        std::uint64_t left_out = 0;
        const std::size_t count = edition_->book->match(sensor_id, 0, room, left_out);
        points.assign(room.begin(), room.begin() + count);
    }
    for (std::uint32_t at = sensor.alarms; at != 0; at = cells_[at - 1].next) {
        if ((cells_[at - 1].point & window_mark) == 0) {
            points.push_back(cells_[at - 1].point);
        }
    }
    std::sort(points.begin(), points.end());
    points.erase(std::unique(points.begin(), points.end()), points.end());
    return points;
}

/// Of this shard's knowledge: another may judge the group.
void Judge::explain_group(std::uint32_t point, SensorExplanation& to) const {
    const std::uint32_t group = edition_->book->group_of(point, to.sensor_id);
    if (group == no_index) {
        return;
    }
    PointExplanation of;
    of.point = point;
    const auto limit = static_cast<double>(points_[point].at_least_sensors);
    const auto sensors = static_cast<double>(edition_->groups.sensors(group));
    of.verdict = {sensors >= limit, sensors, limit, limit};
    if (before_ == nullptr && group_alarms_[group] != 0) {
        of.cell = cells_[group_alarms_[group] - 1];
    }
    to.points.push_back(of);
}

Verdict Judge::verdict_now(const AlarmPoint& point,
                           const InventoryEntry* entry,
                           const SensorState& sensor,
                           const AlarmCell& cell) const noexcept {
    if (is_of_window(point.of)) {
        const std::uint32_t place = window_place(sensor, point.window);
        const double figure = place == no_index ? nothing : windows_.last(place).of(point.of);
        return {cell.condition, figure, figure, limit_of(point, entry)};
    }
    const bool fulfilled = (cell.history & 1) != 0;
    switch (point.kind) {
        case RuleKind::quality:
            return {fulfilled,
                    fulfilled ? cell.cause.value : last_of(sensor),
                    point.least,
                    point.greatest};
        case RuleKind::flatline:
            return {fulfilled, sensor.last, cell.flat_at, static_cast<double>(point.for_ns) * 1e-9};
        case RuleKind::absence: {
            const std::uint64_t now_ns = event_now_ns(cell);
            const std::uint64_t from_ns =
                sensor.count() == 0 ? cell.flat_from_ns : sensor.newest_ns;
            return {fulfilled,
                    static_cast<double>(now_ns - std::min(now_ns, from_ns)) * 1e-9,
                    sensor.last,
                    static_cast<double>(silence_ns(point, entry)) * 1e-9};
        }
        default:
            return sensor.count() == 0 ? Verdict{fulfilled, nothing, nothing, nothing}
                                       : judge_reading(point, entry, sensor, sensor, fulfilled);
    }
}

std::uint32_t Judge::window_place(const SensorState& sensor, std::uint32_t shape) const noexcept {
    const std::uint32_t cell = cells_.find(sensor.alarms, window_mark | shape);
    return cell == no_index ? no_index : cells_[cell].place;
}

}  // namespace roda::appliance
