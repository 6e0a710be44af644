// SPDX-License-Identifier: Apache-2.0
// Alarms of groups: how many sensors of a group have alerts. Every shard counts its own sensors on
// the board; one of them, by the group's number, judges.
#include "appliance/alerting/judge.hpp"

namespace roda::appliance {

/// A sensor counts once, however many of the group's rules have alerts of it.
void Judge::count_for_groups(const AlarmCell& cell, bool stands, std::uint64_t event_ns) noexcept {
    const RuleBook& book = *edition_of(cell).book;
    if (&book != edition_->book.get()) {
        return;  // its edition's board counts for nobody any more
    }
    for (const std::uint32_t point : book.groups_counting(cell.point)) {
        const std::uint32_t group = book.group_of(point, cell.sensor_id);
        if (group == no_index || has_other_alert_of(cell, point)) {
            continue;
        }
        edition_->groups.change(group, stands, {cell.sensor_id, event_ns});
        if (group % shards_ == shard_ && before_ == nullptr) {
            judge_group(group);
        }
    }
}

bool Judge::has_other_alert_of(const AlarmCell& cell, std::uint32_t group_point) const noexcept {
    for (std::uint32_t at = cell.sensor->alarms; at != 0; at = cells_[at - 1].next) {
        const AlarmCell& other = cells_[at - 1];
        if (&other != &cell && (other.point & window_mark) == 0 &&
            gauge_of(other) == AlertTally::Gauge::firing &&
            edition_->book->counts_for(other.point, group_point)) {
            return true;
        }
    }
    return false;
}

/// What other shards changed is seen at the next tick.
void Judge::judge_groups() noexcept {
    if (before_ != nullptr || edition_ == nullptr) {
        return;
    }
    const std::uint64_t changes = edition_->groups.changes();
    if (changes == group_changes_seen_) {
        return;
    }
    group_changes_seen_ = changes;
    for (std::uint32_t group = shard_; group < group_alarms_.size(); group += shards_) {
        judge_group(group);
    }
}

void Judge::judge_group(std::uint32_t group) noexcept {
    const SensorGroup& of = edition_->book->groups()[group];
    const AlarmPoint& point = points_[of.point];
    const std::uint32_t sensors = edition_->groups.sensors(group);
    const bool fulfilled = sensors >= point.at_least_sensors;
    const GroupBoard::Cause cause = edition_->groups.cause(group);
    std::uint32_t& head = group_alarms_[group];
    if (head == 0) {
        const std::uint32_t cell =
            fulfilled ? cells_.add(head, cause.sensor_id, of.point) : no_index;
        if (cell == no_index) {
            return;
        }
        cells_[cell].place = group;
        cells_[cell].sensor = nullptr;
    }
    AlarmCell& alarm = cells_[head - 1];
    if (fulfilled != alarm.condition) {
        alarm.sensor_id = cause.sensor_id;
    }
    const auto count = static_cast<double>(sensors);
    const auto limit = static_cast<double>(point.at_least_sensors);
    const Verdict verdict{fulfilled, count, limit, limit};
    advance(head - 1, {verdict, cause.event_ns, Reason::group});
}

/// Groups of rules that go on keep their alarms: the same point, the same value of its label.
void Judge::carry_groups() noexcept {
    std::vector<std::uint32_t> carried(edition_->groups.size());
    const auto groups_before = before_->book->groups();
    const auto groups = edition_->book->groups();
    for (std::uint32_t old = 0; old < group_alarms_.size(); ++old) {
        if (group_alarms_[old] == 0) {
            continue;
        }
        const std::uint32_t point = edition_->points_of_before[groups_before[old].point];
        const auto now = std::find_if(groups.begin(), groups.end(), [&](const SensorGroup& group) {
            return group.point == point && group.value == groups_before[old].value;
        });
        const std::uint32_t cell = group_alarms_[old] - 1;
        if (now == groups.end()) {
            end_alarm(cell);
            continue;
        }
        const auto number = static_cast<std::uint32_t>(now - groups.begin());
        carried[number] = group_alarms_[old];
        cells_[cell].point = point;
        cells_[cell].place = number;
    }
    group_alarms_ = std::move(carried);
}

}  // namespace roda::appliance
