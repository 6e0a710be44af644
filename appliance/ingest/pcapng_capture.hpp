// SPDX-License-Identifier: Apache-2.0
// The frames of a pcapng file: what the flight recorder and Wireshark write.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "appliance/ingest/capture_bytes.hpp"

namespace roda::appliance {

/// The first four bytes, in either byte order.
inline constexpr std::uint32_t magic_pcapng = 0x0a0d0d0a;

/// Enhanced packet blocks of Ethernet interfaces; blocks of other kinds are passed over, as are
/// simple packet blocks, which have no time.
///
/// Errors: StartupError when a header is no pcapng, or a frame is of another link or of an
/// interface that is not there.
/// Source: draft-ietf-opsawg-pcapng.
CapturedFrames read_pcapng(std::span<const std::byte> file, const std::string& path);

}  // namespace roda::appliance
