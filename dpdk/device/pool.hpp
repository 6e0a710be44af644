// SPDX-License-Identifier: Apache-2.0
// Where frames lie: the only place that knows how a pool's memory is made. A pool in a shared
// hugepage file (the ingress journal, design section 2) takes this one's place here.
#pragma once

#include <rte_mempool.h>

#include <cstdint>
#include <memory>
#include <string>

namespace roda::dpdk::detail {

struct PoolOptions {
    std::string name;  // unique in the process, at most 25 characters
    std::uint32_t frames = 0;
    std::uint16_t frame_bytes = 0;  // that fit one buffer, behind the headroom
    int socket = -1;                // NUMA node; -1: any
};

struct PoolFree {
    void operator()(rte_mempool* pool) const noexcept { rte_mempool_free(pool); }
};

using Pool = std::unique_ptr<rte_mempool, PoolFree>;

/// A pool that hands buffers out in the order in which they came back, so that frames lie in
/// memory in order of arrival as long as they are released in order.
///
/// Thread: one thread takes, any thread gives back.
/// Errors: StartupError, with the memory that it takes.
Pool make_pool(const PoolOptions& options);

/// How many buffers a queue needs to receive: its descriptors', and a burst in hand.
constexpr std::uint32_t buffers_to_receive(std::uint16_t descriptors) noexcept {
    return descriptors + 64u;
}

/// What fits a buffer for frames of this MTU: whole KiB, the unit in which NICs are told.
std::uint16_t frame_bytes_for(std::uint16_t mtu) noexcept;

}  // namespace roda::dpdk::detail
