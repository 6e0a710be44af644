// SPDX-License-Identifier: Apache-2.0
// One function per kind of keys; the order here is the order of deploy/rules.md.
#include "appliance/config/rule_keys.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "appliance/config/config_forms.hpp"
#include "appliance/config/rule_checks.hpp"
#include "appliance/config/rule_forms.hpp"

namespace roda::appliance {

namespace {

constexpr std::uint64_t any_u64 = ~std::uint64_t{0};
constexpr std::uint64_t longest_ms = 31'536'000'000;      // a year
constexpr std::uint64_t longest_window_ms = 604'800'000;  // a week
constexpr std::uint64_t most_window_panes = 4096;
constexpr std::uint32_t most_of_last = 64;               // bits of a word (AlarmCell::history)
constexpr std::uint32_t most_readings = (1U << 24) - 1;  // that a sensor's count says (SensorState)
constexpr std::uint32_t most_sensors = 67'108'864;       // pipeline.max_sensors

/// A rule under way: what of it may be compared.
struct Reading {
    MappingReader& reader;
    Rule& rule;
    RuleNeeds given;
};

// Empty would stand for "every one", the opposite of what it seems to say.
void refuse_empty(MappingReader& reader, std::string_view key, bool is_empty) {
    if (is_empty && reader.gives(key)) {
        reader.report({key}, "is empty, remove it to match every one");
    }
}

void read_match(MappingReader& match, Selection& selection, bool has_inventory) {
    static const Text name = inventory_label_name();
    static const Text value = label_value();
    static const Whole device(1, any_u64);
    match.bind_list("sensors", selection.sensors, IdRangeLiteral());
    refuse_empty(match, "sensors", selection.sensors.empty());
    match.bind_list("devices", selection.devices, device);
    refuse_empty(match, "devices", selection.devices.empty());
    match.bind_names("labels", selection.labels, name, value);
    if (!selection.labels.empty() && !has_inventory) {
        match.report({"labels"}, "needs an inventory, give inventory.file");
    }
}

void check_panes(MappingReader& window, const WindowShape& shape) {
    if (shape.width_ns % shape.slide_ns != 0) {
        window.report({"slide_ms", "width_ms"},
                      "is " + std::to_string(shape.slide_ns / 1'000'000) +
                          ", give one that divides width_ms");
        return;
    }
    // Those that may be open, and a whole window before them.
    const std::uint64_t panes = (2 * shape.width_ns + shape.lateness_ns) / shape.slide_ns;
    if (panes > most_window_panes) {
        window.report({"slide_ms", "lateness_ms", "width_ms"},
                      "makes " + std::to_string(panes) +
                          " panes of (2 x width + lateness) / slide, give a longer slide for at "
                          "most " +
                          std::to_string(most_window_panes));
    }
}

void read_window(MappingReader& window, WindowShape& shape, bool is_given) {
    static const OrNone width_form(Milliseconds(1, longest_window_ms));
    static const Milliseconds lateness_form(0, longest_window_ms);
    std::optional<std::uint64_t> width;
    std::optional<std::uint64_t> slide;
    bool usable = window.bind("width_ms", width, width_form);
    usable = window.bind("slide_ms", slide, width_form) && usable;
    usable = window.bind("lateness_ms", shape.lateness_ns, lateness_form) && usable;
    if (!is_given) {
        return;
    }
    if (!window.gives("width_ms")) {
        window.report({"width_ms"}, "is missing, give the width of the windows");
        return;
    }
    shape.width_ns = width.value_or(0);
    shape.slide_ns = slide.value_or(shape.width_ns);
    if (usable) {
        check_panes(window, shape);
    }
}

void read_figure(const Reading& reading) {
    static const auto figures = choice_of<Figure>(figure_names);
    Rule& rule = reading.rule;
    const bool usable = reading.reader.bind("of", rule.of, figures);
    reading.reader.section("window", [&](MappingReader& window) {
        read_window(window, rule.window, reading.reader.gives("window"));
    });
    const bool has_figure = rule.kind == RuleKind::limits || rule.kind == RuleKind::jump;
    if (usable && has_figure) {
        check_window(reading.reader, rule);
    }
}

void read_limits(const Reading& reading) {
    static const OrNone limit{LevelLimitForm()};
    static const Real deadband = Real::at_least(0.0);
    static const auto severities = choice_of<Severity>(severity_names);
    MappingReader& reader = reading.reader;
    Rule& rule = reading.rule;
    bool usable = reader.bind("hihi", rule.hihi, limit);
    usable = reader.bind("hi", rule.hi, limit) && usable;
    usable = reader.bind("lo", rule.lo, limit) && usable;
    usable = reader.bind("lolo", rule.lolo, limit) && usable;
    usable = reader.bind("deadband", rule.deadband, deadband) && usable;
    reader.bind("outer_severity", rule.outer_severity, severities);
    if (usable && rule.kind == RuleKind::limits) {
        check_limits(reader, rule);
    }
    const std::pair<std::string_view, const std::optional<LevelLimit>&> levels[] = {
        {"hihi", rule.hihi}, {"hi", rule.hi}, {"lo", rule.lo}, {"lolo", rule.lolo}};
    for (const auto& [key, level] : levels) {
        if (level && level->of_inventory && !reading.given.inventory) {
            reader.report({key}, "is inventory and there is none, give inventory.file");
        }
    }
}

void read_movement(const Reading& reading) {
    static const OrNone per_second_form{Real(0.0)};
    static const Choice<Reference> references({{"previous", Reference::previous},
                                               {"mean", Reference::mean},
                                               {"average", Reference::average}});
    static const Choice<Direction> directions({{"either", Direction::either},
                                               {"rising", Direction::rising},
                                               {"falling", Direction::falling}});
    static const Real ratio = Real::at_least(1.0);
    static const Real absolute = Real::at_least(0.0);
    MappingReader& reader = reading.reader;
    Rule& rule = reading.rule;
    std::optional<double> per_second;
    reader.bind("per_second", per_second, per_second_form);
    rule.per_second = per_second.value_or(0.0);
    const bool usable = reader.bind("against", rule.against, references);
    reader.bind("ratio", rule.ratio, ratio);
    reader.bind("absolute", rule.absolute, absolute);
    reader.bind("direction", rule.direction, directions);
    if (usable && rule.kind == RuleKind::jump) {
        check_against(reader, rule);
    }
}

void read_steadiness(const Reading& reading) {
    static const Real sigmas(0.0);
    static const Whole min_readings(2, most_readings, "readings");
    static const OrNone for_form(Milliseconds(1, longest_ms));
    static const Real tolerance = Real::at_least(0.0);
    static const OrNone intervals_form{Real::at_least(1.0)};
    static const OrNone bound{Real::any()};
    MappingReader& reader = reading.reader;
    Rule& rule = reading.rule;
    reader.bind("sigmas", rule.sigmas, sigmas);
    reader.bind("min_readings", rule.min_readings, min_readings);
    std::optional<std::uint64_t> for_ns;
    reader.bind("for_ms", for_ns, for_form);
    rule.for_ns = for_ns.value_or(0);
    reader.bind("tolerance", rule.tolerance, tolerance);
    std::optional<double> intervals;
    reader.bind("intervals", intervals, intervals_form);
    rule.intervals = intervals.value_or(0.0);
    if (intervals && !reading.given.inventory) {
        reader.report({"intervals"}, "needs an inventory, give inventory.file");
    }
    const bool has_least = reader.bind("least", rule.least, bound);
    if (reader.bind("greatest", rule.greatest, bound) && has_least) {
        check_range(reader, rule);
    }
}

void read_group(const Reading& reading) {
    static const Text rule_form = rule_name();
    static const OrNone label_form(inventory_label_name());
    static const Whole at_least_sensors(1, most_sensors, "sensors");
    MappingReader& reader = reading.reader;
    Rule& rule = reading.rule;
    reader.bind_list("rules", rule.rules, rule_form);
    if (rule.rules.empty() && reader.gives("rules")) {
        reader.report({"rules"}, "is empty, give the names of other rules");
    }
    std::optional<std::string> by;
    reader.bind("by", by, label_form);
    rule.by = by.value_or("");
    if (by && !reading.given.inventory) {
        reader.report({"by"}, "needs an inventory, give inventory.file");
    }
    reader.bind("at_least_sensors", rule.at_least_sensors, at_least_sensors);
}

void read_life(MappingReader& reader, AlertLife& life) {
    static const Whole count(1, most_of_last, "readings");
    static const Milliseconds delay(0, longest_ms);
    static const Whole changes(0, 1000, "changes");
    bool usable = reader.bind("at_least", life.at_least, count);
    usable = reader.bind("of_last", life.of_last, count) && usable;
    reader.bind("on_delay_ms", life.on_delay_ns, delay);
    reader.bind("off_delay_ms", life.off_delay_ns, delay);
    reader.bind("min_interval_ms", life.min_interval_ns, delay);
    reader.bind("latching", life.latching, Flag());
    usable = reader.bind("flap_changes", life.flap_changes, changes) && usable;
    usable = reader.bind("flap_within_ms", life.flap_within_ns, delay) && usable;
    if (usable) {
        check_life(reader, life);
    }
}

void read_telling(const Reading& reading) {
    static const auto severities = choice_of<Severity>(severity_names);
    static const Text name = alert_label_name();
    static const Text value = label_value();
    MappingReader& reader = reading.reader;
    Rule& rule = reading.rule;
    reader.bind("severity", rule.severity, severities);
    reader.bind_names("labels", rule.labels, name, value);
    if (rule.kind == RuleKind::group) {
        check_group_labels(reader, rule);
    }
    reader.bind("message", rule.message, MessageForm());
    reader.bind("record", rule.record, Flag());
    if (rule.record && !reading.given.recorder) {
        reader.report({"record"}, "needs a flight recorder, give recorder.frames");
    }
}

// Returns whether the rule has a kind.
bool read_rule(const Reading& reading) {
    static const Text name = rule_name();
    static const auto kinds = choice_of<RuleKind>(rule_kind_names);
    MappingReader& reader = reading.reader;
    Rule& rule = reading.rule;
    reader.bind("name", rule.name, name, Presence::required);
    const bool has_kind = reader.bind("kind", rule.kind, kinds, Presence::required);
    reader.section("match", [&](MappingReader& match) {
        read_match(match, rule.match, reading.given.inventory);
    });
    read_figure(reading);
    read_limits(reading);
    read_movement(reading);
    read_steadiness(reading);
    read_group(reading);
    read_life(reader, rule.life);
    read_telling(reading);
    if (has_kind) {
        check_keys_of_kind(reader, rule.kind);
        check_required_keys(reader, rule.kind);
    }
    return has_kind;
}

/// A rule that a group rule names.
struct NamedRule {
    MappingReader::Place place;
    std::string name;
};

}  // namespace

void read_rules(MappingReader& root, std::vector<Rule>& rules, RuleNeeds given) {
    std::unordered_map<std::string, RuleKind> kinds;
    std::vector<NamedRule> named;
    root.items("rules", max_rules, [&](MappingReader& reader) {
        Rule rule;
        const bool has_kind = read_rule({reader, rule, given});
        if (!rule.name.empty() && !kinds.emplace(rule.name, rule.kind).second) {
            reader.report({"name"},
                          "is " + rule.name + " like that of a rule above, choose another");
        }
        if (has_kind && rule.kind == RuleKind::group) {
            for (std::size_t i = 0; i < rule.rules.size(); ++i) {
                if (!rule.rules[i].empty()) {
                    named.push_back({reader.place_of_item("rules", i), rule.rules[i]});
                }
            }
        }
        rules.push_back(std::move(rule));
    });
    for (const NamedRule& one : named) {
        const auto kind = kinds.find(one.name);
        if (kind == kinds.end()) {
            root.report_at(one.place, "is " + one.name + ", give the name of a rule in this file");
        } else if (kind->second == RuleKind::group) {
            root.report_at(one.place, "is " + one.name + ", give a rule that is no group itself");
        }
    }
}

}  // namespace roda::appliance
