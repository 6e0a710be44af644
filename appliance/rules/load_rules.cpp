// SPDX-License-Identifier: Apache-2.0
#include "appliance/rules/load_rules.hpp"

namespace roda::appliance {

std::shared_ptr<const RuleBook> load_rules(const Config& config, SeriesRegistry& series) {
    auto inventory =
        config.inventory.file.empty()
            ? std::make_shared<const Inventory>()
            : std::make_shared<const Inventory>(Inventory::load(config.inventory.file));
    return std::make_shared<const RuleBook>(config.rules, std::move(inventory), series);
}

}  // namespace roda::appliance
