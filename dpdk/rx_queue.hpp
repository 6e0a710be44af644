// SPDX-License-Identifier: Apache-2.0
// The hot border to DPDK: one call per burst, in frames that know nothing of mbufs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "proto/frame.hpp"

namespace roda::dpdk {

/// Frames are polled in bursts of at most this many.
inline constexpr std::size_t burst_frames = 32;

/// One receive queue of a port. Models appliance's FrameSource.
///
/// Thread: one worker. Cost: no allocation, lock or system call of our own (a virtual device's
/// driver makes its system calls).
class RxQueue {
  public:
    ~RxQueue();
    RxQueue(const RxQueue&) = delete;
    RxQueue& operator=(const RxQueue&) = delete;

    /// Fills `frames` with what has arrived; the views live until release().
    ///
    /// Shape: at most min(frames.size(), burst_frames); call release() before the next poll().
    std::size_t poll(std::span<proto::FrameView> frames) noexcept;

    /// Gives the buffers of the last poll() back to the pool.
    void release() noexcept;

    /// Answers an ARP request or a ping that parse_frame() called `neighbour`; transmits at once.
    /// False when nothing was sent: the frame asks nothing that is answered (an ARP reply,
    /// another's echo reply), or the device takes no more.
    bool answer(const proto::FrameView& question) noexcept;

  private:
    friend class Port;
    struct State;
    explicit RxQueue(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace roda::dpdk
