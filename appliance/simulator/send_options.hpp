// SPDX-License-Identifier: Apache-2.0
// What `roda send` can be told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "proto/encoder.hpp"

namespace roda::appliance {

struct SendOptions {
    std::string host = {};  // IPv4 or IPv6 address, or a name
    std::uint16_t port = 17750;
    std::uint64_t sensors = 1000;
    std::uint64_t first_sensor_id = 1;
    std::uint32_t gateways = 4;
    double rate = 100'000;  // readings per second, all gateways together
    double seconds = 10;    // 0: until stopped
    std::uint32_t readings_per_datagram = 50;
    proto::Form form = proto::Form::columns;
    double anomalies_per_second = 2;  // 0: none
    double newborn_share = 0.05;      // see PlanOptions
    std::uint64_t seed = 1;
    std::string planted_path = {};  // the expected transitions, as JSON lines; empty: nowhere
};

/// The most readings of a form in one unfragmented datagram over either IP, at an MTU of 1500.
std::size_t max_readings_per_datagram(proto::Form form) noexcept;

/// Errors: StartupError with every fault, one per line.
void check(const SendOptions& options);

}  // namespace roda::appliance
