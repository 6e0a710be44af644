// SPDX-License-Identifier: Apache-2.0
// Where tests find deploy/: in $RODA_SOURCE_ROOT, or here when run by hand in the root of the
// source tree.
#pragma once

#include <cstdlib>
#include <string>

namespace roda::appliance {

inline std::string deploy_file(const std::string& name) {
    const char* const root = std::getenv("RODA_SOURCE_ROOT");
    return std::string(root == nullptr ? "." : root) + "/deploy/" + name;
}

}  // namespace roda::appliance
