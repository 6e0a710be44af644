// SPDX-License-Identifier: Apache-2.0
// Where a running appliance listens to its operators; the one place that knows.
#pragma once

#include <string>

namespace roda::appliance {

/// DIRECTORY/INSTANCE.control: a Unix stream socket. `directory` is alerts.directory.
inline std::string control_path(const std::string& directory, const std::string& instance) {
    return directory + '/' + instance + ".control";
}

}  // namespace roda::appliance
