// SPDX-License-Identifier: Apache-2.0
// From a config to the rules as they are judged by.
#pragma once

#include <memory>

#include "appliance/config/config.hpp"
#include "appliance/rules/rule_book.hpp"

namespace roda::appliance {

/// Reads the inventory, where there is one, and compiles the rules.
///
/// Errors: StartupError: the inventory's faults, or RuleBook's.
std::shared_ptr<const RuleBook> load_rules(const Config& config, SeriesRegistry& series);

}  // namespace roda::appliance
