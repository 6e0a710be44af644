// SPDX-License-Identifier: Apache-2.0
#include "appliance/exporter/rule_figures.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "appliance/exporter/status_page.hpp"
#include "appliance/ingest/grouped.hpp"

namespace roda::appliance {
namespace {

std::uint32_t narrowed(std::uint64_t count) noexcept {
    constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::min(count, most));
}

}  // namespace

std::vector<RuleFigures> rule_figures(const Status& status) {
    std::vector<RuleFigures> rules;
    if (status.series == nullptr) {
        return rules;
    }
    rules.reserve(status.series->size());
    for (const SeriesRegistry::Series& series : *status.series) {
        const SeriesFigures figures =
            rules.size() < status.alerts.size() ? status.alerts[rules.size()] : SeriesFigures{};
        rules.push_back({.name = padded<rule_name_bytes>(series.rule),
                         .severity = static_cast<std::uint32_t>(series.severity),
                         .pending = narrowed(figures.pending),
                         .firing = narrowed(figures.firing),
                         .shelved = narrowed(figures.shelved),
                         .transitions = figures.transitions});
    }
    return rules;
}

bool is_quiet(const RuleFigures& rule) noexcept {
    return rule.pending == 0 && rule.firing == 0 && rule.shelved == 0 &&
           std::ranges::all_of(rule.transitions, [](std::uint64_t count) { return count == 0; });
}

std::vector<RuleFigures> urgent_first(std::span<const RuleFigures> rules) {
    std::vector<RuleFigures> urgent;
    std::ranges::copy_if(
        rules, std::back_inserter(urgent), [](const RuleFigures& rule) { return !is_quiet(rule); });
    const auto urgency = [](const RuleFigures& rule) {
        return std::tuple(rule.firing != 0,
                          rule.severity,
                          rule.firing,
                          rule.pending,
                          rule.shelved,
                          rule.of(Transition::firing));
    };
    std::ranges::stable_sort(urgent, std::ranges::greater(), urgency);
    return urgent;
}

std::string others_text(std::size_t rules, std::size_t not_quiet, std::size_t shown) {
    std::string text;
    if (not_quiet > shown) {
        text = "and " + grouped(not_quiet - shown) + " more with alerts";
    }
    if (rules > not_quiet) {
        text += text.empty() ? "and " : ", ";
        text += grouped(rules - not_quiet) + (shown == 0 ? " rules, quiet" : " more, quiet");
    }
    return text;
}

}  // namespace roda::appliance
