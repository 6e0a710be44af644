// SPDX-License-Identifier: Apache-2.0
// An alert as people and scripts read it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "appliance/alarms/alert_record.hpp"

namespace roda::appliance {

std::string_view rule_name(const AlertRecord& record) noexcept;

/// The sensor's or group's name; empty: it has none. Always UTF-8 without control characters.
std::string subject_of(const AlertRecord& record);

constexpr bool is_of_group(const AlertRecord& record) noexcept {
    return record.group != no_index;
}

/// An occurrence's id as people write it: "1:3:42". NetId64::parse() reads it.
std::string net_id_text(std::uint64_t id);

// Names for what stands in shared memory: an enumerator that this program does not know is
// "unknown".
std::string_view transition_name(Transition transition) noexcept;
std::string_view severity_name(Severity severity) noexcept;
std::string_view level_name(Level level) noexcept;
std::string_view reason_name(Reason reason) noexcept;

/// One JSON object on one line, keys in a fixed order. Left out: emit_ns when it is 0 (replay),
/// level, subject and group where there is none.
///
/// Units: times in Unix nanoseconds. Non-finite numbers are null.
std::string to_json(const AlertRecord& record);

/// One line for a terminal: "firing    value_jump  sensor 417  21.3 -> 213.1 ...".
std::string to_text(const AlertRecord& record);

}  // namespace roda::appliance
