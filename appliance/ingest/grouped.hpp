// SPDX-License-Identifier: Apache-2.0
// Whole numbers for people: 12,345,678.
#pragma once

#include <cstdint>
#include <string>

namespace roda::appliance {

/// The number with a comma before every three digits, whatever the locale.
inline std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, 1, ',');
    }
    return digits;
}

}  // namespace roda::appliance
