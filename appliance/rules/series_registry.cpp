// SPDX-License-Identifier: Apache-2.0
#include "appliance/rules/rule_book.hpp"

namespace roda::appliance {

std::uint32_t SeriesRegistry::number_of(const std::string& rule, Severity severity) {
    const auto known = numbers_.find({rule, severity});
    if (known != numbers_.end()) {
        return known->second;
    }
    if (all_.size() == max_series) {
        return no_index;
    }
    const auto number = static_cast<std::uint32_t>(all_.size());
    all_.push_back({rule, severity});
    numbers_.emplace(std::pair{rule, severity}, number);
    return number;
}

}  // namespace roda::appliance
