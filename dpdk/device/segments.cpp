// SPDX-License-Identifier: Apache-2.0
#include "dpdk/device/segments.hpp"

#include <rte_mbuf.h>

namespace roda::dpdk::detail {

std::span<const std::byte> SegmentJoiner::joined(rte_mbuf& mbuf) noexcept {
    const std::size_t whole = mbuf.pkt_len;
    if (rte_pktmbuf_linearize(&mbuf) != 0 && whole <= room_bytes && used_frames_ < room_frames) {
        std::byte* const room = room_.data() + used_frames_ * room_bytes;
        if (rte_pktmbuf_read(&mbuf, 0, mbuf.pkt_len, room) == room) {
            ++used_frames_;
            return {room, whole};
        }
    }
    return {rte_pktmbuf_mtod(&mbuf, const std::byte*), mbuf.data_len};
}

}  // namespace roda::dpdk::detail
