// SPDX-License-Identifier: Apache-2.0
// The hot border to DPDK: one call per burst, in frames that know nothing of mbufs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "proto/frame.hpp"

namespace roda::dpdk {

/// Frames are polled in bursts of at most this many.
inline constexpr std::size_t burst_frames = 32;

/// What became of neighbours' questions. Units: since the queue was made.
struct AnswerCounters {
    std::uint64_t sent = 0;     // frames; a query for groups may have several
    std::uint64_t limited = 0;  // questions beyond the limit of their kind
    std::uint64_t lost = 0;     // frames that the device did not take
};

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

    /// Sleeps while there is nothing to poll: until the device's receive interrupt, where it has
    /// one that works, else 50 us at first and 700 us in a long rest. Returns early or late; poll()
    /// tells whether frames are there. What is polled resets the rest.
    ///
    /// Cost: system calls; at rest a few percent of a core, with interrupts less than one.
    void wait() noexcept;

    /// Whether wait() sleeps until the device's interrupt: it has one, and it has rung for a frame.
    /// Otherwise it naps. Thread: any.
    bool rests_by_interrupt() const noexcept;

    /// Answers a question that parse_frame() called `neighbour`, as neighbour/neighbour.hpp says;
    /// transmits at once. Beyond the limits of neighbour/answer_limits.hpp questions go unanswered.
    /// False when the frame asks nothing that is answered here.
    bool answer(const proto::FrameView& question) noexcept;

    /// Thread: any.
    AnswerCounters answers() const noexcept;

    static constexpr bool reassembles = true;

    /// Takes a frame that parse_frame() called `fragment`. With the last piece of a datagram: the
    /// frame as if it had never been cut, its checksums still to be verified; lives until
    /// release().
    ///
    /// Cost: a copy of each piece. Bounded in memory and time: fragments().
    std::optional<proto::FrameView> reassemble(const proto::FrameView& fragment) noexcept;

    /// Hands a copy of a frame that is no telemetry to the kernel's exception interface. False:
    /// there is none, or it takes no more.
    bool divert(const proto::FrameView& frame) noexcept;

  private:
    friend class Port;
    struct State;
    explicit RxQueue(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace roda::dpdk
