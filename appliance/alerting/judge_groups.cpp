// SPDX-License-Identifier: Apache-2.0
// Alarms of groups: how many sensors of a group have alerts. Every shard counts its own sensors on
// the board; one of them, by the group's number, judges.
#include "appliance/alerting/judge.hpp"

namespace roda::appliance {

/// A sensor counts once, however many of the group's rules have alerts of it. counted_ has which of
/// them are on the board, so that only those are taken off it again.
void Judge::count_for_groups(const AlarmCell& cell, bool stands, std::uint64_t event_ns) noexcept {
    const GroupBoard::Cause cause{cell.sensor_id, event_ns};
    if (&edition_of(cell) != edition_) {
        // Not on the new board yet: if it ends it will never be.
        if (!stands) {
            note_in_groups(cell, cause);
        }
        return;
    }
    const std::uint32_t number = number_of(cell);
    if (counted_[number] == stands) {
        return;
    }
    counted_[number] = stands;
    const RuleBook& book = *edition_->book;
    for (const std::uint32_t point : book.groups_counting(cell.point)) {
        const std::uint32_t group = book.group_of(point, cell.sensor_id);
        if (group == no_index || has_other_alert_of(cell, point)) {
            continue;
        }
        edition_->groups.change(group, stands, cause);
        if (is_own_group(group) && are_groups_known()) {
            judge_group(group);
        }
    }
}

bool Judge::has_other_alert_of(const AlarmCell& cell, std::uint32_t group_point) const noexcept {
    for (std::uint32_t at = cell.sensor->alarms; at != 0; at = cells_[at - 1].next) {
        const AlarmCell& other = cells_[at - 1];
        if (&other != &cell && counted_[at - 1] &&
            edition_->book->counts_for(other.point, group_point)) {
            return true;
        }
    }
    return false;
}

/// An alert of the edition before is over: its groups that go on have it for their cause.
void Judge::note_in_groups(const AlarmCell& cell, const GroupBoard::Cause& cause) noexcept {
    const RuleBook& book = *before_->book;
    for (const std::uint32_t point : book.groups_counting(cell.point)) {
        const std::uint32_t group = book.group_of(point, cell.sensor_id);
        const std::uint32_t now = group == no_index ? no_index : edition_->groups_of_before[group];
        if (now != no_index) {
            edition_->groups.note(now, false, cause);
        }
    }
}

/// By what stays the same in all editions, so that an alarm that goes on stays with its shard.
bool Judge::is_own_group(std::uint32_t group) const noexcept {
    return edition_->group_keys[group] % shards_ == shard_;
}

/// Not while a shard's sensors may still be missing on the board.
bool Judge::are_groups_known() const noexcept {
    return edition_ != nullptr && before_ == nullptr && edition_->groups.is_whole(shards_);
}

/// What other shards changed is seen at the next tick.
void Judge::judge_groups() noexcept {
    if (!are_groups_known()) {
        return;
    }
    const std::uint64_t changes = edition_->groups.changes();
    if (changes == group_changes_seen_) {
        return;
    }
    group_changes_seen_ = changes;
    for (const std::uint32_t group : own_groups_) {
        judge_group(group);
    }
}

/// What does not take the group over its limit, or back, is none of its alarm's: its delays go on
/// by the clock of the sensor that did.
void Judge::judge_group(std::uint32_t group) noexcept {
    const SensorGroup& of = edition_->book->groups()[group];
    const AlarmPoint& point = points_[of.point];
    const std::uint32_t sensors = edition_->groups.sensors(group);
    const bool fulfilled = sensors >= point.at_least_sensors;
    std::uint32_t& head = group_alarms_[group];
    if (fulfilled == (head != 0 && cells_[head - 1].condition)) {
        return;
    }
    const GroupBoard::Cause cause = edition_->groups.cause(group, fulfilled);
    if (head == 0) {
        const std::uint32_t cell = cells_.add(head, cause.sensor_id, of.point);
        if (cell == no_index) {
            return;
        }
        cells_[cell].place = group;
        cells_[cell].sensor = nullptr;
        put_clock(cells_[cell], cause.event_ns);
        shelve_with_rule(cells_[cell], cause.event_ns);
    }
    AlarmCell& alarm = cells_[head - 1];
    // No alert's end: a reload has taken its sensors out of the group.
    std::uint64_t event_ns = event_now_ns(alarm);
    if (cause.event_ns != 0) {
        alarm.sensor_id = cause.sensor_id;
        event_ns = std::max(cause.event_ns, alarm.last_ns);
    }
    const auto count = static_cast<double>(sensors);
    const auto limit = static_cast<double>(point.at_least_sensors);
    const Verdict verdict{fulfilled, count, limit, limit};
    advance(head - 1, {verdict, event_ns, Reason::group});
}

/// Groups of rules that go on keep their alarms.
void Judge::carry_groups() noexcept {
    std::vector<std::uint32_t> carried(edition_->groups.size());
    for (std::uint32_t old = 0; old < group_alarms_.size(); ++old) {
        if (group_alarms_[old] == 0) {
            continue;
        }
        const std::uint32_t cell = group_alarms_[old] - 1;
        const std::uint32_t now = edition_->groups_of_before[old];
        if (now == no_index) {
            end_alarm(cell);
            continue;
        }
        carried[now] = group_alarms_[old];
        cells_[cell].point = edition_->book->groups()[now].point;
        cells_[cell].place = now;
    }
    group_alarms_ = std::move(carried);
}

}  // namespace roda::appliance
