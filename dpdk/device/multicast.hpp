// SPDX-License-Identifier: Apache-2.0
// Telling a device which groups to let through.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "dpdk/neighbour/neighbour.hpp"

namespace roda::dpdk::detail {

/// Has a started device take the frames to own.groups: by its list of stations, else by taking all
/// multicast. What cannot be done, as a sentence for Port::notes().
///
/// Order: after each start of the device, which may forget.
std::optional<std::string> listen_to_groups(std::uint16_t port_id,
                                            const std::string& driver,
                                            const LinkIdentity& own);

}  // namespace roda::dpdk::detail
