// SPDX-License-Identifier: Apache-2.0
#include "dpdk/device/pool.hpp"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>

#include <algorithm>

#include "pipeline/base/error.hpp"

namespace roda::dpdk::detail {

namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;

// A FIFO ring and no per-core cache: a cache is a stack and would shuffle the buffers.
// Taking is single: only the queue's worker polls and answers (the main thread before it).
// Giving back is multi: stopping a device returns its descriptor ring's buffers from the main
// thread while the worker may still release its last burst. That costs one locked add per burst.
constexpr const char* in_order_ops = "ring_mp_sc";

// A buffer does not cross a page, so a small page holds but one.
std::uint64_t memory_of(std::uint64_t frames, std::uint32_t room) {
    constexpr std::uint64_t small_page = 4096;
    const auto element = static_cast<std::uint32_t>(sizeof(rte_mbuf)) + room;
    const std::uint64_t buffer = rte_mempool_calc_obj_size(element, 0, nullptr);
    return frames * (rte_eal_has_hugepages() != 0
                         ? buffer
                         : (buffer + small_page - 1) / small_page * small_page);
}

}  // namespace

Pool make_pool(const PoolOptions& options) {
    const auto room = static_cast<std::uint16_t>(options.frame_bytes + RTE_PKTMBUF_HEADROOM);
    Pool pool(rte_pktmbuf_pool_create_by_ops(
        options.name.c_str(), options.frames, 0, 0, room, options.socket, in_order_ops));
    if (pool == nullptr) {
        const std::uint64_t need = memory_of(options.frames, room) / mebibyte + 1;
        throw StartupError(
            "no pool of " + std::to_string(options.frames) + " buffers: " + rte_strerror(rte_errno),
            options.name,
            "it takes " + std::to_string(need) + " MB: raise memory_mb or lower port.buffers");
    }
    return pool;
}

std::uint16_t frame_bytes_for(std::uint16_t mtu) noexcept {
    constexpr std::uint32_t link_bytes = 14 + 2 * 4 + 4;  // Ethernet, two VLAN tags, FCS
    constexpr std::uint32_t largest = 63 * 1024;          // with headroom still 16 bits
    const std::uint32_t frame = std::max<std::uint32_t>(2048, mtu + link_bytes);
    return static_cast<std::uint16_t>(std::min(largest, (frame + 1023) / 1024 * 1024));
}

}  // namespace roda::dpdk::detail
