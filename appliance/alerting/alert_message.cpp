// SPDX-License-Identifier: Apache-2.0
#include "appliance/alerting/alert_message.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string_view>

#include "appliance/config/message_template.hpp"
#include "appliance/ingest/utf8_text.hpp"

namespace roda::appliance {

namespace {

/// All that a message may speak of.
struct Told {
    const Rule& rule;
    const AlertRecord& record;
    const InventoryEntry* sensor;
};

std::string number(double value) {
    if (std::isnan(value)) {
        return "NaN";
    }
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

std::string known(double value) {
    return std::isnan(value) ? std::string() : number(value);
}

// Records come from shared memory: an enumerator that this program does not know has a name too.
template <std::size_t count, class Word>
std::string name_of(const std::array<std::string_view, count>& names, Word word) {
    const auto at = static_cast<std::size_t>(word);
    return std::string(at < count ? names[at] : "unknown");
}

bool is_of_group(const AlertRecord& record) {
    return record.group != no_index;
}

// The record knows a group's name, and a sensor's as far as it fits.
std::string name_in(const Told& told) {
    if (!is_of_group(told.record) && told.sensor != nullptr) {
        return told.sensor->name;
    }
    const auto& subject = told.record.subject;
    return utf8_text(
        without_cut_character({subject.data(), ::strnlen(subject.data(), subject.size())}));
}

std::string unit_in(const Told& told) {
    return told.sensor == nullptr ? std::string() : told.sensor->unit;
}

std::string label_in(const Told& told, std::string_view name) {
    return is_of_group(told.record) && name == "group"
               ? name_in(told)
               : std::string(alert_label(&told.rule, told.sensor, name));
}

// A value that is no number is what a quality rule has found; else nobody knows it.
std::string value_in(const Told& told) {
    return told.rule.kind == RuleKind::quality ? number(told.record.value)
                                               : known(told.record.value);
}

std::string level_in(const Told& told) {
    return told.record.level == Level::none ? std::string()
                                            : name_of(level_names, told.record.level);
}

std::string filled(const MessagePiece& piece, const Told& told) {
    const AlertRecord& record = told.record;
    switch (piece.field) {
        case MessageField::rule:
            return told.rule.name;
        case MessageField::severity:
            return name_of(severity_names, record.severity);
        case MessageField::sensor:
            return std::to_string(record.sensor_id);
        case MessageField::name:
            return name_in(told);
        case MessageField::unit:
            return unit_in(told);
        case MessageField::device:
            return std::to_string(record.device_id);
        case MessageField::value:
            return value_in(told);
        case MessageField::reference:
            return known(record.reference);
        case MessageField::limit:
            return known(record.limit);
        case MessageField::level:
            return level_in(told);
        case MessageField::transition:
            return name_of(transition_names, record.transition);
        case MessageField::label:
            return label_in(told, piece.text);
        case MessageField::text:
            break;
    }
    return piece.text;
}

// "boiler 3 inlet (sensor 417)", "sensor 417", "group boilers".
std::string who(const Told& told) {
    const std::string name = name_in(told);
    if (is_of_group(told.record)) {
        return "group " + (name.empty() ? std::to_string(told.record.group) : name);
    }
    const std::string sensor = "sensor " + std::to_string(told.record.sensor_id);
    return name.empty() ? sensor : name + " (" + sensor + ')';
}

std::string with_unit(double value, const Told& told) {
    const std::string unit = unit_in(told);
    return number(value) + (unit.empty() ? "" : ' ' + unit);
}

std::string figure_in(const Told& told) {
    std::string name = name_of(figure_names, told.rule.of);
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

// What holds, in the words of its kind.
std::string condition(const Told& told) {
    const AlertRecord& record = told.record;
    const std::string value = with_unit(record.value, told);
    switch (told.rule.kind) {
        case RuleKind::limits: {
            const bool high = record.level == Level::hihi || record.level == Level::hi;
            return figure_in(told) + " is " + value + (high ? ", above " : ", below ") +
                   level_in(told) + ' ' + with_unit(record.limit, told);
        }
        case RuleKind::rate:
            return "value moves by " + value + " a second, more than " + number(record.limit);
        case RuleKind::jump:
            return figure_in(told) + " went from " + number(record.reference) + " to " + value;
        case RuleKind::deviation:
            return "value is " + value + ", more than " + number(record.limit) +
                   " standard deviations from its average " + number(record.reference);
        case RuleKind::flatline:
            return "value has not moved from " + with_unit(record.reference, told) + " for " +
                   number(record.limit) + " s";
        case RuleKind::quality:
            return std::isfinite(record.value)
                       ? "value is " + value + ", out of range beyond " + number(record.limit)
                       : "value is no number: " + number(record.value);
        case RuleKind::absence:
            return "silent for " + number(record.value) + " s";
        case RuleKind::group:
            return number(record.value) + " sensors have alerts, " + number(record.limit) +
                   " are too many";
    }
    return "value is " + value;
}

// The figure that ended it.
std::string figure(const Told& told) {
    const AlertRecord& record = told.record;
    switch (told.rule.kind) {
        case RuleKind::rate:
            return "value moves by " + with_unit(record.value, told) + " a second";
        case RuleKind::absence:
            return "heard of again";
        case RuleKind::group:
            return number(record.value) + " sensors have alerts";
        default:
            return figure_in(told) + " is " + with_unit(record.value, told);
    }
}

std::string sentence(const Told& told) {
    const AlertRecord& record = told.record;
    const std::string transition = name_of(transition_names, record.transition);
    if (record.reason == Reason::person || record.reason == Reason::reload) {
        return who(told) + ": " + told.rule.name + ' ' + transition +
               (record.reason == Reason::person ? " by an operator" : " by a reload of the rules");
    }
    switch (record.transition) {
        case Transition::firing:
            return who(told) + ": " + condition(told);
        case Transition::resolved:
        case Transition::cancelled:
            return who(told) + ": " + transition + ", " + figure(told);
        default:
            return who(told) + ": " + transition + ", " + condition(told);
    }
}

}  // namespace

std::string alert_message(const Rule& rule,
                          const AlertRecord& record,
                          const InventoryEntry* sensor) {
    const Told told{rule, record, sensor};
    if (rule.message.empty()) {
        return sentence(told);
    }
    std::string message;
    for (const MessagePiece& piece : parse_message(rule.message).pieces) {
        message += filled(piece, told);
    }
    return message;
}

std::string_view alert_label(const Rule* rule,
                             const InventoryEntry* sensor,
                             std::string_view name) noexcept {
    const std::string_view own = rule == nullptr ? "" : label_of(rule->labels, name);
    if (!own.empty() || sensor == nullptr) {
        return own;
    }
    return name == "name"   ? std::string_view(sensor->name)
           : name == "unit" ? std::string_view(sensor->unit)
                            : label_of(sensor->labels, name);
}

}  // namespace roda::appliance
