// SPDX-License-Identifier: Apache-2.0
// The metric families of rules and alerts.
#pragma once

#include <cstdint>

#include "appliance/exporter/active_alerts.hpp"
#include "appliance/exporter/families.hpp"
#include "appliance/exporter/status.hpp"

namespace roda::appliance {

/// What the rules are, how their reloads went, and what they could not do as configured.
void add_rule_metrics(Families& to, const Status& status);

/// How many alerts there are and were, and which. `missed`: records that were not followed.
void add_alert_metrics(Families& to,
                       const Status& status,
                       const ActiveAlerts::Scrape& active,
                       std::uint64_t missed);

}  // namespace roda::appliance
