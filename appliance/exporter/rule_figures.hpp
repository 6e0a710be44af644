// SPDX-License-Identifier: Apache-2.0
// What the alerts of one rule and severity come to, as it lies in shared memory: INSTANCE.rules is
// a slot store of them, one for each series, of which the status page says how many there are.
//
//   0                      32         36        40       44        48                      112
//   | rule name, NUL-padded | severity | pending | firing | shelved | 8 transitions, 8 each |
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "appliance/alarms/alert_record.hpp"
#include "appliance/exporter/status.hpp"
#include "pipeline/store/slot_store.hpp"

namespace roda::appliance {

/// Shape: no padding.
struct RuleFigures {
    std::array<char, rule_name_bytes> name;
    std::uint32_t severity;
    std::uint32_t pending;  // now
    std::uint32_t firing;   // now, and not shelved
    std::uint32_t shelved;  // now
    std::array<std::uint64_t, transition_count> transitions;

    std::uint64_t of(Transition transition) const noexcept {
        return transitions[static_cast<std::size_t>(transition)];
    }

    friend bool operator==(const RuleFigures&, const RuleFigures&) = default;
};

static_assert(sizeof(RuleFigures) == 112 && std::has_unique_object_representations_v<RuleFigures>);

/// Stands in the store's header; a reader refuses any other.
inline constexpr std::uint64_t rule_figures_schema = 0x524f'4441'5255'4c01;  // "RODARUL", version 1

using RuleStore = SlotStore<RuleFigures>;
using RuleReader = SlotReader<RuleFigures>;

/// One for each series, in their order.
std::vector<RuleFigures> rule_figures(const Status& status);

/// It never had an alert, not even a pending one.
bool is_quiet(const RuleFigures& rule) noexcept;

/// Those that are not quiet, the most urgent first: what stands before what does not, the most
/// severe first, then the most alerts.
std::vector<RuleFigures> urgent_first(std::span<const RuleFigures> rules);

/// "and 480 more, quiet"; empty where all are shown.
std::string others_text(std::size_t rules, std::size_t not_quiet, std::size_t shown);

}  // namespace roda::appliance
