// SPDX-License-Identifier: Apache-2.0
#include "appliance/config/rule_checks.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <string_view>

namespace roda::appliance {

namespace {

using Kinds = std::uint16_t;

constexpr Kinds of(std::initializer_list<RuleKind> kinds) {
    Kinds bits = 0;
    for (const RuleKind kind : kinds) {
        bits = static_cast<Kinds>(bits | 1U << static_cast<unsigned>(kind));
    }
    return bits;
}

constexpr bool has(Kinds kinds, RuleKind kind) {
    return (kinds & of({kind})) != 0;
}

constexpr Kinds every_kind = (1U << rule_kind_names.size()) - 1;
constexpr Kinds limits = of({RuleKind::limits});
constexpr Kinds jump = of({RuleKind::jump});
constexpr Kinds deviation = of({RuleKind::deviation});
constexpr Kinds flatline = of({RuleKind::flatline});
constexpr Kinds absence = of({RuleKind::absence});
constexpr Kinds quality = of({RuleKind::quality});
constexpr Kinds group = of({RuleKind::group});
constexpr Kinds of_readings = every_kind & ~of({RuleKind::absence, RuleKind::group});
constexpr Kinds of_one_sensor = every_kind & ~group;

struct KeyOfKinds {
    std::string_view key;
    Kinds kinds;
    bool required = false;
};

// Keys that are not here are of every kind.
constexpr std::array<KeyOfKinds, 26> keys_of_kinds = {{
    {"match", of_one_sensor},
    {"of", limits | jump},
    {"window", limits | jump},
    {"hihi", limits},
    {"hi", limits},
    {"lo", limits},
    {"lolo", limits},
    {"deadband", limits},
    {"outer_severity", limits},
    {"per_second", of({RuleKind::rate}), true},
    {"against", jump},
    {"ratio", jump},
    {"absolute", jump},
    {"direction", of({RuleKind::rate, RuleKind::jump})},
    {"sigmas", deviation},
    {"min_readings", deviation},
    {"for_ms", flatline | absence},
    {"tolerance", flatline},
    {"intervals", absence},
    {"least", quality},
    {"greatest", quality},
    {"rules", group, true},
    {"by", group, true},
    {"at_least_sensors", group},
    {"at_least", of_readings},
    {"of_last", of_readings},
}};

std::string names_of(Kinds kinds) {
    std::string names;
    for (std::size_t i = 0; i < rule_kind_names.size(); ++i) {
        if (has(kinds, static_cast<RuleKind>(i))) {
            names += (names.empty() ? "" : ", ") + std::string(rule_kind_names[i]);
        }
    }
    return (names.find(',') == std::string::npos ? "kind " : "kinds ") + names;
}

void report_missing(MappingReader& reader, std::string_view key, RuleKind kind) {
    reader.report({key},
                  "is missing, kind " +
                      std::string(rule_kind_names[static_cast<std::size_t>(kind)]) + " needs it");
}

struct Level {
    std::string_view key;
    const std::optional<LevelLimit>& limit;
};

bool is_number(const std::optional<LevelLimit>& limit) {
    return limit && !limit->of_inventory;
}

void check_deadband(MappingReader& reader, const Rule& rule) {
    const auto& above = rule.hi ? rule.hi : rule.hihi;
    const auto& below = rule.lo ? rule.lo : rule.lolo;
    if (!is_number(above) || !is_number(below)) {
        return;
    }
    const double apart = above->value - below->value;
    if (apart > 0.0 && rule.deadband >= apart) {
        reader.report({"deadband"},
                      "is " + show_real(rule.deadband) + ", give less than the " +
                          show_real(apart) + " from " + (rule.lo ? "lo" : "lolo") + " to " +
                          (rule.hi ? "hi" : "hihi"));
    }
}

}  // namespace

void check_keys_of_kind(MappingReader& reader, RuleKind kind) {
    for (const KeyOfKinds& known : keys_of_kinds) {
        if (!has(known.kinds, kind) && reader.gives(known.key)) {
            reader.report({known.key},
                          "is of " + names_of(known.kinds) + ", remove it or change the kind");
        }
    }
}

void check_required_keys(MappingReader& reader, RuleKind kind) {
    for (const KeyOfKinds& known : keys_of_kinds) {
        if (known.required && has(known.kinds, kind) && !reader.gives(known.key)) {
            report_missing(reader, known.key, kind);
        }
    }
    if (kind == RuleKind::flatline && !reader.gives("for_ms")) {
        report_missing(reader, "for_ms", kind);
    }
    if (kind == RuleKind::limits && !reader.gives("hihi") && !reader.gives("hi") &&
        !reader.gives("lo") && !reader.gives("lolo")) {
        reader.report({"hi"}, "is missing, kind limits needs one of hihi, hi, lo, lolo");
    }
    if (kind == RuleKind::absence) {
        if (!reader.gives("for_ms") && !reader.gives("intervals")) {
            reader.report({"for_ms"}, "is missing, kind absence needs for_ms or intervals");
        } else if (reader.gives("for_ms") && reader.gives("intervals")) {
            reader.report({"intervals"}, "is another measure beside for_ms, keep one of them");
        }
    }
}

void check_limits(MappingReader& reader, const Rule& rule) {
    const std::array<Level, 4> levels = {
        {{"lolo", rule.lolo}, {"lo", rule.lo}, {"hi", rule.hi}, {"hihi", rule.hihi}}};
    const Level* lower = nullptr;
    bool ordered = true;
    for (const Level& level : levels) {
        if (!is_number(level.limit)) {
            continue;
        }
        if (lower != nullptr && !(lower->limit->value < level.limit->value)) {
            reader.report({level.key},
                          "is " + show_real(level.limit->value) + ", give more than " +
                              std::string(lower->key) + " (" + show_real(lower->limit->value) +
                              ')');
            ordered = false;
        }
        lower = &level;
    }
    if (ordered) {
        check_deadband(reader, rule);
    }
    if (reader.gives("outer_severity") && !rule.hihi && !rule.lolo) {
        reader.report({"outer_severity"}, "is of hihi and lolo, give one of them or remove it");
    }
}

void check_window(MappingReader& reader, const Rule& rule) {
    if (!is_of_window(rule.of)) {
        if (reader.gives("window")) {
            reader.report({"window"},
                          "needs a figure of windows, give of: window_mean or another window_ one");
        }
        return;
    }
    if (!reader.gives("window")) {
        reader.report({"of"}, "is a figure of windows, give window.width_ms");
    }
}

void check_against(MappingReader& reader, const Rule& rule) {
    if (rule.against != Reference::previous && rule.of != Figure::value) {
        reader.report({"against", "of"}, "compares values, give of: value or against: previous");
    }
}

void check_range(MappingReader& reader, const Rule& rule) {
    if (rule.least && rule.greatest && !(*rule.least < *rule.greatest)) {
        reader.report({"greatest"},
                      "is " + show_real(*rule.greatest) + ", give more than least (" +
                          show_real(*rule.least) + ')');
    }
}

void check_group_labels(MappingReader& reader, const Rule& rule) {
    if (std::ranges::any_of(rule.labels, [](const auto& own) { return own.first == "group"; })) {
        reader.report({"labels"},
                      "has the name group, which says whose a group's alert is, choose another");
    }
}

void check_life(MappingReader& reader, const AlertLife& life) {
    if (life.at_least > life.of_last) {
        reader.report({"at_least"},
                      "is " + std::to_string(life.at_least) + ", give at most of_last (" +
                          std::to_string(life.of_last) + ')');
    }
    if (life.flap_changes == 1) {
        reader.report({"flap_changes"}, "is 1: every alert flaps, give 0 or at least 2");
    }
    if (life.flap_changes != 0 && life.flap_within_ns == 0) {
        reader.report({"flap_changes"}, "needs a time that they come in, give flap_within_ms");
    }
    if (life.flap_changes == 0 && life.flap_within_ns != 0) {
        reader.report({"flap_within_ms"}, "needs a number of changes, give flap_changes");
    }
}

}  // namespace roda::appliance
