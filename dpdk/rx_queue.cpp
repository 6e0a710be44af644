// SPDX-License-Identifier: Apache-2.0
#include "dpdk/rx_queue.hpp"

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "dpdk/device/checksum_verdict.hpp"
#include "dpdk/device/rx_queue_state.hpp"
#include "dpdk/neighbour/neighbour.hpp"
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

// One writer, so no locked addition is needed.
void add(std::atomic<std::uint64_t>& counter, std::uint64_t count) noexcept {
    counter.store(counter.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
}

}  // namespace

void RxQueue::State::take(std::uint16_t wanted) noexcept {
    taken = rte_eth_rx_burst(port_id, queue_id, burst.data(), wanted);
    if (taken != 0) {
        rest.end();
    }
}

bool RxQueue::State::transmit(rte_mbuf* mbuf) noexcept {
    std::unique_lock<std::mutex> lock;
    if (answer_queue_lock != nullptr) {
        lock = std::unique_lock(*answer_queue_lock);
    }
    if (rte_eth_tx_burst(port_id, answer_queue_id, &mbuf, 1) == 1) {
        return true;
    }
    rte_pktmbuf_free(mbuf);
    return false;
}

void RxQueue::State::tell(std::span<const std::byte> frame) noexcept {
    rte_mbuf* const mbuf = rte_pktmbuf_alloc(answer_pool.get());
    if (mbuf == nullptr) {
        return;
    }
    char* const room = rte_pktmbuf_append(mbuf, static_cast<std::uint16_t>(frame.size()));
    if (room == nullptr) {
        rte_pktmbuf_free(mbuf);
        return;
    }
    std::copy(frame.begin(), frame.end(), reinterpret_cast<std::byte*>(room));
    transmit(mbuf);
}

void RxQueue::State::attend() noexcept {
    if (announcer.is_pending()) [[unlikely]] {
        for (const auto& frame : announcer.due(monotonic_now_ns())) {
            tell(frame);
        }
    }
    // A capture's time goes on with its frames only.
    if (reassembly->waits() && capture_time_flag == 0) {
        reassembly->expire(unix_now_ns());
    }
    if (exceptions == nullptr || queue_id != 0) {
        return;
    }
    std::array<rte_mbuf*, burst_frames> frames;
    const std::size_t count = exceptions->take_sent(frames);
    for (rte_mbuf* const mbuf : std::span(frames).first(count)) {
        exceptions->count_sent(transmit(mbuf));
    }
}

void RxQueue::State::record() noexcept {
    std::array<std::uint64_t, burst_frames> times;
    for (std::size_t i = 0; i < handed; ++i) {
        times[i] = receive_ns(*burst[i]);
    }
    recorder->keep(std::span(burst).first(handed), std::span(times).first(handed));
}

RxQueue::RxQueue(std::unique_ptr<State> state) : state_(std::move(state)) {}

RxQueue::~RxQueue() {
    rte_pktmbuf_free_bulk(state_->burst.data(), state_->taken);
}

std::size_t RxQueue::poll(std::span<proto::FrameView> frames) noexcept {
    State& state = *state_;
    assert(state.handed == 0);
    if (state.taken == 0 && state.pause.is_asked()) [[unlikely]] {
        return 0;
    }
    state.attend();
    const auto wanted = static_cast<std::uint16_t>(std::min(frames.size(), burst_frames));
    if (state.taken == 0) {
        state.take(wanted);
    }
    const auto count = std::min(state.taken, wanted);
    if (count == 0) {
        if (state.recorder != nullptr) {
            state.recorder->attend();
        }
        return 0;
    }
    state.handed = count;
    add(state.frames_polled, count);
    for (std::size_t i = 0; i < count; ++i) {
        rte_prefetch0(rte_pktmbuf_mtod(state.burst[i], const void*));
    }
    state.polled_ns = unix_now_ns();
    for (std::size_t i = 0; i < count; ++i) {
        rte_mbuf& mbuf = *state.burst[i];
        frames[i] = {
            .bytes = {rte_pktmbuf_mtod(&mbuf, const std::byte*), mbuf.data_len},
            .wire_bytes = mbuf.pkt_len,
            .checksum = verdict(state.checksum, mbuf),
            .receive_ns = state.receive_ns(mbuf),
        };
        if (mbuf.nb_segs > 1) [[unlikely]] {
            frames[i].bytes = state.segments.joined(mbuf);
        }
    }
    return count;
}

void RxQueue::release() noexcept {
    State& state = *state_;
    if (state.recorder == nullptr) [[likely]] {
        rte_pktmbuf_free_bulk(state.burst.data(), state.handed);
    } else {
        state.record();
    }
    if (state.taken > state.handed) [[unlikely]] {  // taken by wait(), for a poll of fewer
        std::copy(state.burst.begin() + state.handed,
                  state.burst.begin() + state.taken,
                  state.burst.begin());
    }
    state.taken = static_cast<std::uint16_t>(state.taken - state.handed);
    state.handed = 0;
    state.segments.reset();
    state.reassembly->release();
}

void RxQueue::wait() noexcept {
    State& state = *state_;
    if (state.taken != 0) {
        return;
    }
    if (state.pause.is_asked() || !state.rest.has_interrupt()) {
        state.rest.nap();
        return;
    }
    // Armed before the last look: a frame that comes behind the look rings.
    state.rest.arm();
    state.take(burst_frames);
    if (state.taken == 0) {
        const bool rang = state.rest.sleep();
        state.take(burst_frames);
        state.rest.learn(rang, state.taken != 0);
    }
    state.rest.disarm();
}

bool RxQueue::rests_by_interrupt() const noexcept {
    return state_->rest.is_proven();
}

bool RxQueue::answer(const proto::FrameView& question) noexcept {
    State& state = *state_;
    if (question.reassembled) {
        return false;  // an answer of its length would have to be cut
    }
    NeighbourAnswer answer;
    std::size_t position = 0;
    do {
        rte_mbuf* const mbuf = rte_pktmbuf_alloc(state.answer_pool.get());
        if (mbuf == nullptr) {
            add(state.answers_lost, 1);
            return true;
        }
        const std::span room(rte_pktmbuf_mtod(mbuf, std::byte*), rte_pktmbuf_tailroom(mbuf));
        answer = answer_neighbour(question.bytes, state.own, room, position);
        const bool first = position++ == 0;
        if (answer.bytes == 0) {
            rte_pktmbuf_free(mbuf);
            return !first;
        }
        if (first && !state.limits.allow(answer.question, monotonic_now_ns())) {
            rte_pktmbuf_free(mbuf);
            add(state.answers_limited, 1);
            return true;
        }
        rte_pktmbuf_append(mbuf, static_cast<std::uint16_t>(answer.bytes));
        add(state.transmit(mbuf) ? state.answers_sent : state.answers_lost, 1);
    } while (answer.question == NeighbourQuestion::membership);
    return true;
}

AnswerCounters RxQueue::answers() const noexcept {
    return {state_->answers_sent.load(std::memory_order_relaxed),
            state_->answers_limited.load(std::memory_order_relaxed),
            state_->answers_lost.load(std::memory_order_relaxed)};
}

std::optional<proto::FrameView> RxQueue::reassemble(const proto::FrameView& fragment) noexcept {
    return state_->reassembly->take(fragment);
}

bool RxQueue::divert(const proto::FrameView& frame) noexcept {
    return state_->exceptions != nullptr && state_->exceptions->divert(state_->queue_id, frame);
}

}  // namespace roda::dpdk
