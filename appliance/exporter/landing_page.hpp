// SPDX-License-Identifier: Apache-2.0
// The page at /: one look at the appliance for people, from the same figures as /metrics.
#pragma once

#include <string>

#include "appliance/config/config.hpp"
#include "appliance/exporter/status.hpp"

namespace roda::appliance {

/// One HTML document that needs nothing else: no script, no external resource. Every value that
/// comes from a config, a driver or a device is escaped.
std::string landing_page(const Config& config, const Status& status);

}  // namespace roda::appliance
