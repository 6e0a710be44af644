// SPDX-License-Identifier: Apache-2.0
// What `roda status` prints: a page for people, one JSON object for programs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "appliance/exporter/status_reader.hpp"

namespace roda::appliance {

struct StatusDetail {
    std::size_t top = 10;                       // devices in each list
    std::size_t rules = 20;                     // of those with alerts
    std::uint64_t silence_ns = 60'000'000'000;  // a device that is silent for longer is listed
};

std::string to_text(const StatusPicture& picture, const StatusDetail& detail);

/// One line without its end.
std::string to_json(const StatusPicture& picture, const StatusDetail& detail);

/// Who a device is: its id, or the address that it is known by.
std::string device_name(const DeviceRecord& device);

std::string address_text(const std::array<std::uint8_t, 16>& address);

}  // namespace roda::appliance
