// SPDX-License-Identifier: Apache-2.0
// What a datagram means according to libprotobuf, and whether a decoder says the same.
#pragma once

#include <telemetry.pb.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "proto/decoder.hpp"

namespace roda::test {

struct Expected {
    std::optional<proto::DatagramRefusal> refusal;
    proto::DatagramHeader header;
    std::vector<proto::Reading> readings;
};

/// The rules of decoder.hpp on a message, for a receiver with room for `space` readings.
inline Expected judge(const telemetry::v1::Datagram& message,
                      std::uint64_t arrival_ns,
                      std::size_t space) {
    Expected expected;
    expected.header = {message.device_id(), message.sequence(), message.boot_id()};
    const int n = message.value_size();
    const bool wide_ids = message.sensor_id_size() != 0;
    const bool short_ids = message.short_sensor_id_size() != 0;
    const bool wide_times = message.timestamp_ns_size() != 0;
    const bool offsets = message.time_offset_us_size() != 0;
    const int ids = message.sensor_id_size() + message.short_sensor_id_size();
    const int times = message.timestamp_ns_size() + message.time_offset_us_size();
    if ((wide_ids && short_ids) || (wide_times && offsets) || ids != n ||
        (times != 0 && times != n)) {
        expected.refusal = proto::DatagramRefusal::column_mismatch;
        return expected;
    }
    const std::uint64_t base = message.base_time_ns() != 0 ? message.base_time_ns() : arrival_ns;
    for (int i = 0; i < n; ++i) {
        const std::uint64_t id = wide_ids ? message.sensor_id(i) : message.short_sensor_id(i);
        std::uint64_t time = base;
        if (wide_times) {
            time = message.timestamp_ns(i);
        } else if (offsets) {
            time += static_cast<std::uint64_t>(std::int64_t{message.time_offset_us(i)} * 1000);
        }
        expected.readings.push_back({id, message.value(i), time});
    }
    for (const telemetry::v1::Reading& row : message.readings()) {
        expected.readings.push_back(
            {row.sensor_id(), row.value(), row.timestamp_ns() != 0 ? row.timestamp_ns() : base});
    }
    if (expected.readings.size() > space) {
        expected.refusal = proto::DatagramRefusal::too_many_readings;
    } else if (expected.readings.empty()) {
        expected.refusal = proto::DatagramRefusal::no_readings;
    }
    return expected;
}

inline Expected ask_libprotobuf(std::span<const std::byte> bytes,
                                std::uint64_t arrival_ns,
                                std::size_t space) {
    telemetry::v1::Datagram message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return {proto::DatagramRefusal::malformed, {}, {}};
    }
    return judge(message, arrival_ns, space);
}

/// As patterns: a NaN equals itself, 0.0 is not -0.0.
inline bool same_bits(const proto::Reading& a, const proto::Reading& b) {
    return a.sensor_id == b.sensor_id && a.timestamp_ns == b.timestamp_ns &&
           std::bit_cast<std::uint64_t>(a.value) == std::bit_cast<std::uint64_t>(b.value);
}

/// What differs between a decoder's answer, whose readings lie at `readings`, and the right one;
/// empty when nothing does. The header of a malformed message is anybody's guess.
inline std::string difference(const Expected& expected,
                              const proto::Decoded& decoded,
                              const proto::Reading* readings) {
    if (decoded.accepted == expected.refusal.has_value() ||
        (expected.refusal && decoded.refusal != *expected.refusal)) {
        return "verdict";
    }
    if (expected.refusal == proto::DatagramRefusal::malformed) {
        return "";
    }
    if (decoded.header.device_id != expected.header.device_id ||
        decoded.header.boot_id != expected.header.boot_id ||
        decoded.header.sequence != expected.header.sequence) {
        return "header";
    }
    const std::size_t count = decoded.accepted ? expected.readings.size() : 0;
    const bool same = std::ranges::equal(std::span(readings, decoded.readings),
                                         std::span(expected.readings).first(count),
                                         same_bits);
    return same ? "" : "a reading";
}

}  // namespace roda::test
