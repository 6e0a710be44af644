// SPDX-License-Identifier: Apache-2.0
// What happens without a reading: delays end, windows close, sensors are found silent.
#include "appliance/alerting/judge.hpp"

namespace roda::appliance {
namespace {

/// A silence is looked at so many times before it is one: so it is found late by an eighth at most,
/// and no reading pays for it but by a bit.
constexpr std::uint32_t checks_of_a_silence = 8;

/// A clock that is so far behind was set back; less is the way of a datagram to us.
constexpr std::uint64_t step_of_a_clock_ns = 1'000'000'000;

constexpr std::uint64_t unresolved_patience_ns = 1'000'000'000;

std::uint64_t check_step_ns(std::uint64_t silence_ns) noexcept {
    return std::max(silence_ns / checks_of_a_silence, TimerWheel::tick_ns);
}

}  // namespace

void Judge::pass_time(std::uint64_t host_ns) noexcept {
    std::uint64_t now_ns = host_ns + set_back_ns_;
    if (now_ns + step_of_a_clock_ns < wheel_.now_ns()) {
        set_back_ns_ += wheel_.now_ns() - now_ns;
        now_ns = wheel_.now_ns();
    }
    if (now_ns < wheel_.next_tick_ns()) {
        return;
    }
    passing_to_ns_ = now_ns;
    origin_ = {};  // the reading in hand before has nothing to do with it
    wheel_.advance(now_ns, [this](std::uint32_t cell) {
        receive_now_ns_ = std::max(receive_now_ns_, wheel_.now_ns());
        pass(cell);
    });
    receive_now_ns_ = std::max(receive_now_ns_, wheel_.now_ns());
    judge_groups();
}

void Judge::pass(std::uint32_t cell) noexcept {
    if (SensorState* const sensor = cells_[cell].sensor; sensor != nullptr && !is_new(*sensor)) {
        migrate(cells_[cell].sensor_id, *sensor);
        if (!is_in_list(*sensor, cell)) {
            return;
        }
    }
    AlarmCell& alarm = cells_[cell];
    const std::uint64_t event_ns = event_now_ns(alarm);
    if ((alarm.point & window_mark) != 0) {
        pass_window(cell, event_ns);
        return;
    }
    if (alarm.check_ns != 0 && alarm.check_ns <= receive_now_ns_ && !look_at_silence(cell)) {
        return;
    }
    pass_life(alarm, event_ns);
    settle(cell, event_ns);
}

/// What was due by then is told as time's work, also where a step comes at that very moment. Time
/// passes to the due times only, not to the tick: a window or a flat line that is told of later
/// may have ended between.
void Judge::pass_life(AlarmCell& alarm, std::uint64_t event_ns) noexcept {
    const AlertLife& life = life_of(alarm);
    std::uint64_t due_ns = AlarmLife::due_ns(alarm, life);
    while (due_ns <= event_ns && due_ns != never_ns) {
        tell(alarm, life_.pass(alarm, life, due_ns), nullptr, gauge_of(alarm));
        due_ns = AlarmLife::due_ns(alarm, life);
    }
}

bool Judge::is_in_list(const SensorState& sensor, std::uint32_t cell) const noexcept {
    std::uint32_t at = sensor.alarms;
    while (at != 0 && at - 1 != cell) {
        at = cells_[at - 1].next;
    }
    return at != 0;
}

void Judge::pass_window(std::uint32_t cell, std::uint64_t event_ns) noexcept {
    AlarmCell& alarm = cells_[cell];
    SensorState& sensor = *alarm.sensor;
    const std::uint64_t sensor_id = alarm.sensor_id;
    if (sensor.has(sensor_unresolved)) {
        wheel_.set(cell, receive_now_ns_ + unresolved_patience_ns);
        return;  // whose windows they are shows with its next reading
    }
    const std::uint32_t shape = alarm.point & ~window_mark;
    windows_.pass(
        alarm.place, event_ns, [&](const WindowFigures& now, const WindowFigures& before) {
            judge_window(sensor_id, sensor, {shape, now, before, Reason::time});
        });
    settle(cell, event_ns);
}

/// Of an inventory's sensor that another shard hears, this one need not know.
bool Judge::is_heard_elsewhere(std::uint64_t sensor_id) const noexcept {
    const Inventory& inventory = edition_->book->inventory();
    const InventoryEntry* const entry = inventory.find(sensor_id);
    if (shards_ == 1 || entry == nullptr) {
        return false;
    }
    const std::uint16_t home = edition_->homes.home(inventory.number_of(*entry));
    return home != SensorHomes::nowhere && home != shard_;
}

bool Judge::look_at_silence(std::uint32_t cell) noexcept {
    AlarmCell& alarm = cells_[cell];
    SensorState& sensor = *alarm.sensor;
    if (is_heard_elsewhere(alarm.sensor_id)) {
        leave_silence(cell);
        return false;
    }
    const InventoryEntry* const entry = edition_->book->inventory().find(alarm.sensor_id);
    const std::uint64_t limit_ns = silence_ns(points_[alarm.point], entry);
    const std::uint64_t step_ns = check_step_ns(limit_ns);
    // More than one where time jumped: the first of them is about what was heard.
    const std::uint64_t checks = (passing_to_ns_ - alarm.check_ns) / step_ns + 1;
    alarm.silent_checks = sensor.has(sensor_heard) ? 0 : alarm.silent_checks + 1;
    alarm.silent_checks = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(alarm.silent_checks + checks - 1, checks_of_a_silence));
    sensor.put(sensor_heard, false);
    alarm.check_ns += checks * step_ns;
    if (alarm.silent_checks < checks_of_a_silence || alarm.condition) {
        return true;
    }
    set_quiet(sensor, QuietInterval::none());  // the next reading ends it
    const double limit = static_cast<double>(limit_ns) / 1e9;
    const Verdict verdict{true, limit, last_of(sensor), limit};
    const std::uint64_t event_ns = time_after(silent_from_ns(alarm, sensor), limit_ns);
    advance(cell, {verdict, event_ns, Reason::time});
    return true;
}

