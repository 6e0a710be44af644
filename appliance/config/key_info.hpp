// SPDX-License-Identifier: Apache-2.0
// What a configuration reader can say about one of its keys; references are checked against it.
#pragma once

#include <string>

namespace roda::appliance {

struct KeyInfo {
    std::string path;           // port.mtu, rules[].name
    std::string unit;           // bytes; empty: none
    std::string default_value;  // as it would stand in the file, "none" or "required"
    std::string range;          // what is accepted

    friend bool operator==(const KeyInfo&, const KeyInfo&) = default;
};

}  // namespace roda::appliance
