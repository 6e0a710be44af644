// SPDX-License-Identifier: Apache-2.0
// What a full journal does with the next record: a part of its type, and a word in its header.
#pragma once

#include <cstdint>
#include <string_view>

namespace roda {

enum class FullPolicy : std::uint8_t {
    stop,         // capacity is for the whole life: append() returns false (the seed's panic)
    wait,         // append() waits until every named reader has made room
    drop_newest,  // the new record is dropped and counted
    lap,          // the oldest records are overwritten; readers learn how many they missed
};

/// As it stands in a journal's header, where 0 is left for headers that say nothing.
constexpr std::uint64_t policy_code(FullPolicy policy) noexcept {
    return static_cast<std::uint64_t>(policy) + 1;
}

/// A header's word in words; whoever wrote it.
constexpr std::string_view policy_name(std::uint64_t code) noexcept {
    constexpr std::string_view names[] = {"unknown", "stop", "wait", "drop_newest", "lap"};
    return code < std::size(names) ? names[code] : names[0];
}

}  // namespace roda
