// SPDX-License-Identifier: Apache-2.0
// Moments and spans of time for people.
#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <string>

namespace roda::appliance {

/// 2026-03-01 12:00:00 UTC.
inline std::string utc_text(std::uint64_t unix_ns) {
    const auto unix_seconds = static_cast<std::time_t>(unix_ns / 1'000'000'000);
    std::tm parts{};
    ::gmtime_r(&unix_seconds, &parts);
    std::array<char, 32> text{};
    const std::size_t length =
        std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
    return std::string(text.data(), length);
}

/// In the two largest units that matter: 850 ns, 12 ms, 42 s, 3 min 20 s, 2 h 5 min, 9 d 4 h.
inline std::string span_text(std::uint64_t nanoseconds) {
    struct Unit {
        const char* name;
        std::uint64_t ns;
        bool shows_rest;  // in the next smaller unit
    };

    constexpr std::array<Unit, 7> units = {{{"d", 86'400'000'000'000, true},
                                            {"h", 3'600'000'000'000, true},
                                            {"min", 60'000'000'000, true},
                                            {"s", 1'000'000'000, false},
                                            {"ms", 1'000'000, false},
                                            {"us", 1'000, false},
                                            {"ns", 1, false}}};
    std::size_t at = 0;
    while (at + 1 < units.size() && nanoseconds < units[at].ns) {
        ++at;
    }
    std::string text = std::to_string(nanoseconds / units[at].ns) + ' ' + units[at].name;
    if (units[at].shows_rest) {
        const std::uint64_t rest = nanoseconds % units[at].ns / units[at + 1].ns;
        text += rest == 0 ? "" : ' ' + std::to_string(rest) + ' ' + units[at + 1].name;
    }
    return text;
}

/// The same, with tenths of seconds from 1 s to 1 min, cut off: 3.2 s, 59.9 s. For delays, which
/// are often of a few seconds.
inline std::string fine_span_text(std::uint64_t nanoseconds) {
    constexpr std::uint64_t second = 1'000'000'000;
    const std::uint64_t tenths = nanoseconds / (second / 10);
    if (nanoseconds < second || nanoseconds >= 60 * second || tenths % 10 == 0) {
        return span_text(nanoseconds);
    }
    return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " s";
}

}  // namespace roda::appliance
