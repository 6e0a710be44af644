// SPDX-License-Identifier: Apache-2.0
// The configs in deploy/ load, and the reference in deploy/README.md says what the reader does.
// Finds them in $RODA_SOURCE_ROOT, or here when run by hand in the root of the source tree.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <fstream>
#include <ostream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "appliance/config/config.hpp"

namespace roda::appliance {

// NOLINTNEXTLINE(readability-identifier-naming): the name that GoogleTest looks for
void PrintTo(const KeyInfo& key, std::ostream* out) {
    *out << key.path << " | " << key.unit << " | " << key.default_value << " | " << key.range;
}

namespace {

struct Row {
    KeyInfo key;
    std::string example;
};

std::string deploy_file(const std::string& name) {
    const char* const root = std::getenv("RODA_SOURCE_ROOT");
    return std::string(root == nullptr ? "." : root) + "/deploy/" + name;
}

std::string trim(const std::string& text) {
    const auto first = text.find_first_not_of(" `");
    return first == std::string::npos ? ""
                                      : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// | `key` | meaning | unit | default | range | example |
std::vector<Row> read_reference() {
    std::ifstream file(deploy_file("README.md"));
    EXPECT_TRUE(file.is_open());
    std::vector<Row> rows;
    bool in_table = false;
    for (std::string line; std::getline(file, line);) {
        if (line.rfind("| Key |", 0) == 0) {
            in_table = true;
        } else if (line.rfind("| `", 0) == 0 && in_table) {
            std::vector<std::string> cells;
            std::istringstream text(line);
            for (std::string cell; std::getline(text, cell, '|');) {
                cells.push_back(cell);
            }
            if (cells.size() != 7) {
                ADD_FAILURE() << "a row of six cells: " << line;
                continue;
            }
            const std::string key = trim(cells[1]);
            rows.push_back(
                {{key.substr(0, key.find('`')), trim(cells[3]), trim(cells[4]), trim(cells[5])},
                 trim(cells[6])});
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
    const std::string key = path.substr(dot + 1);
    YAML::Node given;
    if (section == "port") {
        given["device"] = "x";
        given["addresses"].push_back("192.0.2.10");  // groups need one
    } else if (section == "rules[]") {
        given["name"] = "x";
        given["kind"] = "jump";
    }
    given[key] = YAML::Load(value);
    YAML::Node top;
    top["port"]["device"] = "x";
    if (section == "rules[]") {
        top["recorder"]["frames"] = 1;  // record needs some
        top["rules"].push_back(given);
    } else {
        top[section] = given;
    }
    return YAML::Dump(top);
}

void collect_paths(const YAML::Node& node, const std::string& path, std::set<std::string>& paths) {
    if (node.IsMap()) {
        for (const auto& pair : node) {
            const std::string separator = path.empty() ? "" : ".";
            collect_paths(pair.second, path + separator + pair.first.Scalar(), paths);
        }
    } else if (node.IsSequence() && node.size() > 0 && node[0].IsMap()) {
        for (const auto& item : node) {
            collect_paths(item, path + "[]", paths);
        }
    } else {
        paths.insert(path);
    }
}

TEST(DeployFiles, ExampleLoads) {
    const Config config = load_config(deploy_file("roda.yaml"));
    EXPECT_EQ(config.port.options.device, "0000:3b:00.0");
    EXPECT_EQ(config.rules.size(), 2U);
}

TEST(DeployFiles, ExampleGivesEveryKey) {
    std::set<std::string> given;
    collect_paths(YAML::LoadFile(deploy_file("roda.yaml")), "", given);
    std::set<std::string> known;
    for (const KeyInfo& key : config_keys()) {
        known.insert(key.path);
    }
    EXPECT_EQ(given, known);
}

TEST(DeployFiles, QuickstartConfigLoads) {
    const Config config = load_config(deploy_file("quickstart.yaml"));
    EXPECT_EQ(config.instance, "quickstart");
    EXPECT_EQ(config.port.options.device, "net_tap0,iface=roda0");
    EXPECT_EQ(config.port.network_namespace, "roda-gateways");
    EXPECT_EQ(config.port.options.addresses,
              std::vector<proto::HostAddress>{proto::IpAddress::v4(10, 77, 0, 1)});
    EXPECT_EQ(config.metrics.port, 17751);
    ASSERT_EQ(config.rules.size(), 2U);
    EXPECT_EQ(config.rules[0].name, "value_jump");
    EXPECT_EQ(config.rules[1].name, "mean_jump");
}

TEST(DeployFiles, ReferenceNamesEveryKeyWithUnitDefaultAndRange) {
    std::vector<KeyInfo> described;
    for (const Row& row : read_reference()) {
        described.push_back(row.key);
    }
    EXPECT_EQ(described, config_keys());
}

TEST(DeployFiles, ExamplesInTheReferenceLoad) {
    for (const Row& row : read_reference()) {
        EXPECT_NO_THROW(parse_config(file_with(row.key.path, row.example), row.key.path));
    }
}

}  // namespace
}  // namespace roda::appliance
