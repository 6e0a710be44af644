// SPDX-License-Identifier: Apache-2.0
// From "fulfilled or not" to records: cells, causes, timers.
#include <limits>

#include "appliance/alerting/judge.hpp"

namespace roda::appliance {
namespace {

template <std::size_t bytes>
void put_text(std::array<char, bytes>& field, std::string_view text) noexcept {
    // The last byte stays 0: readers may take it for a C string.
    text.substr(0, bytes - 1).copy(field.data(), bytes - 1);
}

}  // namespace

Judge::GaugeNow Judge::gauge_of(const AlarmCell& cell) noexcept {
    if (cell.id == 0) {
        return std::nullopt;
    }
    if (cell.shelved_until_ns != 0) {
        return AlertTally::Gauge::shelved;
    }
    return cell.state == AlarmState::pending ? AlertTally::Gauge::pending
                                             : AlertTally::Gauge::firing;
}

std::uint32_t Judge::new_cell(std::uint64_t sensor_id,
                              SensorState& sensor,
                              std::uint32_t point,
                              std::uint64_t event_ns) noexcept {
    const std::uint32_t cell = cells_.add(sensor.alarms, sensor_id, point);
    if (cell != no_index) {
        cells_[cell].sensor = &sensor;
        put_clock(cells_[cell], event_ns);
        if ((point & window_mark) == 0) {
            shelve_with_rule(cells_[cell], event_ns);
        }
    }
    return cell;
}

/// A new one, of a rule that was shelved before.
void Judge::shelve_with_rule(AlarmCell& cell, std::uint64_t event_ns) noexcept {
    const std::uint64_t until_ns = shelved_until_ns_[cell.point];
    if (until_ns > receive_now_ns_) {
        life_.shelve(cell,
                     points_[cell.point].life,
                     event_ns,
                     time_after(event_ns, until_ns - receive_now_ns_));
    }
}

bool Judge::feed(std::uint64_t sensor_id,
                 SensorState& sensor,
                 std::uint32_t point,
                 const Step& step) noexcept {
    std::uint32_t cell = cells_.find(sensor.alarms, point);
    if (cell == no_index) {
        if (!step.verdict.fulfilled) {
            return true;
        }
        cell = new_cell(sensor_id, sensor, point, step.event_ns);
        if (cell == no_index) {
            return false;
        }
        cells_[cell].clock_known = true;
    }
    advance(cell, step);
    return true;
}

void Judge::advance(std::uint32_t cell, const Step& step) noexcept {
    AlarmCell& alarm = cells_[cell];
    pass_life(alarm, step.event_ns);
    if (step.verdict.fulfilled && !alarm.condition) {
        alarm.cause = cause_of(step);
    }
    const auto gauge = gauge_of(alarm);
    const AlarmChanges changes =
        life_.judge(alarm, life_of(alarm), step.verdict.fulfilled, step.event_ns);
    tell(alarm, changes, &step, gauge);
    settle(cell, step.event_ns);
}

/// Time has no reading behind it: the one in hand is another sensor's.
AlarmCause Judge::cause_of(const Step& step) const noexcept {
    const ReadingOrigin origin = step.reason == Reason::time ? ReadingOrigin{} : origin_;
    return {.sequence = origin.sequence,
            .receive_ns = origin.receive_ns,
            .device_id = origin.device_id,
            .value = step.verdict.value,
            .reference = step.verdict.reference,
            .limit = step.verdict.limit,
            .queue = origin.queue};
}

/// What the step brought about carries its figures and reading; what a delay's end did, a person or
/// a reload, those of the reading that began it.
void Judge::tell(AlarmCell& cell,
                 const AlarmChanges& changes,
                 const Step* step,
                 GaugeNow gauge_before) noexcept {
    const RuleEdition& edition = edition_of(cell);
    const AlarmPoint& point = edition.book->points()[cell.point];
    for (const AlarmChange& change : changes) {
        const bool is_now = step != nullptr && change.event_ns >= step->event_ns;
        const bool has_verdict =
            is_now && step->reason != Reason::person && step->reason != Reason::reload;
        const AlarmCause cause = has_verdict ? cause_of(*step) : cell.cause;
        AlertRecord record{};
        record.id = change.id;
        record.sensor_id = cell.sensor_id;
        record.device_id = cause.device_id;
        record.rule = point.rule;
        record.transition = change.transition;
        record.severity = point.severity;
        record.queue = static_cast<std::uint16_t>(cause.queue);
        record.value = cause.value;
        record.reference = cause.reference;
        record.limit = cause.limit;
        record.event_ns = change.event_ns;
        record.receive_ns = cause.receive_ns;
        record.cause = cause.sequence;
        record.level = point.level;
        record.reason = is_now ? step->reason : Reason::time;
        record.group = cell.sensor == nullptr ? cell.place : no_index;
        name(record, edition);
        writer_.write(record, point.series);
    }
    const auto gauge = gauge_of(cell);
    if (gauge == gauge_before) {
        return;
    }
    if (gauge_before) {
        writer_.tally().move(point.series, *gauge_before, false);
    }
    if (gauge) {
        writer_.tally().move(point.series, *gauge, true);
    }
    const bool stood = gauge_before == AlertTally::Gauge::firing;
    const bool stands = gauge == AlertTally::Gauge::firing;
    if (stood != stands && cell.sensor != nullptr) {
        const AlarmChange& last = *(changes.end() - 1);  // no firing begins or ends untold
        count_for_groups(cell, stands, last.event_ns);
    }
}

void Judge::name(AlertRecord& record, const RuleEdition& edition) noexcept {
    put_text(record.rule_name, edition.book->rules()[record.rule].name);
    if (record.group != no_index) {
        put_text(record.subject, edition.book->groups()[record.group].value);
    } else if (const auto* entry = edition.book->inventory().find(record.sensor_id)) {
        put_text(record.subject, entry->name);
    }
}

/// Silence, flat lines and windows are followed also while their alarm is at rest.
bool Judge::is_kept(const AlarmCell& cell) const noexcept {
    if ((cell.point & window_mark) != 0) {
        return true;
    }
    const RuleKind kind = edition_of(cell).book->points()[cell.point].kind;
    return kind == RuleKind::flatline || kind == RuleKind::absence;
}

void Judge::settle(std::uint32_t cell, std::uint64_t event_ns) noexcept {
    AlarmCell& alarm = cells_[cell];
    const bool is_window = (alarm.point & window_mark) != 0;
    if (!is_kept(alarm) && AlarmLife::is_at_rest(alarm, life_of(alarm))) {
        drop(cell);
        return;
    }
    put_clock(alarm, event_ns);
    const std::uint64_t due_event_ns =
        is_window ? windows_.due_ns(alarm.place) : AlarmLife::due_ns(alarm, life_of(alarm));
    std::uint64_t due_ns = never_ns;
    if (due_event_ns != never_ns) {
        due_ns = time_after(receive_now_ns_, due_event_ns - std::min(due_event_ns, event_ns));
    }
    if (alarm.check_ns != 0) {
        due_ns = std::min(due_ns, alarm.check_ns);
    }
    if (due_ns != never_ns) {
        wheel_.set(cell, due_ns);
    } else {
        wheel_.drop(cell);
    }
}

void Judge::drop(std::uint32_t cell) noexcept {
    AlarmCell& alarm = cells_[cell];
    wheel_.drop(cell);
    if (alarm.sensor == nullptr) {
        cells_.remove(group_alarms_[alarm.place], cell);
        return;
    }
    if ((alarm.point & window_mark) != 0) {
        windows_.close(alarm.place);
    }
    SensorState& sensor = *alarm.sensor;
    alarm.sensor = nullptr;
    cells_.remove(sensor.alarms, cell);
}

}  // namespace roda::appliance
