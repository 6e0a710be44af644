// SPDX-License-Identifier: Apache-2.0
// Telemetry datagram -> readings, written in place. Accepts what libprotobuf accepts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "proto/records.hpp"

namespace roda::proto {

/// Why a datagram yields no readings; one counter each.
enum class DatagramRefusal : std::uint8_t {
    malformed,          // no valid protobuf message
    column_mismatch,    // columns of different lengths, or two forms of one column
    too_many_readings,  // more than the caller's space
    no_readings,        // valid, and empty
};

inline constexpr std::size_t datagram_refusal_count = 4;

inline constexpr std::array<std::string_view, datagram_refusal_count> datagram_refusal_names = {
    "malformed", "column_mismatch", "too_many_readings", "no_readings"};

/// The scalar fields of a datagram; 0 where absent (proto3).
struct DatagramHeader {
    std::uint64_t device_id = 0;
    std::uint64_t sequence = 0;
    std::uint32_t boot_id = 0;
};

struct Decoded {
    bool accepted = false;
    DatagramRefusal refusal = DatagramRefusal::malformed;  // meaningful when !accepted
    std::uint32_t readings = 0;                            // written to the front of `out`
    DatagramHeader header;
};

/// Decodes one datagram into `out`, columns first, then rows.
///
/// Id of a reading: sensor_id or short_sensor_id, one of the two columns. Time: timestamp_ns;
/// else base_time_ns + time_offset_us; else base_time_ns; and where there is no base_time_ns
/// either, arrival_ns is the base. A row whose timestamp_ns is 0 has the base as well.
///
/// Thread: any. Shape: never reads outside `payload`, never writes outside `out`; on refusal the
/// content of `out` is unspecified. Errors: a refusal, never a throw. Cost: no allocation.
/// Source: design.md 6; libprotobuf 3.21 is the oracle (tests/proto/decoder_oracle_test.cpp).
Decoded decode_datagram(std::span<const std::byte> payload,
                        std::uint64_t arrival_ns,
                        std::span<Reading> out) noexcept;

/// The most readings that `payload_bytes` can hold in any form (rows of two bytes).
constexpr std::size_t max_readings_in(std::size_t payload_bytes) { return payload_bytes / 2; }

}  // namespace roda::proto
