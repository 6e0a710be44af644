// SPDX-License-Identifier: Apache-2.0
#include "appliance/simulator/plan.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace roda::appliance {
namespace {

constexpr std::uint64_t spacing_ns = 1000;
constexpr std::uint64_t mature_readings = 64;
constexpr double anomaly_factor = 10.0;
constexpr std::uint64_t one_birth_in = 4;  // anomalies, while there are sensors left to be born

constexpr double swing = 0.03;  // of the slow sine; with the noise below 5 % together
constexpr double noise = 0.015;
constexpr double swing_period_readings = 2048.0;

// SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit, so that it
// serves as a hash of ids and as a generator alike.
constexpr std::uint64_t golden_gamma = 0x9e37'79b9'7f4a'7c15;

constexpr std::uint64_t mix(std::uint64_t word) noexcept {
    word += golden_gamma;
    word = (word ^ (word >> 30)) * 0xbf58'476d'1ce4'e5b9;
    word = (word ^ (word >> 27)) * 0x94d0'49bb'1331'11eb;
    return word ^ (word >> 31);
}

constexpr std::uint64_t draw(std::uint64_t& state) noexcept {
    state += golden_gamma;
    return mix(state);
}

/// [0, 1)
constexpr double unit(std::uint64_t word) noexcept {
    return static_cast<double>(word >> 11) * 0x1p-53;
}

}  // namespace

Plan::Plan(const PlanOptions& options)
    : options_(options), sensors_(options.sensors), gateways_(options.gateways) {
    const bool with_anomalies = options.anomalies_per_million > 0;
    const std::uint64_t share = options.sensors / options.gateways;
    const std::uint64_t with_one_more = options.sensors % options.gateways;
    std::uint64_t first = 0;
    for (std::uint32_t number = 0; number < options.gateways; ++number) {
        Gateway& gateway = gateways_[number];
        gateway.first = first;
        gateway.owned = share + (number < with_one_more ? 1 : 0);
        first += gateway.owned;
        const double newborns = static_cast<double>(gateway.owned) * options.newborn_share;
        gateway.mature =
            with_anomalies ? gateway.owned - static_cast<std::uint64_t>(newborns) : gateway.owned;
        gateway.active = gateway.mature;
        gateway.random = mix(options.seed ^ mix(number));
        if (with_anomalies) {
            // The first ones follow each other soon and evenly, so that a short run sees some.
            schedule_anomaly(gateway, (number + 0.5) / options.gateways);
            gateway.birth_is_next = gateway.active < gateway.owned;
        }
    }
}

PlannedDatagram Plan::next(std::uint32_t gateway_number,
                           std::uint64_t now_ns,
                           std::span<proto::Reading> out) {
    Gateway& gateway = gateways_[gateway_number];
    const PlannedDatagram datagram = stamp(gateway, gateway_number, now_ns, out);
    for (proto::Reading& slot : out) {
        if (gateway.readings_to_anomaly == 0 && gateway.birth_is_next) {
            ++gateway.active;
            schedule_anomaly(gateway, 0.5 + unit(draw(gateway.random)));
        }
        const std::uint64_t index = gateway.cursor;
        gateway.cursor = index + 1 < gateway.active ? index + 1 : 0;
        slot = read(gateway, index, slot.timestamp_ns);
    }
    return datagram;
}

PlannedDatagram Plan::closing(std::uint32_t gateway_number,
                              std::uint64_t now_ns,
                              std::span<proto::Reading> out) {
    Gateway& gateway = gateways_[gateway_number];
    std::size_t count = 0;
    for (; gateway.closing_cursor < gateway.active && count < out.size();
         ++gateway.closing_cursor) {
        if (sensors_[gateway.first + gateway.closing_cursor].anomaly_open) {
            // Here only the position; times and values follow when the count is known.
            out[count++].sensor_id = gateway.closing_cursor;
        }
    }
    if (count == 0) {
        return {};
    }
    const PlannedDatagram datagram = stamp(gateway, gateway_number, now_ns, out.first(count));
    for (proto::Reading& slot : out.first(count)) {
        slot = read(gateway, slot.sensor_id, slot.timestamp_ns);
    }
    return datagram;
}

