// SPDX-License-Identifier: Apache-2.0
// What an operator may ask of a running appliance, and the answer. The socket carries it
// (control_socket.hpp), `roda reload`, `ack`, `shelve`, `unshelve` and `explain` ask it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace roda::appliance {

enum class ControlVerb : std::uint8_t { reload, acknowledge, shelve, unshelve, explain };

/// Which alarms: those that fulfil each condition given.
struct AlarmSelector {
    std::optional<std::uint64_t> id{};  // NetId64 of an occurrence
    std::string rule{};                 // empty: any
    std::optional<std::uint64_t> sensor_id{};
};

struct ControlRequest {
    ControlVerb verb = ControlVerb::reload;
    AlarmSelector alarms{};    // of acknowledge, shelve, unshelve; sensor_id of explain
    std::uint64_t for_ns = 0;  // of shelve
    bool json = false;         // of explain
    std::string by{};          // the user, for the log line
};

/// What ControlRequest::for_ns may be: a shelf is not the place to forget an alarm on.
inline constexpr std::uint64_t shortest_shelf_ns = 1'000'000'000;
inline constexpr std::uint64_t longest_shelf_ns = 31 * 86'400'000'000'000;

struct ControlReply {
    bool done = false;  // false: refused, and text says why
    std::string text{};
};

/// Thread: the control socket's, one request at a time.
using ControlHandler = std::function<ControlReply(const ControlRequest&)>;

}  // namespace roda::appliance
