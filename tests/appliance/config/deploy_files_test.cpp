// SPDX-License-Identifier: Apache-2.0
// The configs in deploy/ load, those that its pages show too.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "appliance/config/config.hpp"
#include "tests/appliance/config/deploy_files.hpp"
#include "tests/appliance/config/faults.hpp"

namespace roda::appliance {
namespace {

bool has_names_of_the_operator(const std::string& path) {
    return path == "rules[].labels" || path == "rules[].match.labels";
}

void collect_paths(const YAML::Node& node, const std::string& path, std::set<std::string>& paths) {
    if (node.IsMap() && !has_names_of_the_operator(path)) {
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

std::set<std::string> known_paths(const std::string& prefix) {
    std::set<std::string> known;
    for (const KeyInfo& key : config_keys()) {
        if (key.path.rfind(prefix, 0) == 0) {
            known.insert(key.path);
        }
    }
    return known;
}

// What stands between ```yaml and ```.
std::vector<std::string> yaml_of_page(const std::string& name) {
    std::ifstream file(deploy_file(name));
    EXPECT_TRUE(file.is_open());
    std::vector<std::string> blocks;
    bool in_block = false;
    for (std::string line; std::getline(file, line);) {
        if (line == "```yaml") {
            in_block = true;
            blocks.emplace_back();
        } else if (line == "```") {
            in_block = false;
        } else if (in_block) {
            blocks.back() += line + '\n';
        }
    }
    return blocks;
}

TEST(DeployFiles, ExampleLoads) {
    const Config config = load_config(deploy_file("roda.yaml"));
    EXPECT_EQ(config.port.options.device, "0000:3b:00.0");
    EXPECT_EQ(config.inventory.file, deploy_file("inventory.csv"));
    std::set<RuleKind> kinds;
    for (const Rule& rule : config.rules) {
        kinds.insert(rule.kind);
    }
    EXPECT_EQ(kinds.size(), rule_kind_names.size());
}

TEST(DeployFiles, ExampleGivesEveryKey) {
    std::set<std::string> given;
    collect_paths(YAML::LoadFile(deploy_file("roda.yaml")), "", given);
    EXPECT_EQ(given, known_paths(""));
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
    EXPECT_EQ(config.rules[0].of, Figure::value);
    EXPECT_EQ(config.rules[0].ratio, 3.0);
    EXPECT_EQ(config.rules[1].name, "mean_jump");
    EXPECT_EQ(config.rules[1].of, Figure::mean);
    EXPECT_EQ(config.rules[1].against, Reference::previous);
    EXPECT_EQ(config.rules[1].ratio, 1.5);
}

TEST(RulesPage, EveryExampleLoads) {
    const std::vector<std::string> blocks = yaml_of_page("rules.md");
    EXPECT_GE(blocks.size(), rule_kind_names.size());
    for (const std::string& block : blocks) {
        EXPECT_EQ(
            faults("port: {device: x}\nrecorder: {frames: 1}\ninventory: {file: i.csv}\n" + block),
            "no fault")
            << block;
    }
}

TEST(RulesPage, HasAnExampleOfEveryKeyAndKind) {
    std::set<std::string> given;
    std::set<std::string> kinds;
    for (const std::string& block : yaml_of_page("rules.md")) {
        const YAML::Node node = YAML::Load(block);
        collect_paths(node, "", given);
        for (const auto& rule : node["rules"]) {
            kinds.insert(rule["kind"].Scalar());
        }
    }
    EXPECT_EQ(given, known_paths("rules[]."));
    EXPECT_EQ(kinds, std::set<std::string>(rule_kind_names.begin(), rule_kind_names.end()));
}

}  // namespace
}  // namespace roda::appliance
