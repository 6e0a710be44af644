// SPDX-License-Identifier: Apache-2.0
// The reference in deploy/README.md and deploy/rules.md says what the reader does.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "appliance/config/config.hpp"
#include "tests/appliance/config/deploy_files.hpp"
#include "tests/appliance/config/faults.hpp"

namespace roda::appliance {

// NOLINTNEXTLINE(readability-identifier-naming): the name that GoogleTest looks for
void PrintTo(const KeyInfo& key, std::ostream* out) {
    *out << key.path << " | " << key.unit << " | " << key.default_value << " | " << key.range;
}

namespace {

constexpr std::string_view rule_prefix = "rules[].";

struct Row {
    KeyInfo key;
    std::string example;
    std::string kinds;  // of a rule's key
};

bool is_of_rules(const KeyInfo& key) {
    return key.path.rfind(rule_prefix, 0) == 0;
}

std::string trim(const std::string& text) {
    const auto first = text.find_first_not_of(" `");
    return first == std::string::npos ? ""
                                      : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream text(line.substr(1));
    for (std::string cell; std::getline(text, cell, '|');) {
        cells.push_back(trim(cell));
    }
    return cells;
}

// | `key` | meaning | unit | default | range | example |, of rules the kinds after the key.
std::vector<Row> read_reference(const std::string& page) {
    std::ifstream file(deploy_file(page));
    EXPECT_TRUE(file.is_open());
    std::vector<Row> rows;
    bool in_table = false;
    for (std::string line; std::getline(file, line);) {
        if (line.rfind("| Key |", 0) == 0) {
            in_table = true;
        } else if (line.rfind("| `", 0) == 0 && in_table) {
            std::vector<std::string> cells = cells_of(line);
            Row row;
            if (page == "rules.md" && cells.size() > 1) {
                row.kinds = cells[1];
                cells.erase(cells.begin() + 1);
            }
            if (cells.size() != 6) {
                ADD_FAILURE() << "a row of too few or many cells: " << line;
                continue;
            }
            row.key = {cells[0].substr(0, cells[0].find('`')), cells[2], cells[3], cells[4]};
            row.example = cells[5];
            rows.push_back(std::move(row));
        }
    }
    return rows;
}

// A file that gives one key, and besides only what must be there.
std::string file_with(const std::string& path, const std::string& value) {
    const auto dot = path.find('.');
    if (dot == std::string::npos) {
        return path + ": " + value + "\nport: {device: x}\n";
    }
    const std::string section = path.substr(0, dot);
    YAML::Node given;
    if (section == "port") {
        given["device"] = "x";
        given["addresses"].push_back("192.0.2.10");  // groups need one
    }
    given[path.substr(dot + 1)] = YAML::Load(value);
    YAML::Node top;
    top["port"]["device"] = "x";
    top[section] = given;
    return YAML::Dump(top);
}

// The least that a rule of this kind has.
YAML::Node least_rule(const std::string& kind) {
    const std::string with = kind == "limits"     ? "hi: 80"
                             : kind == "rate"     ? "per_second: 1"
                             : kind == "flatline" ? "for_ms: 1"
                             : kind == "absence"  ? "for_ms: 1"
                             : kind == "group"    ? "rules: [hot], by: group"
                                                  : "";
    return YAML::Load("{name: x, " + with + "}");
}

// A file with a rule of this kind that gives one key, and what the key needs.
std::string file_with_rule(const std::string& kind, const Row& row) {
    const std::string key = row.key.path.substr(rule_prefix.size());
    YAML::Node rule = least_rule(kind);
    if (key.rfind("window.", 0) == 0 || key == "of") {
        rule["of"] = "window_mean";
        rule["window"]["width_ms"] = 60'000;
    }
    const std::vector<std::pair<std::string, std::pair<std::string, int>>> companions = {
        {"outer_severity", {"hihi", 1000}},
        {"at_least", {"of_last", 64}},
        {"flap_changes", {"flap_within_ms", 1}},
        {"flap_within_ms", {"flap_changes", 2}}};
    for (const auto& [of, companion] : companions) {
        if (key == of) {
            rule[companion.first] = companion.second;
        }
    }
    if (key == "intervals") {
        rule.remove("for_ms");
    }
    const auto dot = key.find('.');
    if (dot == std::string::npos) {
        rule[key] = YAML::Load(row.example);
    } else {
        rule[key.substr(0, dot)][key.substr(dot + 1)] = YAML::Load(row.example);
    }
    rule["kind"] = kind;
    YAML::Node top;
    top["port"]["device"] = "x";
    top["recorder"]["frames"] = 1;
    top["inventory"]["file"] = "i.csv";
    top["rules"].push_back(rule);
    top["rules"].push_back(YAML::Load("{name: hot, kind: limits, hi: 1}"));
    return YAML::Dump(top);
}

bool is_of_kind(const Row& row, std::string_view kind) {
    constexpr std::string_view all_but = "every but ";
    if (row.kinds.rfind(all_but, 0) == 0) {
        return row.kinds.substr(all_but.size()) != kind;
    }
    return row.kinds == "every" ||
           (", " + row.kinds + ',').find(", " + std::string(kind) + ',') != std::string::npos;
}

void expect_described(const std::string& page, bool of_rules) {
    std::vector<KeyInfo> described;
    for (const Row& row : read_reference(page)) {
        described.push_back(row.key);
    }
    std::vector<KeyInfo> known = config_keys();
    known.erase(std::remove_if(known.begin(),
                               known.end(),
                               [&](const KeyInfo& key) { return is_of_rules(key) != of_rules; }),
                known.end());
    EXPECT_EQ(described, known);
}

TEST(Reference, NamesEveryKeyWithUnitDefaultAndRange) {
    expect_described("README.md", false);
}

TEST(Reference, NamesEveryKeyOfARuleWithUnitDefaultAndRange) {
    expect_described("rules.md", true);
}

TEST(Reference, ExamplesLoad) {
    for (const Row& row : read_reference("README.md")) {
        EXPECT_EQ(faults(file_with(row.key.path, row.example)), "no fault") << row.key.path;
    }
}

TEST(Reference, ExamplesOfARuleLoadInTheKindsItNamesAndInNoOther) {
    for (const Row& row : read_reference("rules.md")) {
        for (const std::string_view kind : rule_kind_names) {
            const std::string found = faults(file_with_rule(std::string(kind), row));
            if (is_of_kind(row, kind)) {
                EXPECT_EQ(found, "no fault") << row.key.path << " of " << kind;
            } else {
                const std::string key = row.key.path.substr(rule_prefix.size());
                EXPECT_NE(found.find("rules[0]." + key.substr(0, key.find('.')) + " is of kind"),
                          std::string::npos)
                    << row.key.path << " of " << kind << ": " << found;
            }
        }
    }
}

}  // namespace
}  // namespace roda::appliance
