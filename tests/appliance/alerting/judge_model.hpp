// SPDX-License-Identifier: Apache-2.0
// What a judge must come to, told plainly: each rule looks at each reading, and at each tick at the
// time; no quiet interval, no watch, no cells that come and go, no timer wheel.
//
// It shares with the judge what has models of its own: a sensor's figures, the windows, an alarm's
// life. Of a sensor, receive times are ahead of its event times by always the same.
#pragma once

#include <cmath>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "appliance/alarms/alarm_life.hpp"
#include "appliance/alerting/sensor_state.hpp"
#include "appliance/windows/windows.hpp"

namespace roda::appliance {

/// What a record says, of one alarm; `occurrence` counts from 1.
struct ModelRecord {
    Transition transition;
    std::uint64_t event_ns;
    std::uint64_t occurrence;
    double value;
    double reference;
    double limit;
};

class JudgeModel {
  public:
    /// "high.hi" of sensor 3.
    using Alarms = std::map<std::pair<std::string, std::uint64_t>, std::vector<ModelRecord>>;

    JudgeModel(std::vector<Rule> rules, double ewma_weight)
        : rules_(std::move(rules)), weights_(ewma_weight), windows_(8u << 20) {}

    void read(std::uint64_t id, double value, std::uint64_t event_ns, std::uint64_t receive_ns) {
        const auto [at, is_new] = sensors_.try_emplace(id);
        Sensor& sensor = at->second;
        if (is_new) {
            add_alarms(id, sensor);
        }
        sensor.heard_ns = receive_ns;
        sensor.behind_ns = receive_ns - event_ns;
        now_ns_ = receive_ns;
        const bool is_late = sensor.state.count() != 0 && event_ns < sensor.state.newest_ns;
        if (!std::isfinite(value)) {
            sensor.behind_ns = receive_ns - std::max(event_ns, sensor.state.newest_ns);
            judge_non_finite(sensor, value, std::max(event_ns, sensor.state.newest_ns));
            return;
        }
        const SensorState before = sensor.state;
        if (is_late) {
            sensor.behind_ns = receive_ns - before.newest_ns;
        } else if (before.count() == 0) {
            sensor.state.begin(value, event_ns);
        } else {
            sensor.state.add(value, event_ns, weights_);
        }
        for (Alarm& alarm : sensor.alarms) {
            if (is_of_window(alarm.rule->of)) {
                windows_.add(
                    alarm.windows, value, event_ns, [&](const auto& now, const auto& last) {
                        judge_window(alarm, now, last);
                    });
            } else if (!is_late) {
                judge(alarm, before, sensor.state);
            }
        }
    }

    /// A tick of the receive clock.
    void pass(std::uint64_t tick_ns) {
        now_ns_ = tick_ns;
        for (auto& [id, sensor] : sensors_) {
            for (Alarm& alarm : sensor.alarms) {
                const std::uint64_t time_ns = tick_ns - sensor.behind_ns;
                if (is_of_window(alarm.rule->of) && windows_.due_ns(alarm.windows) <= time_ns) {
                    windows_.pass(alarm.windows, time_ns, [&](const auto& now, const auto& last) {
                        judge_window(alarm, now, last);
                    });
                }
                // A gap that is longer at all is longer by far.
                if (alarm.rule->kind == RuleKind::absence && !alarm.silent &&
                    tick_ns - sensor.heard_ns >= alarm.rule->for_ns / 8 * 10) {
                    alarm.silent = true;
                    const double limit = seconds(alarm.rule->for_ns);
                    feed(alarm,
                         {true, limit, sensor.state.last, limit},
                         sensor.state.newest_ns + alarm.rule->for_ns);
                }
                pass(alarm, tick_ns - alarm.behind_ns);
            }
        }
    }

    /// At a tick.
    void acknowledge(const std::string& rule, std::uint64_t tick_ns) {
        for (auto& [id, sensor] : sensors_) {
            for (Alarm& alarm : sensor.alarms) {
                const AlertLife& life = alarm.rule->life;
                if (alarm.rule->name == rule && !AlarmLife::is_at_rest(alarm.cell, life)) {
                    const std::uint64_t event_ns = tick_ns - alarm.behind_ns;
                    tell(alarm, life_.acknowledge(alarm.cell, life, event_ns), nullptr, 0);
                }
            }
        }
    }

    const Alarms& alarms() const { return told_; }

  private:
    struct Figures {
        bool fulfilled;
        double value;
        double reference;
        double limit;
    };

    struct Alarm {
        const Rule* rule;
        Level level;
        double limit;
        std::uint64_t behind_ns;
        std::uint32_t windows;
        std::vector<ModelRecord>* told;
        AlarmCell cell;
        std::vector<std::uint64_t> ids;
        double flat_at = 0.0;
        std::uint64_t flat_from_ns = 0;
        bool silent = false;
    };

