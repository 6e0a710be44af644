// SPDX-License-Identifier: Apache-2.0
#include "dpdk/recorder/frame_ring.hpp"

#include <rte_mbuf.h>

#include <algorithm>
#include <array>

namespace roda::dpdk {

void FrameRing::keep(std::span<rte_mbuf* const> mbufs,
                     std::span<const std::uint64_t> receive_ns,
                     std::size_t buffers) noexcept {
    buffers = std::min(buffers, slots_.size());
    std::size_t coming = 0;
    for (const rte_mbuf* const mbuf : mbufs) {
        coming += mbuf->nb_segs;
    }
    shrink_to(buffers - std::min(buffers, coming));
    for (std::size_t i = 0; i < mbufs.size(); ++i) {
        // Only a ring shorter than one burst has no room here.
        if (buffers_ + mbufs[i]->nb_segs > buffers) [[unlikely]] {
            shrink_to(buffers - std::min<std::size_t>(buffers, mbufs[i]->nb_segs));
        }
        if (buffers_ + mbufs[i]->nb_segs > buffers) [[unlikely]] {
            rte_pktmbuf_free(mbufs[i]);
            continue;
        }
        slots_[place(oldest_ + frames_)] = {mbufs[i], receive_ns[i]};
        ++frames_;
        buffers_ += mbufs[i]->nb_segs;
    }
}

void FrameRing::clear() noexcept {
    shrink_to(0);
}

void FrameRing::shrink_to(std::size_t buffers) noexcept {
    constexpr std::size_t together = 32;
    std::array<rte_mbuf*, together> out;
    while (buffers_ > buffers) {
        unsigned count = 0;
        while (buffers_ > buffers && count < together) {
            rte_mbuf* const mbuf = slots_[oldest_].mbuf;
            buffers_ -= mbuf->nb_segs;
            oldest_ = place(oldest_ + 1);
            --frames_;
            out[count++] = mbuf;
        }
        rte_pktmbuf_free_bulk(out.data(), count);
    }
}

}  // namespace roda::dpdk
