// SPDX-License-Identifier: Apache-2.0
#include "appliance/alerting/rule_edition.hpp"

#include <algorithm>
#include <functional>
#include <tuple>

namespace roda::appliance {
namespace {

/// What was taken in serves on.
std::vector<std::uint32_t> carried_windows(const RuleBook& before, const RuleBook& after) {
    const auto windows = after.windows();
    std::vector<std::uint32_t> carried;
    for (const RuleWindow& old : before.windows()) {
        const auto at = std::find(windows.begin(), windows.end(), old);
        carried.push_back(at == windows.end() ? no_index
                                              : static_cast<std::uint32_t>(at - windows.begin()));
    }
    return carried;
}

/// The same point, the same value of its label.
std::vector<std::uint32_t> carried_groups(const RuleEdition& before, const RuleEdition& after) {
    const auto groups = after.book->groups();
    std::vector<std::uint32_t> carried;
    for (const SensorGroup& old : before.book->groups()) {
        const auto wanted = std::tie(after.points_of_before[old.point], old.value);
        const auto at = std::lower_bound(
            groups.begin(), groups.end(), wanted, [](const SensorGroup& group, const auto& key) {
                return std::tie(group.point, group.value) < key;
            });
        const bool is_there = at != groups.end() && std::tie(at->point, at->value) == wanted;
        carried.push_back(is_there ? static_cast<std::uint32_t>(at - groups.begin()) : no_index);
    }
    return carried;
}

std::vector<std::uint32_t> keys_of_groups(const RuleBook& book) {
    std::vector<std::uint32_t> keys;
    for (const SensorGroup& group : book.groups()) {
        const std::uint64_t value = std::hash<std::string>{}(group.value);
        keys.push_back(static_cast<std::uint32_t>((book.identity_of(group.point) ^ value) >> 32));
    }
    return keys;
}

}  // namespace

RuleEdition::RuleEdition(std::shared_ptr<const RuleBook> the_book, const RuleEdition* before)
    : book(std::move(the_book)),
      group_keys(keys_of_groups(*book)),
      groups(book->groups().size()),
      homes(book->inventory().entries().size()) {
    for (const Rule& rule : book->rules()) {
        selects_by_device = selects_by_device || !rule.match.devices.empty();
    }
    if (before != nullptr) {
        points_of_before = carried_points(*before->book, *book);
        windows_of_before = carried_windows(*before->book, *book);
        groups_of_before = carried_groups(*before, *this);
    }
}

}  // namespace roda::appliance
