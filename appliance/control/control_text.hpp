// SPDX-License-Identifier: Apache-2.0
// Requests and replies as they go over the control socket: one JSON object on one line each.
//
//   {"verb":"shelve","rule":"hot","sensor_id":417,"for_ns":1800000000000}
//   {"done":true,"text":"1 alarm shelved"}
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "appliance/control/control.hpp"

namespace roda::appliance {

/// As ControlVerb; the subcommands of `roda` have the same names.
inline constexpr std::array<std::string_view, 5> control_verb_names = {
    "reload", "ack", "shelve", "unshelve", "explain"};

/// What is missing or does not go together; nothing where the request can be answered.
std::optional<std::string> fault_of(const ControlRequest& request);

/// Shape: with the line's end. `by` is not told: the server asks the kernel who it is. Bytes that
/// are no UTF-8 are replaced.
std::string to_line(const ControlRequest& request);
std::string to_line(const ControlReply& reply);

/// Reads a line without its end. Returns what is wrong with it, as a sentence for who wrote it.
/// Strict: a member that the verb does not know, or of another type, or given twice is refused.
std::optional<std::string> read_request(std::string_view line, ControlRequest& request);
std::optional<std::string> read_reply(std::string_view line, ControlReply& reply);

}  // namespace roda::appliance
