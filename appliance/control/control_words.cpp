// SPDX-License-Identifier: Apache-2.0
#include "appliance/control/control_words.hpp"

#include <charconv>
#include <limits>

#include "pipeline/fleet/net_id.hpp"

namespace roda::appliance {
namespace {

std::uint64_t unit_ns(char unit) noexcept {
    constexpr std::uint64_t second = 1'000'000'000;
    switch (unit) {
        case 's':
            return second;
        case 'm':
            return 60 * second;
        case 'h':
            return 3600 * second;
        case 'd':
            return 86'400 * second;
        default:
            return 0;
    }
}

}  // namespace

std::optional<std::uint64_t> read_whole(std::string_view text) noexcept {
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && at == end ? std::optional(number) : std::nullopt;
}

std::optional<std::uint64_t> read_duration(std::string_view text) noexcept {
    if (text.empty()) {
        return std::nullopt;
    }
    const std::uint64_t unit = unit_ns(text.back());
    const auto number = read_whole(text.substr(0, text.size() - 1));
    if (unit == 0 || !number || *number > std::numeric_limits<std::uint64_t>::max() / unit) {
        return std::nullopt;
    }
    return *number * unit;
}

std::optional<std::uint64_t> read_alert_id(std::string_view text) noexcept {
    const auto id = NetId64::parse(text);
    const auto bits = id ? std::optional(id->bits) : read_whole(text);
    return bits && *bits != 0 ? bits : std::nullopt;
}

}  // namespace roda::appliance
