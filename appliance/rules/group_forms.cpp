// SPDX-License-Identifier: Apache-2.0
#include "appliance/rules/group_forms.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

namespace roda::appliance {

std::span<const std::string_view> GroupValues::of(const std::string& label) {
    const auto [answer, is_new] = values_.try_emplace(label);
    if (is_new) {
        std::unordered_set<std::string_view> values;
        for (const InventoryEntry& entry : inventory_.entries()) {
            values.insert(label_of(entry.labels, label));
        }
        values.erase(std::string_view());  // sensors without the label are in no group
        answer->second.assign(values.begin(), values.end());
        std::sort(answer->second.begin(), answer->second.end());
    }
    return answer->second;
}

std::vector<std::vector<std::uint32_t>> counting_points(
    std::span<const Rule> rules,
    std::span<const AlarmPoint> points,
    std::span<const std::uint32_t> first_points) {
    std::multimap<std::string_view, std::uint32_t> named;
    for (std::uint32_t i = 0; i < rules.size(); ++i) {
        if (rules[i].kind != RuleKind::group) {
            named.emplace(rules[i].name, i);
        }
    }
    std::vector<std::vector<std::uint32_t>> counting(points.size());
    for (std::uint32_t group = 0; group < points.size(); ++group) {
        if (points[group].kind != RuleKind::group) {
            continue;
        }
        const Rule& rule = rules[points[group].rule];
        for (const std::string_view member :
             std::set<std::string_view>(rule.rules.begin(), rule.rules.end())) {
            const auto [begin, end] = named.equal_range(member);
            for (auto at = begin; at != end; ++at) {
                for (std::uint32_t point = first_points[at->second];
                     point < first_points[at->second + 1];
                     ++point) {
                    counting[point].push_back(group);
                }
            }
        }
    }
    return counting;
}

}  // namespace roda::appliance
