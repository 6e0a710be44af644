// SPDX-License-Identifier: Apache-2.0
// The inside of RxQueue, for port.cpp, which makes it, and rx_queue.cpp.
#pragma once

#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "dpdk/device/pause.hpp"
#include "dpdk/device/pool.hpp"
#include "dpdk/device/rest.hpp"
#include "dpdk/device/segments.hpp"
#include "dpdk/exception/exception_interface.hpp"
#include "dpdk/fragment/reassembly.hpp"
#include "dpdk/neighbour/announcer.hpp"
#include "dpdk/neighbour/answer_limits.hpp"
#include "dpdk/port.hpp"
#include "dpdk/recorder/frame_recorder.hpp"
#include "dpdk/rx_queue.hpp"

namespace roda::dpdk {

struct RxQueue::State {
    /// Takes a burst of the device, when none is waiting and no pause is asked for.
    void take(std::uint16_t wanted) noexcept;

    /// Transmits on the queue for answers; the buffer goes either way.
    bool transmit(rte_mbuf* mbuf) noexcept;

    /// Transmits a frame of our own.
    void tell(std::span<const std::byte> frame) noexcept;

    /// What is due whether frames have come or not: pieces that have waited too long, repeated
    /// announcements, frames that the kernel sends.
    void attend() noexcept;

    /// When a polled frame came.
    std::uint64_t receive_ns(const rte_mbuf& mbuf) const noexcept {
        if ((mbuf.ol_flags & capture_time_flag) == 0) {
            return polled_ns;
        }
        return *RTE_MBUF_DYNFIELD(&mbuf, capture_time_offset, const rte_mbuf_timestamp_t*) * 1000;
    }

    /// Gives what was handed out to the recorder.
    void record() noexcept;

    // What was taken of the device, and how much of it the last poll() handed out.
    std::array<rte_mbuf*, burst_frames> burst{};
    std::uint16_t taken = 0;
    std::uint16_t handed = 0;
    std::uint64_t polled_ns = 0;  // the time of the last poll() that brought frames
    detail::SegmentJoiner segments;

    // Handed out since the queue was made. Written by the worker; relaxed, as it orders nothing.
    std::atomic<std::uint64_t> frames_polled{0};

    detail::Pause pause;  // asked for by the port, which then restarts the device
    detail::Rest rest;

    std::uint16_t port_id = 0;
    std::uint16_t queue_id = 0;
    ChecksumPolicy checksum = ChecksumPolicy::software;  // resolved, never automatic
    std::uint64_t capture_time_flag = 0;                 // 0: the driver stamps no capture time
    int capture_time_offset = -1;

    detail::Pool rx_pool;
    detail::Pool answer_pool;  // of its own, so that rx buffers stay in order
    std::uint16_t answer_queue_id = 0;
    std::mutex* answer_queue_lock = nullptr;  // where several queues answer through one
    LinkIdentity own;
    AnswerLimits limits;
    // Written by the worker; relaxed, as they order nothing.
    std::atomic<std::uint64_t> answers_sent{0};
    std::atomic<std::uint64_t> answers_limited{0};
    std::atomic<std::uint64_t> answers_lost{0};
    detail::Announcer announcer;  // the first queue's tells

    std::unique_ptr<FrameRecorder> recorder;  // none: buffers go back at once
    std::unique_ptr<Reassembly> reassembly;
    ExceptionInterface* exceptions = nullptr;  // the port's; none: nothing is diverted
};

}  // namespace roda::dpdk