std::uint64_t Judge::silent_from_ns(const AlarmCell& cell, const SensorState& sensor) noexcept {
    return sensor.count() == 0 ? cell.flat_from_ns : std::max(cell.flat_from_ns, sensor.newest_ns);
}

/// What is no number or late says nothing, but its sensor is there. An alarm that does not stand
/// need not hear of a time that may be wrong.
void Judge::end_silence(const proto::Reading& reading, SensorState& sensor) noexcept {
    const std::uint64_t event_ns = std::max(reading.timestamp_ns, sensor.newest_ns);
    for (const std::uint32_t point : sets_[sensor.set].points) {
        const std::uint32_t cell = cells_.find(sensor.alarms, point);
        if (points_[point].kind != RuleKind::absence || cell == no_index) {
            continue;
        }
        AlarmCell& alarm = cells_[cell];
        const std::uint64_t from_ns = silent_from_ns(alarm, sensor);
        const double silent_s = static_cast<double>(event_ns - std::min(event_ns, from_ns)) / 1e9;
        alarm.flat_from_ns = event_ns;
        if (event_ns != sensor.newest_ns) {
            set_quiet(sensor, QuietInterval::none());  // the next reading is what was heard last
        }
        if (alarm.condition) {
            const Verdict verdict{false, silent_s, last_of(sensor), alarm.cause.limit};
            advance(cell, {verdict, event_ns, Reason::reading});
            doubt(alarm, event_ns, sensor);
        }
    }
}

/// Its next reading here begins anew.
void Judge::leave_silence(std::uint32_t cell) noexcept {
    AlarmCell& alarm = cells_[cell];
    alarm.sensor->put(sensor_unresolved, true);
    set_quiet(*alarm.sensor, QuietInterval::none());
    alarm.check_ns = 0;
    const Verdict verdict{};
    advance(cell, {verdict, event_now_ns(alarm), Reason::time});
}

void Judge::watch_silence(std::uint32_t cell, const InventoryEntry* entry) noexcept {
    AlarmCell& alarm = cells_[cell];
    alarm.flat_from_ns = alarm.sensor->count() == 0 ? receive_now_ns_ : 0;
    alarm.silent_checks = 0;
    alarm.check_ns = receive_now_ns_ + check_step_ns(silence_ns(points_[alarm.point], entry));
    settle(cell, event_now_ns(alarm));
}

}  // namespace roda::appliance
