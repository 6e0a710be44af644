// SPDX-License-Identifier: Apache-2.0
// Another program's side of the control socket: one request, one reply.
#pragma once

#include <chrono>
#include <string>

#include "appliance/control/control.hpp"

namespace roda::appliance {

/// Asks the running appliance and waits for its reply, `patience` at most: a reload of many rules
/// takes its time.
///
/// Errors: StartupError: none of this instance runs, the user may not ask, or no reply came. After
/// the last the request may have been carried out all the same.
ControlReply ask(const std::string& directory,
                 const std::string& instance,
                 const ControlRequest& request,
                 std::chrono::milliseconds patience = std::chrono::seconds(30));

}  // namespace roda::appliance
