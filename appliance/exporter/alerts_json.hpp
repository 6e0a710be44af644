// SPDX-License-Identifier: Apache-2.0
// The alerts that stand, for programs that do not ask Prometheus: what GET /api/v1/alerts answers.
#pragma once

#include <string>

#include "appliance/exporter/active_alerts.hpp"

namespace roda::appliance {

/// One object: "alerts", each with id, since_ns, acknowledged, flapping, message and the
/// labels of its series; "truncated", how many more stand.
std::string alerts_json(const ActiveAlerts::Scrape& active);

}  // namespace roda::appliance
