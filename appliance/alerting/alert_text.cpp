// SPDX-License-Identifier: Apache-2.0
#include "appliance/alerting/alert_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "appliance/ingest/json_writer.hpp"
#include "appliance/ingest/utf8_text.hpp"
#include "pipeline/fleet/net_id.hpp"

namespace roda::appliance {
namespace {

/// The shortest text that reads back as the same number.
std::string number(double value) {
    if (!std::isfinite(value)) {
        return "null";
    }
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return std::string(text.data(), end);
}

template <std::size_t count, class Word>
std::string_view name_of(const std::array<std::string_view, count>& names, Word word) noexcept {
    const auto at = static_cast<std::size_t>(word);
    return at < count ? names[at] : std::string_view("unknown");
}

std::string padded(std::string_view text, std::size_t width) {
    std::string field(text);
    field.resize(std::max(field.size(), width), ' ');
    return field;
}

template <class... Arguments>
std::string printed(const char* format, Arguments... arguments) {
    std::array<char, 96> line{};
    const int length = std::snprintf(line.data(), line.size(), format, arguments...);
    return std::string(line.data(),
                       std::min(line.size() - 1, static_cast<std::size_t>(std::max(0, length))));
}

/// Whose alert it is.
std::string who(const AlertRecord& record) {
    const std::string subject = subject_of(record);
    const std::string sensor = "sensor " + padded(std::to_string(record.sensor_id), 8);
    if (is_of_group(record)) {
        return "group " + (subject.empty() ? std::to_string(record.group) : subject) + " by " +
               sensor;
    }
    return subject.empty() ? sensor : sensor + ' ' + subject;
}

/// A level is a limit; all else moved from one figure to another.
std::string figures(const AlertRecord& record) {
    return record.level != Level::none ? printed("%.6g, limit %.6g", record.value, record.limit)
                                       : printed("%.6g -> %.6g", record.reference, record.value);
}

}  // namespace

std::string_view rule_name(const AlertRecord& record) noexcept {
    return {record.rule_name.data(), ::strnlen(record.rule_name.data(), rule_name_bytes)};
}

std::string subject_of(const AlertRecord& record) {
    return utf8_text(without_cut_character(
        {record.subject.data(), ::strnlen(record.subject.data(), subject_bytes)}));
}

std::string net_id_text(std::uint64_t id) {
    return NetId64{id}.to_text();
}

std::string_view transition_name(Transition transition) noexcept {
    return name_of(transition_names, transition);
}

std::string_view severity_name(Severity severity) noexcept {
    return name_of(severity_names, severity);
}

std::string_view level_name(Level level) noexcept {
    return name_of(level_names, level);
}

std::string_view reason_name(Reason reason) noexcept {
    return name_of(reason_names, reason);
}

std::string to_json(const AlertRecord& record) {
    JsonWriter json;
    json.open()
        .text("id", net_id_text(record.id))
        .text("rule", rule_name(record))
        .text("transition", transition_name(record.transition))
        .text("severity", severity_name(record.severity));
    if (record.level != Level::none) {
        json.text("level", level_name(record.level));
    }
    json.text("reason", reason_name(record.reason)).number("sensor_id", record.sensor_id);
    if (const std::string subject = subject_of(record); !subject.empty()) {
        json.text("subject", subject);
    }
    if (is_of_group(record)) {
        json.number("group", record.group);
    }
    json.number("device_id", record.device_id);
    json.key("value").raw(number(record.value));
    json.key("reference").raw(number(record.reference));
    json.key("limit").raw(number(record.limit));
    json.number("event_ns", record.event_ns).number("receive_ns", record.receive_ns);
    if (record.emit_ns != 0) {
        json.number("emit_ns", record.emit_ns);
    }
    return json.number("queue", record.queue)
        .number("shard", record.shard)
        .number("cause", record.cause)
        .close()
        .str();
}

std::string to_text(const AlertRecord& record) {
    std::string rule(rule_name(record));
    if (record.level != Level::none) {
        rule += ' ';
        rule += level_name(record.level);
    }
    std::string text = padded(transition_name(record.transition), 12) + "  " +
                       padded(severity_name(record.severity), 8) + "  " + padded(rule, 16) + ' ' +
                       who(record) + ' ' + figures(record) + "   device " +
                       std::to_string(record.device_id);
    if (record.reason != Reason::reading) {
        // No delay is told: its cause is not the reading that came last.
        return text + "   by " + std::string(reason_name(record.reason));
    }
    if (record.emit_ns > record.receive_ns) {
        text += printed("   %.1f us after arrival",
                        static_cast<double>(record.emit_ns - record.receive_ns) / 1e3);
    }
    return text;
}

}  // namespace roda::appliance