    struct Sensor {
        SensorState state{};
        std::uint64_t heard_ns = 0;
        std::uint64_t behind_ns = 0;
        std::deque<Alarm> alarms;
    };

    static double seconds(std::uint64_t duration_ns) {
        return static_cast<double>(duration_ns) / 1e9;
    }

    static double figure_of(const SensorState& state, Figure figure) {
        return figure == Figure::value  ? state.last
               : figure == Figure::mean ? state.mean
                                        : state.average;
    }

    static bool goes(Direction direction, double from, double to) {
        return direction == Direction::either || (direction == Direction::rising) == (to > from);
    }

    void add_alarms(std::uint64_t id, Sensor& sensor) {
        for (const Rule& rule : rules_) {
            const auto add = [&](Level level, double limit) {
                std::string name = rule.name;
                if (level != Level::none) {
                    name += '.' + std::string(level_names[static_cast<std::size_t>(level)]);
                }
                const std::uint32_t windows =
                    is_of_window(rule.of)
                        ? windows_.open(rule.window, rule.of >= Figure::window_p50)
                        : 0;
                sensor.alarms.push_back(
                    {&rule, level, limit, 0, windows, &told_[{name, id}], {}, {}});
            };
            const bool matches = rule.match.sensors.empty() || (id >= rule.match.sensors[0].first &&
                                                                id <= rule.match.sensors[0].last);
            if (matches && rule.kind != RuleKind::limits) {
                add(Level::none, 0.0);
            } else if (matches) {
                const std::pair<Level, std::optional<LevelLimit>> levels[] = {
                    {Level::hihi, rule.hihi},
                    {Level::hi, rule.hi},
                    {Level::lo, rule.lo},
                    {Level::lolo, rule.lolo}};
                for (const auto& [level, limit] : levels) {
                    if (limit) {
                        add(level, limit->value);
                    }
                }
            }
        }
    }

    void judge(Alarm& alarm, const SensorState& before, const SensorState& after) {
        const Rule& rule = *alarm.rule;
        switch (rule.kind) {
            case RuleKind::limits:
                feed(alarm, compare(alarm, figure_of(after, rule.of)), after.newest_ns);
                break;
            case RuleKind::rate:
                if (after.newest_ns > before.newest_ns) {
                    feed(alarm, rate(rule, before, after), after.newest_ns);
                }
                break;
            case RuleKind::jump: {
                const double from = before.count() == 0 ? std::nan("") : reference(rule, before);
                feed(alarm, jump(rule, figure_of(after, rule.of), from), after.newest_ns);
                break;
            }
            case RuleKind::deviation:
                feed(alarm, deviation(rule, before, after), after.newest_ns);
                break;
            case RuleKind::flatline:
                judge_line(alarm, before.count() == 0, after);
                break;
            case RuleKind::quality: {
                const bool low = rule.least && after.last < *rule.least;
                const bool high = rule.greatest && after.last > *rule.greatest;
                const double bound = low ? *rule.least : greatest(rule);
                feed(alarm, {low || high, after.last, bound, bound}, after.newest_ns);
                break;
            }
            default: {  // absence
                const double silent = seconds(after.newest_ns - before.newest_ns);
                alarm.silent = false;
                feed(alarm, {false, silent, after.last, alarm.cell.cause.limit}, after.newest_ns);
            }
        }
    }

    static Figures rate(const Rule& rule, const SensorState& before, const SensorState& after) {
        const double elapsed = seconds(after.newest_ns - before.newest_ns);
        const double change = after.last - before.last;
        if (before.count() == 0) {
            return {false, std::nan(""), std::nan(""), rule.per_second};
        }
        return {std::abs(change) > rule.per_second * elapsed &&
                    goes(rule.direction, before.last, after.last),
                change / elapsed,
                before.last,
                rule.per_second};
    }

    static double reference(const Rule& rule, const SensorState& before) {
        return rule.against == Reference::mean      ? before.mean
               : rule.against == Reference::average ? before.average
                                                    : figure_of(before, rule.of);
    }

    static Figures deviation(const Rule& rule,
                             const SensorState& before,
                             const SensorState& after) {
        const double off = after.last - before.average;
        const auto variance = static_cast<double>(before.variance);
        const double least = std::max(variance, 1.1754943508222875e-38);
        const bool is_known = variance < 3.4028234663852885e36;
        const bool is_off = is_known && off * off > rule.sigmas * rule.sigmas * least;
        const double size = std::max(std::abs(after.last), std::abs(before.average));
        const bool is_enough = before.count() != 0 && before.count() >= rule.min_readings;
        return {is_enough && is_off && std::abs(off) > 1e-9 * size,
                after.last,
                before.average,
                rule.sigmas};
    }

