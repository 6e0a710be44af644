// SPDX-License-Identifier: Apache-2.0
// The inside of RxQueue, for port.cpp, which makes it, and rx_queue.cpp.
#pragma once

#include <rte_mbuf.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "dpdk/port.hpp"
#include "dpdk/rx_queue.hpp"

namespace roda::dpdk {

struct RxQueue::State {
    // Of the burst that poll() handed out and release() takes back.
    std::array<rte_mbuf*, burst_frames> burst{};
    std::uint16_t burst_count = 0;

    // Since the queue was made. Written by the worker; relaxed, as it orders nothing.
    std::atomic<std::uint64_t> frames_polled{0};

    std::uint16_t port_id = 0;
    ChecksumPolicy checksum = ChecksumPolicy::software;  // resolved, never automatic
    std::uint64_t capture_time_flag = 0;                 // 0: the driver stamps no capture time
    int capture_time_offset = -1;

    rte_mempool* answer_pool = nullptr;  // of its own, so that rx buffers stay in order
    MacAddress mac{};
    std::vector<proto::IpAddress> addresses;
};

}  // namespace roda::dpdk
