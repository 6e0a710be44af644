// SPDX-License-Identifier: Apache-2.0
#include "dpdk/rx_queue.hpp"

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <rte_prefetch.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "dpdk/detail_checksum.hpp"
#include "dpdk/detail_rx_queue.hpp"
#include "dpdk/neighbour.hpp"
#include "pipeline/base/clock.hpp"

namespace roda::dpdk {

namespace {

proto::ChecksumVerdict verdict(ChecksumPolicy policy, const rte_mbuf& mbuf) noexcept {
    switch (policy) {
        case ChecksumPolicy::hardware:
            return detail::hardware_verdict(mbuf.ol_flags);
        case ChecksumPolicy::trust:
            return proto::ChecksumVerdict::good;
        default:
            return proto::ChecksumVerdict::unknown;
    }
}

}  // namespace

RxQueue::RxQueue(std::unique_ptr<State> state) : state_(std::move(state)) {}

RxQueue::~RxQueue() {
    release();
}

std::size_t RxQueue::poll(std::span<proto::FrameView> frames) noexcept {
    State& state = *state_;
    assert(state.burst_count == 0);
    const auto wanted = static_cast<std::uint16_t>(std::min(frames.size(), burst_frames));
    const auto count = rte_eth_rx_burst(state.port_id, 0, state.burst.data(), wanted);
    state.burst_count = count;
    if (count == 0) {
        return 0;
    }
    // One writer, so no locked addition is needed.
    state.frames_polled.store(state.frames_polled.load(std::memory_order_relaxed) + count,
                              std::memory_order_relaxed);
    for (std::size_t i = 0; i < count; ++i) {
        rte_prefetch0(rte_pktmbuf_mtod(state.burst[i], const void*));
    }
    const std::uint64_t now_ns = unix_now_ns();
    for (std::size_t i = 0; i < count; ++i) {
        const rte_mbuf& mbuf = *state.burst[i];
        frames[i] = {
            .bytes = {rte_pktmbuf_mtod(&mbuf, const std::byte*), mbuf.data_len},
            .wire_bytes = mbuf.pkt_len,
            .checksum = verdict(state.checksum, mbuf),
            .receive_ns = now_ns,
        };
        if ((mbuf.ol_flags & state.capture_time_flag) != 0) {
            const auto microseconds =
                *RTE_MBUF_DYNFIELD(&mbuf, state.capture_time_offset, const rte_mbuf_timestamp_t*);
            frames[i].receive_ns = microseconds * 1000;
        }
    }
    return count;
}

void RxQueue::release() noexcept {
    rte_pktmbuf_free_bulk(state_->burst.data(), state_->burst_count);
    state_->burst_count = 0;
}

bool RxQueue::answer(const proto::FrameView& question) noexcept {
    const State& state = *state_;
    rte_mbuf* mbuf = rte_pktmbuf_alloc(state.answer_pool);
    if (mbuf == nullptr) {
        return false;
    }
    const std::span<std::byte> room(rte_pktmbuf_mtod(mbuf, std::byte*), rte_pktmbuf_tailroom(mbuf));
    const auto length = answer_neighbour(question.bytes, state.mac, state.addresses, room);
    mbuf->data_len = static_cast<std::uint16_t>(length);
    mbuf->pkt_len = static_cast<std::uint32_t>(length);
    if (length == 0 || rte_eth_tx_burst(state.port_id, 0, &mbuf, 1) == 0) {
        rte_pktmbuf_free(mbuf);
        return false;
    }
    return true;
}

}  // namespace roda::dpdk