    void judge_line(Alarm& alarm, bool is_first, const SensorState& after) {
        const double began_at = alarm.flat_at;
        const bool moved = is_first || std::abs(after.last - began_at) > alarm.rule->tolerance;
        if (moved) {
            alarm.flat_at = after.last;
            alarm.flat_from_ns = after.newest_ns;
        }
        const std::uint64_t due_ns = alarm.flat_from_ns + alarm.rule->for_ns;
        const bool is_long = !moved && after.newest_ns >= due_ns;
        const bool is_first_of_it =
            is_long && !alarm.cell.condition && alarm.rule->life.at_least == 1;
        feed(alarm,
             {is_long, after.last, began_at, seconds(alarm.rule->for_ns)},
             is_first_of_it ? due_ns : after.newest_ns);
    }

    static double greatest(const Rule& rule) {
        return rule.greatest.value_or(std::numeric_limits<double>::infinity());
    }

    void judge_non_finite(Sensor& sensor, double value, std::uint64_t event_ns) {
        for (Alarm& alarm : sensor.alarms) {
            if (alarm.rule->kind == RuleKind::quality) {
                feed(alarm, {true, value, sensor.state.last, greatest(*alarm.rule)}, event_ns);
            }
        }
    }

    void judge_window(Alarm& alarm, const WindowFigures& now, const WindowFigures& last) {
        const Rule& rule = *alarm.rule;
        const double figure = now.of(rule.of);
        const double before = last.of(rule.of);
        feed(alarm,
             rule.kind == RuleKind::jump ? jump(rule, figure, before) : compare(alarm, figure),
             now.end_ns);
    }

    static Figures compare(const Alarm& alarm, double figure) {
        const double deadband = alarm.cell.condition ? alarm.rule->deadband : 0.0;
        const bool high = alarm.level == Level::hi || alarm.level == Level::hihi;
        return {high ? figure > alarm.limit - deadband : figure < alarm.limit + deadband,
                figure,
                alarm.limit,
                alarm.limit};
    }

    static Figures jump(const Rule& rule, double figure, double from) {
        const double change = std::abs(figure - from);
        return {change > (rule.ratio - 1.0) * std::abs(from) && change > rule.absolute &&
                    goes(rule.direction, from, figure),
                figure,
                from,
                rule.ratio};
    }

    void pass(Alarm& alarm, std::uint64_t event_ns) {
        const AlertLife& life = alarm.rule->life;
        while (AlarmLife::due_ns(alarm.cell, life) <= event_ns) {
            const std::uint64_t due_ns = AlarmLife::due_ns(alarm.cell, life);
            tell(alarm, life_.pass(alarm.cell, life, due_ns), nullptr, 0);
        }
    }

    void feed(Alarm& alarm, const Figures& figures, std::uint64_t event_ns) {
        pass(alarm, event_ns);
        if (figures.fulfilled && !alarm.cell.condition) {
            alarm.cell.cause.value = figures.value;
            alarm.cell.cause.reference = figures.reference;
            alarm.cell.cause.limit = figures.limit;
        }
        const AlarmChanges changes =
            life_.judge(alarm.cell, alarm.rule->life, figures.fulfilled, event_ns);
        tell(alarm, changes, &figures, event_ns);
        alarm.behind_ns = now_ns_ - event_ns;
    }

    static void tell(Alarm& alarm,
                     const AlarmChanges& changes,
                     const Figures* figures,
                     std::uint64_t event_ns) {
        const AlarmCause& cause = alarm.cell.cause;
        for (const AlarmChange& change : changes) {
            if (alarm.ids.empty() || alarm.ids.back() != change.id) {
                alarm.ids.push_back(change.id);
            }
            const bool is_now = figures != nullptr && change.event_ns >= event_ns;
            alarm.told->push_back({change.transition,
                                   change.event_ns,
                                   alarm.ids.size(),
                                   is_now ? figures->value : cause.value,
                                   is_now ? figures->reference : cause.reference,
                                   is_now ? figures->limit : cause.limit});
        }
    }

    static std::uint64_t next_id(void* ids) { return ++*static_cast<std::uint64_t*>(ids); }

    std::vector<Rule> rules_;
    EwmaWeights weights_;
    Windows windows_;
    std::uint64_t ids_ = 0;
    AlarmLife life_{next_id, &ids_};
    std::uint64_t now_ns_ = 0;
    std::map<std::uint64_t, Sensor> sensors_;
    Alarms told_;
};

}  // namespace roda::appliance
