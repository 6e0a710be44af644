// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "appliance/alerting/alert_text.hpp"
#include "appliance/exporter/status_text.hpp"
#include "appliance/ingest/json_writer.hpp"

namespace roda::appliance {
namespace {

constexpr std::array<std::string_view, 4> state_names = {
    "starting", "receiving", "stopped", "port_removed"};

std::string_view state_name(RunState state) {
    const auto at = static_cast<std::size_t>(state);
    return at < state_names.size() ? state_names[at] : std::string_view("unknown");
}

void add_notes(JsonWriter& json, const StatusPicture& picture) {
    json.key("port_notes").open('[');
    for (const std::string& note : picture.notes()) {
        json.raw(json_string(note));
    }
    json.close(']');
}

void add_shards(JsonWriter& json, const StatusPicture& picture) {
    json.key("shards").open('[');
    for (const ShardStatus& shard : picture.shards()) {
        json.open()
            .number("frames", shard.frames)
            .number("readings", shard.readings)
            .number("sensors", shard.sensors)
            .number("waits_for_room", shard.waits_for_room)
            .number("busy_steps", shard.busy_steps)
            .number("idle_steps", shard.idle_steps)
            .number("rests_by_interrupt", shard.rests_by_interrupt != 0)
            .close();
    }
    json.close(']');
}

void add_rules(JsonWriter& json, const StatusPicture& picture) {
    json.key("rules").open('[');
    for (const RuleFigures& rule : picture.rules) {
        json.open()
            .text("rule", text_of(rule.name))
            .text("severity", severity_name(Severity(rule.severity)));
        for (std::size_t i = 0; i < transition_count; ++i) {
            json.number(transition_names[i], rule.transitions[i]);
        }
        json.number("firing_now", rule.firing)
            .number("pending_now", rule.pending)
            .number("shelved_now", rule.shelved)
            .close();
    }
    json.close(']');
}

void add_reload(JsonWriter& json, const ReloadFigures& reload) {
    json.key("reload")
        .open()
        .number("last_ok", reload.last_ok != 0)
        .number("last_success_ns", reload.last_success_ns)
        .number("total", reload.total)
        .number("failed", reload.failed)
        .number("took_ns", reload.took_ns)
        .number("rules", reload.rules)
        .number("points", reload.points)
        .close();
}

void add_list(JsonWriter& json, std::string_view name, std::span<const DeviceRecord> devices) {
    json.key(name).open('[');
    for (const DeviceRecord& device : devices) {
        json.open()
            .number("device_id", device.device_id)
            .text("source", address_text(device.source))
            .number("datagrams", device.datagrams)
            .number("readings", device.readings)
            .number("lost", device.lost)
            .number("duplicates", device.duplicates)
            .number("stale", device.stale)
            .number("reordered", device.reordered)
            .number("restarts", device.restarts)
            .number("sequence", device.sequence)
            .number("boot_id", device.boot_id)
            .number("last_seen_ns", device.last_seen_ns);
        if (device.timed != 0) {
            json.number("clock_offset_ns", device.clock_offset_ns);
        }
        json.close();
    }
    json.close(']');
}

void add_devices(JsonWriter& json, const StatusPicture& picture, const StatusDetail& detail) {
    const std::vector<DeviceRecord> silent = silent_devices(picture, detail.silence_ns);
    json.key("devices")
        .open()
        .number("followed", picture.devices.size())
        .number("max", picture.devices_max)
        .number("silent", silent.size());
    add_list(
        json, "most_datagrams", top_devices(picture.devices, &DeviceRecord::datagrams, detail.top));
    add_list(json, "most_lost", top_devices(picture.devices, &DeviceRecord::lost, detail.top));
    add_list(json, "silent_longest", std::span(silent).first(std::min(silent.size(), detail.top)));
    json.close();
}

}  // namespace

std::string to_json(const StatusPicture& picture, const StatusDetail& detail) {
    const StatusPage& page = picture.page;
    JsonWriter json;
    json.open()
        .text("instance", picture.instance)
        .number("alive", picture.alive)
        .text("state", state_name(page.state))
        .text("version", text_of(page.version))
        .number("started_ns", page.started_ns)
        .number("heartbeat_ns", picture.heartbeat_ns)
        .text("device", text_of(page.device))
        .text("driver", text_of(page.driver))
        .number("link_up", page.link_up != 0)
        .number("link_changes", page.link_changes)
        .number("port_restarts", page.restarts)
        .number("port_removed", page.removed != 0);
    add_notes(json, picture);
    json.text("memory", text_of(page.memory))
        .number("busy_steps", page.busy_steps)
        .number("idle_steps", page.idle_steps)
        .number("step_max_ns", page.step_max_ns)
        .key("ledger")
        .raw(page.ledger.to_json());
    add_shards(json, picture);
    add_reload(json, page.reload);
    add_rules(json, picture);
    add_devices(json, picture, detail);
    return json.close().str();
}

}  // namespace roda::appliance
