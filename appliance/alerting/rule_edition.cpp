// SPDX-License-Identifier: Apache-2.0
#include "appliance/alerting/rule_edition.hpp"

namespace roda::appliance {
namespace {

std::vector<std::uint8_t> shapes_with_quantiles(const RuleBook& book) {
    std::vector<std::uint8_t> has(book.windows().size());
    for (const AlarmPoint& point : book.points()) {
        if (point.window != no_index && point.of >= Figure::window_p50) {
            has[point.window] = 1;
        }
    }
    return has;
}

/// The same shape, with sketches where they are asked for, so that what was taken in serves on.
std::vector<std::uint32_t> carried_windows(const RuleEdition& before, const RuleEdition& after) {
    std::vector<std::uint32_t> carried(before.book->windows().size(), no_index);
    for (std::size_t i = 0; i < carried.size(); ++i) {
        for (std::size_t k = 0; k < after.book->windows().size(); ++k) {
            if (before.book->windows()[i] == after.book->windows()[k] &&
                before.has_quantiles[i] >= after.has_quantiles[k]) {
                carried[i] = static_cast<std::uint32_t>(k);
            }
        }
    }
    return carried;
}

}  // namespace

RuleEdition::RuleEdition(std::shared_ptr<const RuleBook> the_book, const RuleEdition* before)
    : book(std::move(the_book)),
      has_quantiles(shapes_with_quantiles(*book)),
      groups(book->groups().size()),
      homes(book->inventory().entries().size()) {
    for (const Rule& rule : book->rules()) {
        selects_by_device = selects_by_device || !rule.match.devices.empty();
    }
    if (before != nullptr) {
        points_of_before = carried_points(*before->book, *book);
        windows_of_before = carried_windows(*before, *this);
    }
}

}  // namespace roda::appliance
