// SPDX-License-Identifier: Apache-2.0
// The decoder for whatever is valid: decode_datagram() without its fast path.
#pragma once

#include "proto/decoder.hpp"

namespace roda::proto {

/// decode_datagram()'s contract, word for word. Tests hold the two to each other.
Decoded decode_any_form(std::span<const std::byte> payload,
                        std::uint64_t arrival_ns,
                        std::span<Reading> out) noexcept;

}  // namespace roda::proto
