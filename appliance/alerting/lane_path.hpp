// SPDX-License-Identifier: Apache-2.0
// Where a lane of the alert journal lies; the one place that knows.
#pragma once

#include <string>

#include "appliance/config/config.hpp"

namespace roda::appliance {

inline std::string lane_path(const Config& config, std::uint32_t shard = 0) {
    return config.alerts.directory + '/' + config.instance + ".alerts." + std::to_string(shard);
}

}  // namespace roda::appliance
