// SPDX-License-Identifier: Apache-2.0
#include "appliance/alerting/explanation.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "appliance/alerting/alert_text.hpp"
#include "appliance/alerting/condition_text.hpp"
#include "appliance/ingest/json_writer.hpp"
#include "appliance/ingest/time_text.hpp"
#include "appliance/ingest/utf8_text.hpp"

namespace roda::appliance {
namespace {

std::uint64_t since(std::uint64_t then_ns, std::uint64_t now_ns) {
    return now_ns - std::min(then_ns, now_ns);
}

std::string head_text(const SensorExplanation& sensor, const InventoryEntry* entry) {
    std::string text = "sensor " + std::to_string(sensor.sensor_id);
    if (entry != nullptr && !entry->name.empty()) {
        text += ' ' + utf8_text(entry->name);
    }
    if (entry != nullptr && !entry->unit.empty()) {
        text += " (" + utf8_text(entry->unit) + ')';
    }
    text += ", shard " + std::to_string(sensor.shard) + '\n';
    if (entry != nullptr && !entry->labels.empty()) {
        text += ' ';
        for (const auto& [name, value] : entry->labels) {
            text += ' ' + name + '=' + utf8_text(value);
        }
        text += '\n';
    }
    return text;
}

/// The values that no rule needs to look at.
std::string quiet_text(const SensorState& state) {
    constexpr float most = std::numeric_limits<float>::max();
    const std::string low = figure_text(static_cast<double>(state.quiet_low));
    const std::string high = figure_text(static_cast<double>(state.quiet_high));
    if (state.quiet_low > state.quiet_high) {
        return "the next reading is judged by all rules";
    }
    const std::string values =
        state.quiet_low <= -most
            ? (state.quiet_high >= most ? "any value" : "values up to " + high)
            : "values from " + low + (state.quiet_high >= most ? " up" : " to " + high);
    return values + (state.has(sensor_watched) ? " can only change what time or pace decides"
                                               : " can change nothing");
}

std::string state_text(const SensorExplanation& sensor, bool in_inventory, std::uint64_t now_ns) {
    const SensorState& state = sensor.state;
    if (!sensor.known) {
        return in_inventory ? "  never heard, but expected by the inventory\n" : "  never heard\n";
    }
    if (state.count() == 0) {
        return "  no finite value yet\n";
    }
    return "  last value " + figure_text(state.last) + " at " + utc_text(state.newest_ns) + ", " +
           fine_span_text(since(state.newest_ns, now_ns)) + " ago; " +
           std::to_string(state.count()) + (state.count() == 1 ? " reading\n" : " readings\n") +
           "  mean " + figure_text(state.mean) + ", average " + figure_text(state.average) +
           ", standard deviation " + figure_text(state.deviation()) + "\n  " + quiet_text(state) +
           '\n';
}

std::string wait_text(std::string_view what, std::uint64_t at_ns, std::uint64_t now_ns) {
    return at_ns <= now_ns ? std::string(what) + " now"
                           : std::string(what) + " in " + fine_span_text(at_ns - now_ns);
}

/// The state of its life, and what ends it.
std::string stage_text(const AlarmCell& cell, const AlertLife& life, std::uint64_t now_ns) {
    const std::string condition_age = fine_span_text(since(cell.since_ns, now_ns));
    const std::uint64_t interval_end_ns =
        cell.fired_ns == 0 ? 0 : time_after(cell.fired_ns, life.min_interval_ns);
    if (cell.flapping) {
        return std::string("flapping, its condition ") + (cell.condition ? "holds" : "is gone") +
               ", " + wait_text("steady", time_after(cell.since_ns, life.flap_within_ns), now_ns);
    }
    switch (cell.state) {
        case AlarmState::normal:
            break;
        case AlarmState::pending:
            return "pending for " + condition_age + ", " +
                   wait_text("fires",
                             std::max(time_after(cell.since_ns, life.on_delay_ns), interval_end_ns),
                             now_ns);
        case AlarmState::firing:
            return "firing for " + fine_span_text(since(cell.fired_ns, now_ns));
        case AlarmState::clearing:
            return "clearing for " + condition_age + ", " +
                   wait_text("resolves", time_after(cell.since_ns, life.off_delay_ns), now_ns);
        case AlarmState::latched:
            return "latched for " + condition_age + ", waits to be acknowledged";
    }
    return interval_end_ns > now_ns
               ? "normal, cannot fire for another " + fine_span_text(interval_end_ns - now_ns)
               : "normal";
}

/// What the sensor's clock shows now: the times of its alarms are by that.
std::uint64_t event_now_ns(const AlarmCell& cell, std::uint64_t now_ns) {
    return now_ns - static_cast<std::uint64_t>(cell.behind_ns);
}

std::string alarm_text(const AlarmCell& cell, const AlertLife& life, std::uint64_t now_ns) {
    const std::uint64_t event_ns = event_now_ns(cell, now_ns);
    std::string text = stage_text(cell, life, event_ns);
    if (cell.id != 0) {
        text += cell.acknowledged ? ", acknowledged" : "";
        text += ", alert " + net_id_text(cell.id);
    }
    if (cell.shelved_until_ns > event_ns) {
        const std::uint64_t left_ns = cell.shelved_until_ns - event_ns;
        text += "; shelved until " + utc_text(now_ns + left_ns) + ", for another " +
                fine_span_text(left_ns);
    }
    if (life.of_last > 1) {
        text += "; " + std::to_string(std::popcount(cell.history)) + " of the last " +
                std::to_string(life.of_last) + " readings, needs " + std::to_string(life.at_least);
    }
    return text;
}

std::string rule_title(const AlarmPoint& point, const RuleBook& book) {
    std::string text = book.rules()[point.rule].name;
    if (point.level != Level::none) {
        text += ' ' + std::string(level_name(point.level));
    }
    return text + ", " + std::string(severity_name(point.severity));
}

void write_state(JsonWriter& json, const SensorState& state) {
    json.key("state").open();
    json.number("last", state.last).number("newest_ns", state.newest_ns);
    json.number("readings", state.count()).number("mean", state.mean);
    json.number("average", state.average).number("deviation", state.deviation());
    json.number("quiet_low", state.quiet_low).number("quiet_high", state.quiet_high);
    json.number("watched", state.has(sensor_watched)).close();
}

void write_point(JsonWriter& json, const PointExplanation& explained, const RuleBook& book) {
    const AlarmPoint& point = book.points()[explained.point];
    const AlarmCell& cell = explained.cell;
    json.open().text("rule", book.rules()[point.rule].name);
    json.text("kind", rule_kind_names[static_cast<std::size_t>(point.kind)]);
    if (point.level != Level::none) {
        json.text("level", level_name(point.level));
    }
    json.text("severity", severity_name(point.severity));
    json.text("of", figure_names[static_cast<std::size_t>(point.of)]);
    json.number("fulfilled", explained.verdict.fulfilled).number("value", explained.verdict.value);
    json.number("reference", explained.verdict.reference).number("limit", explained.verdict.limit);
    json.text("state", alarm_state_names[static_cast<std::size_t>(cell.state)]);
    json.number("condition", cell.condition).number("since_ns", cell.since_ns);
    json.number("fired_ns", cell.fired_ns).number("shelved_until_ns", cell.shelved_until_ns);
    json.number("acknowledged", cell.acknowledged).number("flapping", cell.flapping);
    if (cell.id != 0) {
        json.text("id", net_id_text(cell.id));
    }
    if (point.kind == RuleKind::flatline && cell.flat_from_ns != 0) {
        json.number("flat_at", cell.flat_at).number("flat_from_ns", cell.flat_from_ns);
    }
    if (point.life.of_last > 1) {
        json.number("fulfilled_of_last", std::popcount(cell.history));
    }
    json.close();
}

/// Heard of, but who sends it is not known since the rules were loaded.
bool waits_for_rules(const SensorExplanation& sensor) {
    return sensor.known && sensor.state.count() != 0 && sensor.state.has(sensor_unresolved);
}

}  // namespace

std::string to_text(const SensorExplanation& sensor, const RuleBook& book, std::uint64_t now_ns) {
    const InventoryEntry* const entry = book.inventory().find(sensor.sensor_id);
    std::string text = head_text(sensor, entry) + state_text(sensor, entry != nullptr, now_ns);
    if (sensor.points.empty() && sensor.known && !waits_for_rules(sensor)) {
        text += "  no rule is about it\n";
    }
    for (const PointExplanation& explained : sensor.points) {
        const AlarmPoint& point = book.points()[explained.point];
        text += "  " + rule_title(point, book) + ": " +
                condition_text(explained, sensor, book, event_now_ns(explained.cell, now_ns)) +
                "; " + alarm_text(explained.cell, point.life, now_ns) + '\n';
    }
    if (waits_for_rules(sensor)) {
        text += sensor.points.empty() ? "  its rules are found with its next reading\n"
                                      : "  its other rules are found with its next reading\n";
    }
    return text;
}

std::string to_json(const SensorExplanation& sensor, const RuleBook& book) {
    JsonWriter json;
    json.open().number("sensor_id", sensor.sensor_id).number("shard", sensor.shard);
    json.number("known", sensor.known);
    if (const InventoryEntry* const entry = book.inventory().find(sensor.sensor_id)) {
        json.text("name", utf8_text(entry->name)).text("unit", utf8_text(entry->unit));
        json.key("labels").open();
        for (const auto& [name, value] : entry->labels) {
            json.text(name, utf8_text(value));
        }
        json.close();
    }
    if (sensor.known) {
        write_state(json, sensor.state);
    }
    json.key("rules").open('[');
    for (const PointExplanation& explained : sensor.points) {
        write_point(json, explained, book);
    }
    return json.close(']').close().str();
}

}  // namespace roda::appliance
