// SPDX-License-Identifier: Apache-2.0
// An alert as people and scripts read it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "appliance/alerting/alert_record.hpp"

namespace roda::appliance {

std::string_view rule_name(const AlertRecord& record) noexcept;

/// One JSON object on one line, keys in a fixed order; emit_ns is left out when it is 0 (replay).
///
/// Units: times in Unix nanoseconds. Non-finite numbers are null.
std::string to_json(const AlertRecord& record);

/// One line for a terminal: "firing    value_jump  sensor 417  21.3 -> 213.1 ...".
std::string to_text(const AlertRecord& record);

}  // namespace roda::appliance
