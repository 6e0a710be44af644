// SPDX-License-Identifier: Apache-2.0
#include "appliance/alerting/alert_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "pipeline/fleet/net_id.hpp"

namespace roda::appliance {
namespace {

/// The shortest text that reads back as the same number.
std::string number(double value) {
    if (!std::isfinite(value)) {
        return "null";
    }
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return std::string(text.data(), end);
}

std::string net_id_text(std::uint64_t bits) {
    const NetId64 id{bits};
    return std::to_string(id.kind()) + ':' + std::to_string(id.node()) + ':' +
           std::to_string(id.counter());
}

/// Records come from shared memory: an enumerator that this program does not know has a name too.
template <std::size_t count>
std::string_view name_of(const std::array<std::string_view, count>& names, std::size_t at) {
    return at < count ? names[at] : std::string_view("unknown");
}

std::string_view transition_name(const AlertRecord& record) {
    return name_of(transition_names, static_cast<std::size_t>(record.transition));
}

std::string_view severity_name(const AlertRecord& record) {
    return name_of(severity_names, static_cast<std::size_t>(record.severity));
}

}  // namespace

std::string_view rule_name(const AlertRecord& record) noexcept {
    return {record.rule_name.data(), ::strnlen(record.rule_name.data(), rule_name_bytes)};
}

std::string to_json(const AlertRecord& record) {
    std::string json = "{\"id\":\"" + net_id_text(record.id) + "\",\"rule\":\"";
    json += rule_name(record);
    json += "\",\"transition\":\"";
    json += transition_name(record);
    json += "\",\"severity\":\"";
    json += severity_name(record);
    json += "\",\"sensor_id\":" + std::to_string(record.sensor_id);
    json += ",\"device_id\":" + std::to_string(record.device_id);
    json += ",\"value\":" + number(record.value);
    json += ",\"reference\":" + number(record.reference);
    json += ",\"limit\":" + number(record.limit);
    json += ",\"event_ns\":" + std::to_string(record.event_ns);
    json += ",\"receive_ns\":" + std::to_string(record.receive_ns);
    if (record.emit_ns != 0) {
        json += ",\"emit_ns\":" + std::to_string(record.emit_ns);
    }
    json += ",\"queue\":" + std::to_string(record.queue);
    json += ",\"cause\":" + std::to_string(record.cause) + '}';
    return json;
}

std::string to_text(const AlertRecord& record) {
    std::array<char, 256> line{};
    const std::string_view rule = rule_name(record);
    const std::string_view transition = transition_name(record);
    const std::string_view severity = severity_name(record);
    const int length =
        std::snprintf(line.data(),
                      line.size(),
                      "%-8.*s  %-8.*s  %-16.*s sensor %-8llu %.6g -> %.6g   device %llu",
                      static_cast<int>(transition.size()),
                      transition.data(),
                      static_cast<int>(severity.size()),
                      severity.data(),
                      static_cast<int>(rule.size()),
                      rule.data(),
                      static_cast<unsigned long long>(record.sensor_id),
                      record.reference,
                      record.value,
                      static_cast<unsigned long long>(record.device_id));
    std::string text(line.data(), static_cast<std::size_t>(std::max(0, length)));
    if (record.emit_ns > record.receive_ns) {
        const double after_us = static_cast<double>(record.emit_ns - record.receive_ns) / 1e3;
        const int more =
            std::snprintf(line.data(), line.size(), "   %.1f us after arrival", after_us);
        text.append(line.data(), static_cast<std::size_t>(std::max(0, more)));
    }
    return text;
}

}  // namespace roda::appliance
