// SPDX-License-Identifier: Apache-2.0
// The `rules` of a config file: what can be said of a rule, and what fits together.
#pragma once

#include <vector>

#include "appliance/config/rule.hpp"
#include "appliance/config/yaml_reader.hpp"

namespace roda::appliance {

/// What rules may need of the rest of the file.
struct RuleNeeds {
    bool recorder = false;
    bool inventory = false;
};

/// Reads key `rules`. Cost: some microseconds for each rule.
void read_rules(MappingReader& root, std::vector<Rule>& rules, RuleNeeds given);

}  // namespace roda::appliance
