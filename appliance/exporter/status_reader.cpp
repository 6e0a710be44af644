// SPDX-License-Identifier: Apache-2.0
#include "appliance/exporter/status_reader.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <tuple>
#include <utility>

#include "appliance/exporter/status_files.hpp"
#include "appliance/ingest/time_text.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/base/error.hpp"

namespace roda::appliance {
namespace {

using Identity = std::pair<std::uint64_t, std::array<std::uint8_t, 16>>;

Identity identity_of(const DeviceRecord& device) {
    return {device.device_id,
            device.device_id != 0 ? std::array<std::uint8_t, 16>{} : device.source};
}

/// One device, heard on two queues: its sums, and what the newer one says of the moment.
DeviceRecord joined(const DeviceRecord& a, const DeviceRecord& b) {
    const bool newer_is_a = a.last_seen_ns >= b.last_seen_ns;
    DeviceRecord sum = newer_is_a ? a : b;
    const DeviceRecord& other = newer_is_a ? b : a;
    sum.datagrams += other.datagrams;
    sum.readings += other.readings;
    sum.lost += other.lost;
    sum.duplicates += other.duplicates;
    sum.stale += other.stale;
    sum.reordered += other.reordered;
    sum.restarts = std::max(sum.restarts, other.restarts);
    return sum;
}

/// Of several queues: each device once, by identity.
void join_queues(std::vector<DeviceRecord>& devices) {
    std::ranges::sort(devices, {}, identity_of);
    std::vector<DeviceRecord> once;
    for (const DeviceRecord& device : devices) {
        if (!once.empty() && identity_of(once.back()) == identity_of(device)) {
            once.back() = joined(once.back(), device);
        } else {
            once.push_back(device);
        }
    }
    devices = std::move(once);
}

void read_devices(StatusPicture& picture, const std::string& directory) {
    for (std::size_t queue = 0; queue < picture.shards().size(); ++queue) {
        const DeviceReader reader(devices_path(directory, picture.instance, queue),
                                  device_record_schema);
        picture.devices_max += reader.slots();
        for (std::uint64_t slot = 0; slot < reader.slots(); ++slot) {
            const Snapshot<DeviceRecord> seen = reader.read(slot);
            if (seen && seen.value.last_seen_ns != 0) {
                picture.devices.push_back(seen.value);
            }
        }
    }
    if (picture.shards().size() > 1) {
        join_queues(picture.devices);
    }
}

void read_rules(StatusPicture& picture, const std::string& directory) {
    const RuleReader reader(rules_path(directory, picture.instance), rule_figures_schema);
    const std::uint64_t rules = std::min<std::uint64_t>(picture.page.rules, reader.slots());
    for (std::uint64_t slot = 0; slot < rules; ++slot) {
        if (const Snapshot<RuleFigures> seen = reader.read(slot)) {
            picture.rules.push_back(seen.value);
        }
    }
}

}  // namespace

std::vector<std::string> StatusPicture::notes() const {
    std::vector<std::string> notes;
    std::istringstream lines{std::string(text_of(page.notes))};
    for (std::string line; std::getline(lines, line);) {
        notes.push_back(line);
    }
    return notes;
}

std::span<const ShardStatus> StatusPicture::shards() const noexcept {
    return std::span(page.shard).first(std::min<std::size_t>(page.shards, page.shard.size()));
}

StatusPicture read_status(const std::string& directory, const std::string& instance) {
    const std::string path = status_path(directory, instance);
    if (!std::filesystem::exists(path)) {
        throw StartupError("no instance of this name has run here", path, "is `roda run` running?");
    }
    const StatusPageReader reader(path, status_page_schema());
    const Snapshot<StatusPage> seen = reader.read(0);
    if (!seen) {
        throw StartupError("its writer shows nothing", path, "was it killed while it wrote?");
    }
    StatusPicture picture;
    picture.page = seen.value;
    picture.instance = instance;
    picture.heartbeat_ns = reader.heartbeat_ns();
    picture.now_ns = unix_now_ns();
    picture.alive = picture.page.state != RunState::stopped &&
                    picture.now_ns < picture.heartbeat_ns + status_silence_ns;
    read_rules(picture, directory);
    read_devices(picture, directory);
    return picture;
}

std::string not_running(const StatusPicture& picture) {
    if (picture.alive) {
        return {};
    }
    const std::string when = utc_text(picture.heartbeat_ns);
    return "instance " + picture.instance +
           (picture.page.state == RunState::stopped
                ? " is not running: it stopped at " + when
                : " is not running: no sign of life since " + when);
}

std::vector<DeviceRecord> top_devices(const std::vector<DeviceRecord>& devices,
                                      std::uint64_t DeviceRecord::*figure,
                                      std::size_t count) {
    std::vector<DeviceRecord> top(std::min(count, devices.size()));
    const auto order = [figure](const DeviceRecord& a, const DeviceRecord& b) {
        return std::tuple(b.*figure, a.device_id, a.source) <
               std::tuple(a.*figure, b.device_id, b.source);
    };
    std::partial_sort_copy(devices.begin(), devices.end(), top.begin(), top.end(), order);
    std::erase_if(top, [figure](const DeviceRecord& device) { return device.*figure == 0; });
    return top;
}

std::vector<DeviceRecord> silent_devices(const StatusPicture& picture, std::uint64_t silence_ns) {
    std::vector<DeviceRecord> silent;
    for (const DeviceRecord& device : picture.devices) {
        if (device.last_seen_ns + silence_ns < picture.as_of_ns()) {
            silent.push_back(device);
        }
    }
    std::ranges::stable_sort(silent, {}, &DeviceRecord::last_seen_ns);
    return silent;
}

}  // namespace roda::appliance
