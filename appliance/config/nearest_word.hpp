// SPDX-License-Identifier: Apache-2.0
// What a person meant who mistyped one of a few known words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace roda::appliance {

/// The known word with the fewest letters changed, or nullptr when none is near.
const std::string* nearest_word(std::string_view word, const std::vector<std::string>& known);

}  // namespace roda::appliance
