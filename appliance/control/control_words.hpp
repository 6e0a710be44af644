// SPDX-License-Identifier: Apache-2.0
// Values as people write them on the command line of `roda shelve` and its like.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace roda::appliance {

/// Decimal digits, to the greatest number of 64 bits. Nothing for any other text, a sign too.
std::optional<std::uint64_t> read_whole(std::string_view text) noexcept;

/// A whole number and its unit: 90s, 30m, 8h, 7d. Nothing for any other text. Units: nanoseconds.
std::optional<std::uint64_t> read_duration(std::string_view text) noexcept;

/// An alert's id as `roda tail` prints it, KIND:NODE:COUNTER, or its bits as a number.
std::optional<std::uint64_t> read_alert_id(std::string_view text) noexcept;

}  // namespace roda::appliance
