// SPDX-License-Identifier: Apache-2.0
// What a config file is told to be wrong with it.
#pragma once

#include <string>

#include "appliance/config/config.hpp"
#include "pipeline/base/error.hpp"

namespace roda::appliance {

/// Of a file "c.yaml" with this text; "no fault" when there is none.
inline std::string faults(const std::string& text) {
    try {
        parse_config(text, "c.yaml");
    } catch (const StartupError& error) {
        return error.what();
    }
    return "no fault";
}

}  // namespace roda::appliance
