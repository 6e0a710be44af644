// SPDX-License-Identifier: Apache-2.0
// Where the running appliance shows itself to programs of this host; the one place that knows.
#pragma once

#include <cstddef>
#include <string>

namespace roda::appliance {

/// DIRECTORY/INSTANCE.status: one StatusPage.
inline std::string status_path(const std::string& directory, const std::string& instance) {
    return directory + '/' + instance + ".status";
}

/// DIRECTORY/INSTANCE.rules: a RuleFigures for each rule and severity.
inline std::string rules_path(const std::string& directory, const std::string& instance) {
    return directory + '/' + instance + ".rules";
}

/// DIRECTORY/INSTANCE.devices.N: the devices of queue N.
inline std::string devices_path(const std::string& directory,
                                const std::string& instance,
                                std::size_t queue) {
    return directory + '/' + instance + ".devices." + std::to_string(queue);
}

}  // namespace roda::appliance
