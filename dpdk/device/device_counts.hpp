// SPDX-License-Identifier: Apache-2.0
// The arithmetic of a device's own counts over its starts and restarts.
#pragma once

#include <rte_ethdev.h>

#include <algorithm>
#include <cstdint>

#include "dpdk/port.hpp"

namespace roda::dpdk::detail {

/// What rte_eth_stats says, in our words.
struct DeviceCounts {
    std::uint64_t received = 0;
    std::uint64_t missed = 0;
    std::uint64_t errors = 0;
    std::uint64_t no_buffer = 0;
    std::uint64_t left_at_stop = 0;
};

inline DeviceCounts read_counts(std::uint16_t port_id) noexcept {
    rte_eth_stats stats{};
    if (rte_eth_stats_get(port_id, &stats) != 0) {
        return {};
    }
    return {stats.ipackets, stats.imissed, stats.ierrors, stats.rx_nombuf, 0};
}

// A driver may set its counters to zero when it starts; what it counted before is gone then.
constexpr std::uint64_t since(std::uint64_t before, std::uint64_t now) noexcept {
    return now >= before ? now - before : now;
}

constexpr DeviceCounts since(const DeviceCounts& before, const DeviceCounts& now) noexcept {
    return {since(before.received, now.received),
            since(before.missed, now.missed),
            since(before.errors, now.errors),
            since(before.no_buffer, now.no_buffer),
            0};
}

// What a device had counted when it stopped, from a look just before and one after: many forget
// it as they stop.
constexpr DeviceCounts at_stop(const DeviceCounts& before, const DeviceCounts& after) noexcept {
    return {std::max(before.received, after.received),
            std::max(before.missed, after.missed),
            std::max(before.errors, after.errors),
            std::max(before.no_buffer, after.no_buffer),
            0};
}

// A device that counts fewer than were polled has set its counters to zero as it stopped.
constexpr DeviceCounts settled(DeviceCounts device, std::uint64_t polled) noexcept {
    device.left_at_stop = device.received > polled ? device.received - polled : 0;
    device.received = polled;
    return device;
}

constexpr DeviceCounts sum(const DeviceCounts& one, const DeviceCounts& other) noexcept {
    return {one.received + other.received,
            one.missed + other.missed,
            one.errors + other.errors,
            one.no_buffer + other.no_buffer,
            one.left_at_stop + other.left_at_stop};
}

}  // namespace roda::dpdk::detail