void Plan::retract_planted(std::size_t count) {
    planted_.erase(planted_.begin() + static_cast<std::ptrdiff_t>(count), planted_.end());
}

/// Header and timestamps of a datagram. Times of one gateway only ever grow: datagrams that are
/// sent in one burst share now_ns, and a sensor may stand in each of them.
PlannedDatagram Plan::stamp(Gateway& gateway,
                            std::uint32_t number,
                            std::uint64_t now_ns,
                            std::span<proto::Reading> readings) const {
    const std::uint64_t length_ns = (readings.size() - 1) * spacing_ns;
    const std::uint64_t start_ns = now_ns - std::min(now_ns, length_ns);
    std::uint64_t time_ns = std::max(start_ns, gateway.last_ns + spacing_ns);
    for (proto::Reading& reading : readings) {
        reading.timestamp_ns = time_ns;
        time_ns += spacing_ns;
    }
    gateway.last_ns = time_ns - spacing_ns;
    return {.header = {.device_id = std::uint64_t{number} + 1,
                       .sequence = ++gateway.sequence,
                       .boot_id = options_.boot_id},
            .readings = readings.size()};
}

/// The next anomaly comes after `waits` times the mean wait.
void Plan::schedule_anomaly(Gateway& gateway, double waits) const {
    constexpr double longest_wait = 1e18;  // fits into 64 bits
    const double wait = waits * 1e6 / options_.anomalies_per_million;
    gateway.readings_to_anomaly = static_cast<std::uint64_t>(std::clamp(wait, 1.0, longest_wait));
    gateway.birth_is_next =
        gateway.active < gateway.owned && draw(gateway.random) % one_birth_in == 0;
}

proto::Reading Plan::read(Gateway& gateway, std::uint64_t index, std::uint64_t event_ns) {
    Sensor& sensor = sensors_[gateway.first + index];
    const bool newborn = index >= gateway.mature;
    const std::uint64_t tick = sensor.readings++;
    const std::uint64_t sensor_id = options_.first_sensor_id + gateway.first + index;
    proto::Reading reading{
        .sensor_id = sensor_id, .value = normal_value(sensor_id, tick), .timestamp_ns = event_ns};
    if (newborn && tick > 0) {
        reading.value *= anomaly_factor;
    }
    if (gateway.readings_to_anomaly > 0) {
        --gateway.readings_to_anomaly;
    }

    if (sensor.anomaly_open) {
        sensor.anomaly_open = false;
        plant(reading, value_jump_rule, false);
        if (newborn && tick == 2) {
            plant(reading, mean_jump_rule, false);
        }
    } else if (newborn && tick == 1) {
        sensor.anomaly_open = true;
        plant(reading, value_jump_rule, true);
        plant(reading, mean_jump_rule, true);
    } else if (gateway.readings_to_anomaly == 0 && !gateway.birth_is_next &&
               tick >= mature_readings) {
        sensor.anomaly_open = true;
        reading.value *= anomaly_factor;
        plant(reading, value_jump_rule, true);
        schedule_anomaly(gateway, 0.5 + unit(draw(gateway.random)));
    }
    return reading;
}

double Plan::normal_value(std::uint64_t sensor_id, std::uint64_t tick) const {
    const std::uint64_t key = mix(options_.seed ^ mix(sensor_id));
    const double base = 10.0 + 80.0 * unit(key);
    const double phase = unit(mix(key)) + static_cast<double>(tick) / swing_period_readings;
    const double wave = std::sin(2.0 * std::numbers::pi * phase);
    const double jitter = 2.0 * unit(mix(key + tick)) - 1.0;
    return base * (1.0 + swing * wave + noise * jitter);
}

void Plan::plant(const proto::Reading& reading, std::string_view rule, bool firing) {
    planted_.push_back({.sensor_id = reading.sensor_id,
                        .rule = rule,
                        .firing = firing,
                        .event_ns = reading.timestamp_ns,
                        .value = reading.value});
}

}  // namespace roda::appliance
