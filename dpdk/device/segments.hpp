// SPDX-License-Identifier: Apache-2.0
// Frames that came in several buffers (longer than one, or split by the device), made linear.
#pragma once

#include <rte_mbuf_core.h>

#include <cstddef>
#include <span>
#include <vector>

namespace roda::dpdk::detail {

/// One queue's room for such frames of one burst. A device whose buffers hold a whole frame of its
/// MTU has none of them, so few are enough.
///
/// Thread: the queue's worker. Cost: a copy of what lies behind the first segment, or of all.
class SegmentJoiner {
  public:
    static constexpr std::size_t room_frames = 4;
    static constexpr std::size_t room_bytes = 10 * 1024;  // the longest frame of any MTU of ours

    SegmentJoiner() : room_(room_frames * room_bytes) {}

    /// The whole frame: behind its first segment where there is room, else in our own. What fits
    /// neither shows its first segment, shorter than mbuf.pkt_len.
    ///
    /// Shape: valid until reset(), as long as the frame is not freed.
    std::span<const std::byte> joined(rte_mbuf& mbuf) noexcept;

    /// The frames of the burst are done with.
    void reset() noexcept { used_frames_ = 0; }

  private:
    std::vector<std::byte> room_;
    std::size_t used_frames_ = 0;
};

}  // namespace roda::dpdk::detail
