// SPDX-License-Identifier: Apache-2.0
// Readings -> telemetry datagram, in each of the schema's three forms: what `roda send` and the
// tests put on the wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "proto/decoder.hpp"
#include "proto/records.hpp"

namespace roda::proto {

enum class Form : std::uint8_t {
    columns,  // sensor_id, value, timestamp_ns: 24 bytes a reading
    narrow,   // short_sensor_id, value, time_offset_us from the first reading: 16 bytes a reading
    rows,     // one Reading message each: 29 bytes
};

/// Encodes one datagram; the bytes are those of libprotobuf for the same message.
///
/// Errors: 0 when `out` is too small, or when `narrow` cannot hold an id (above 2^32 - 1) or a
/// time (more than 35 minutes from the first reading). Cost: no allocation.
std::size_t encode_datagram(const DatagramHeader& header,
                            std::span<const Reading> readings,
                            Form form,
                            std::span<std::byte> out) noexcept;

}  // namespace roda::proto
