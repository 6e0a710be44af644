// SPDX-License-Identifier: Apache-2.0
#include "pipeline/fleet/net_id.hpp"

#include <charconv>
#include <system_error>

namespace roda {
namespace {

/// The whole of `text` as a number up to `most`; nothing when it is anything else.
std::optional<std::uint64_t> number(std::string_view text, int base, std::uint64_t most) noexcept {
    std::uint64_t value = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, value, base);
    return error == std::errc() && end == last && value <= most ? std::optional(value)
                                                                : std::nullopt;
}

}  // namespace

std::string_view NetId64::to_text(std::span<char, text_bytes_max> to) const noexcept {
    char* const last = to.data() + to.size();
    char* at = std::to_chars(to.data(), last, kind()).ptr;
    *at++ = ':';
    at = std::to_chars(at, last, node()).ptr;
    *at++ = ':';
    at = std::to_chars(at, last, counter()).ptr;
    return {to.data(), static_cast<std::size_t>(at - to.data())};
}

std::string NetId64::to_text() const {
    std::array<char, text_bytes_max> text;
    return std::string(to_text(text));
}

std::optional<NetId64> NetId64::parse(std::string_view text) noexcept {
    if (text.starts_with("0x")) {
        const auto raw = number(text.substr(2), 16, ~std::uint64_t{0});
        return raw ? std::optional(NetId64{*raw}) : std::nullopt;
    }
    const std::size_t first = text.find(':');
    const std::size_t second = first == text.npos ? first : text.find(':', first + 1);
    if (second == text.npos) {
        return std::nullopt;
    }
    const auto kind = number(text.substr(0, first), 10, 0xff);
    const auto node = number(text.substr(first + 1, second - first - 1), 10, 0xffff);
    const auto counter = number(text.substr(second + 1), 10, counter_mask);
    if (!kind || !node || !counter) {
        return std::nullopt;
    }
    return make(static_cast<std::uint8_t>(*kind), static_cast<std::uint16_t>(*node), *counter);
}

}  // namespace roda
