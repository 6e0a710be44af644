// SPDX-License-Identifier: Apache-2.0
// Where a running appliance shows itself: its status page and its control socket.
#pragma once

#include <string>

#include "appliance/cli/commands.hpp"
#include "appliance/config/config.hpp"

namespace roda::appliance {

struct Place {
    std::string directory{};
    std::string instance{};
};

/// Errors: StartupError: the config file that names it is faulty.
inline Place place_of(const WhichAppliance& appliance) {
    if (appliance.config.empty()) {
        return {appliance.directory, appliance.instance};
    }
    const Config config = load_config(appliance.config);
    return {config.alerts.directory, config.instance};
}

}  // namespace roda::appliance
