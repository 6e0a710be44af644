// SPDX-License-Identifier: Apache-2.0
// Checksums that a sender on this host left to a device which is not there.
#pragma once

#include <cstddef>
#include <span>

namespace roda::dpdk {

/// Computes the checksum of a TCP or UDP packet, as its sender's device would have. Leaves alone
/// what has no such checksum: other protocols, fragments, UDP without one, damaged headers.
///
/// For frames from a link that is trusted: there, damage would pass for good.
void complete_checksum(std::span<std::byte> frame) noexcept;

}  // namespace roda::dpdk
