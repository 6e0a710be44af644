// SPDX-License-Identifier: Apache-2.0
// Another program's side of what the running appliance shows: read-only, holds nobody back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "appliance/exporter/rule_figures.hpp"
#include "appliance/exporter/status_page.hpp"
#include "appliance/ingest/device_record.hpp"

namespace roda::appliance {

/// The appliance at one moment.
struct StatusPicture {
    StatusPage page{};
    std::string instance;
    bool alive = false;
    std::uint64_t heartbeat_ns = 0;     // its last sign of life, Unix time
    std::uint64_t now_ns = 0;           // when it was looked at
    std::vector<DeviceRecord> devices;  // of all queues, each device once
    std::uint64_t devices_max = 0;      // that there is room for, all queues together
    std::vector<RuleFigures> rules;     // a name and severity each, also those of earlier rules

    std::vector<std::string> notes() const;  // of the port
    std::span<const ShardStatus> shards() const noexcept;

    /// The moment that the figures are of: of one that has ended, its last.
    std::uint64_t as_of_ns() const noexcept { return alive ? now_ns : heartbeat_ns; }
};

/// A writer that is silent for longer is taken for dead.
inline constexpr std::uint64_t status_silence_ns = 3'000'000'000;

/// What the instance shows now, or what it showed last. Opens the files anew each time: they may
/// be those of another run.
///
/// Errors: StartupError when there is nothing, or it is of another build.
StatusPicture read_status(const std::string& directory, const std::string& instance);

/// Why the instance does not run; empty while it does.
std::string not_running(const StatusPicture& picture);

/// The `count` devices with the most of `figure`, none without any; by id where they have as much.
std::vector<DeviceRecord> top_devices(const std::vector<DeviceRecord>& devices,
                                      std::uint64_t DeviceRecord::*figure,
                                      std::size_t count);

/// The devices not heard for longer than `silence_ns`, the longest silent first.
std::vector<DeviceRecord> silent_devices(const StatusPicture& picture, std::uint64_t silence_ns);

}  // namespace roda::appliance
