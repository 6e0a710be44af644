// SPDX-License-Identifier: Apache-2.0
#include "appliance/exporter/status_text.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "appliance/alerting/alert_text.hpp"
#include "appliance/ingest/grouped.hpp"
#include "appliance/ingest/text_table.hpp"
#include "appliance/ingest/time_text.hpp"
#include "proto/frame.hpp"

namespace roda::appliance {
namespace {

std::string state_text(const StatusPicture& picture) {
    if (!picture.alive) {
        return "NOT running, figures as of " + utc_text(picture.heartbeat_ns);
    }
    const std::string since =
        " for " +
        span_text(std::max(picture.now_ns, picture.page.started_ns) - picture.page.started_ns);
    switch (picture.page.state) {
        case RunState::receiving:
            return "receiving" + since;
        case RunState::port_removed:
            return "the port is GONE, running" + since;
        default:
            return "starting" + since;
    }
}

std::string port_state_text(const StatusPage& page) {
    std::string text = page.removed != 0   ? ", GONE"
                       : page.link_up != 0 ? ", link up"
                                           : ", link down";
    if (page.link_changes != 0) {
        text += ", link changes: " + grouped(page.link_changes);
    }
    if (page.restarts != 0) {
        text += ", restarts: " + grouped(page.restarts);
    }
    return text;
}

std::string head(const StatusPicture& picture) {
    const StatusPage& page = picture.page;
    std::string text = "instance  " + picture.instance + ", " + state_text(picture) + "; roda ";
    text += text_of(page.version);
    text += "\nport      ";
    text += text_of(page.device);
    text += page.driver[0] == '\0' ? std::string() : " (" + std::string(text_of(page.driver)) + ")";
    text += port_state_text(page) + "\n";
    for (const std::string& note : picture.notes()) {
        text += "          " + note + "\n";
    }
    text += "memory    ";
    text += page.memory[0] == '\0' ? std::string_view("-") : text_of(page.memory);
    text += "\nworkers   " + grouped(page.busy_steps) + " busy turns, " + grouped(page.idle_steps) +
            " idle, the longest " + span_text(page.step_max_ns) + "\n";
    return text;
}

std::string shards_text(const StatusPicture& picture) {
    std::vector<Cells> rows = {{"shard",
                                "frames",
                                "readings",
                                "sensors",
                                "waits for room",
                                "busy turns",
                                "idle turns",
                                "rests by"}};
    for (const ShardStatus& shard : picture.shards()) {
        rows.push_back({std::to_string(rows.size() - 1),
                        grouped(shard.frames),
                        grouped(shard.readings),
                        grouped(shard.sensors),
                        grouped(shard.waits_for_room),
                        grouped(shard.busy_steps),
                        grouped(shard.idle_steps),
                        shard.rests_by_interrupt != 0 ? "interrupt" : "nap"});
    }
    return "\n" + aligned(rows, 1, 0);
}

std::string reload_text(const StatusPicture& picture) {
    const ReloadFigures& reload = picture.page.reload;
    std::string text = "\nrules     " + grouped(reload.rules) + " with " + grouped(reload.points) +
                       " alarm points; " + grouped(picture.page.ledger.detect.alarms) +
                       " alarms not at rest";
    if (reload.total != 0) {
        text += "; reloads: " + grouped(reload.total) + ", failed: " + grouped(reload.failed);
    }
    return text + (reload.last_ok == 0 ? "; the last FAILED, the rules are as before\n" : "\n");
}

std::string rules_text(const StatusPicture& picture, const StatusDetail& detail) {
    const std::vector<RuleFigures> urgent = urgent_first(picture.rules);
    const std::size_t shown = std::min(urgent.size(), detail.rules);
    std::vector<Cells> rows = {
        {"rule", "severity", "firing", "pending", "shelved", "fired", "resolved"}};
    for (const RuleFigures& rule : std::span(urgent).first(shown)) {
        rows.push_back({std::string(text_of(rule.name)),
                        std::string(severity_name(Severity(rule.severity))),
                        grouped(rule.firing),
                        grouped(rule.pending),
                        grouped(rule.shelved),
                        grouped(rule.of(Transition::firing)),
                        grouped(rule.of(Transition::resolved))});
    }
    const std::string others = others_text(picture.rules.size(), urgent.size(), shown);
    return reload_text(picture) + (shown == 0 ? "" : aligned(rows, 2, 0)) +
           (others.empty() ? "" : others + '\n');
}

std::string offset_text(const DeviceRecord& device) {
    if (device.timed == 0) {
        return "-";
    }
    const auto offset = static_cast<std::uint64_t>(device.clock_offset_ns);
    return device.clock_offset_ns < 0 ? '-' + span_text(0 - offset) : '+' + span_text(offset);
}

std::string age_text(const StatusPicture& picture, const DeviceRecord& device) {
    return device.last_seen_ns >= picture.as_of_ns()
               ? "now"
               : span_text(picture.as_of_ns() - device.last_seen_ns) + " ago";
}

std::string list_text(const StatusPicture& picture,
                      const std::string& title,
                      const std::vector<DeviceRecord>& devices) {
    if (devices.empty()) {
        return "";
    }
    std::vector<Cells> rows = {{title,
                                "source",
                                "datagrams",
                                "readings",
                                "lost",
                                "duplicates",
                                "stale",
                                "reordered",
                                "restarts",
                                "clock",
                                "last seen"}};
    for (const DeviceRecord& device : devices) {
        rows.push_back({"  " + device_name(device),
                        address_text(device.source),
                        grouped(device.datagrams),
                        grouped(device.readings),
                        grouped(device.lost),
                        grouped(device.duplicates),
                        grouped(device.stale),
                        grouped(device.reordered),
                        grouped(device.restarts),
                        offset_text(device),
                        age_text(picture, device)});
    }
    return aligned(rows, 2, 0);
}

std::string devices_text(const StatusPicture& picture, const StatusDetail& detail) {
    const std::vector<DeviceRecord> silent = silent_devices(picture, detail.silence_ns);
    std::string text = "\ndevices   " + grouped(picture.devices.size()) + " of at most " +
                       grouped(picture.devices_max) + "; " + grouped(silent.size()) +
                       " silent for more than " + span_text(detail.silence_ns) + "; " +
                       grouped(picture.page.ledger.ingest.devices_refused) +
                       " datagrams of devices beyond\n";
    text += list_text(picture,
                      "most datagrams",
                      top_devices(picture.devices, &DeviceRecord::datagrams, detail.top));
    text += list_text(
        picture, "most lost", top_devices(picture.devices, &DeviceRecord::lost, detail.top));
    text += list_text(
        picture,
        "silent longest",
        {silent.begin(),
         silent.begin() + static_cast<std::ptrdiff_t>(std::min(silent.size(), detail.top))});
    return text;
}

}  // namespace

std::string address_text(const std::array<std::uint8_t, 16>& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    constexpr std::size_t v4_at = 12;
    const bool is_v4 = proto::IpAddress{address}.is_v4();
    ::inet_ntop(
        is_v4 ? AF_INET : AF_INET6, address.data() + (is_v4 ? v4_at : 0), text.data(), text.size());
    return text.data();
}

std::string device_name(const DeviceRecord& device) {
    return device.device_id != 0 ? std::to_string(device.device_id) : address_text(device.source);
}

std::string to_text(const StatusPicture& picture, const StatusDetail& detail) {
    return head(picture) + "\n" + picture.page.ledger.to_text() + shards_text(picture) +
           rules_text(picture, detail) + devices_text(picture, detail);
}

}  // namespace roda::appliance
