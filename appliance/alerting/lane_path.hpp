// SPDX-License-Identifier: Apache-2.0
// Where the lanes of the alert journal lie; the one place that knows.
#pragma once

#include <string>

#include "appliance/config/config.hpp"
#include "pipeline/fleet/lane_files.hpp"

namespace roda::appliance {

/// All lanes are files PREFIX.N, N the shard: what a LaneCursor follows.
inline std::string lane_prefix(const Config& config) {
    return config.alerts.directory + '/' + config.instance + ".alerts";
}

inline std::string lane_path(const Config& config, std::uint32_t shard = 0) {
    return lane_file_path(lane_prefix(config), shard);
}

}  // namespace roda::appliance
