// SPDX-License-Identifier: Apache-2.0
// The last frames of a queue, oldest first, in the buffers that they came in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

struct rte_mbuf;  // DPDK's; in no public header of ours

namespace roda::dpdk {

struct RecordedFrame {
    rte_mbuf* mbuf = nullptr;
    std::uint64_t receive_ns = 0;
};

/// Owns the buffers of its frames; what falls out goes back to its pool.
///
/// Thread: one at a time. Cost: no allocation after the constructor.
class FrameRing {
  public:
    /// Shape: at most so many buffers; a frame in several of them takes the place of several.
    explicit FrameRing(std::size_t buffers) : slots_(buffers) {}

    ~FrameRing() { clear(); }

    FrameRing(const FrameRing&) = delete;
    FrameRing& operator=(const FrameRing&) = delete;

    /// Takes frames that are younger than all before, `receive_ns` of each; of all that are held no
    /// more than `buffers` stay, the youngest.
    void keep(std::span<rte_mbuf* const> mbufs,
              std::span<const std::uint64_t> receive_ns,
              std::size_t buffers) noexcept;

    /// Gives all buffers back.
    void clear() noexcept;

    std::size_t size() const noexcept { return frames_; }

    /// Shape: 0 is the oldest.
    const RecordedFrame& operator[](std::size_t position) const noexcept {
        return slots_[place(oldest_ + position)];
    }

  private:
    std::size_t place(std::size_t at) const noexcept {
        return at < slots_.size() ? at : at - slots_.size();
    }

    /// Frees the oldest frames until `buffers` are left at most.
    void shrink_to(std::size_t buffers) noexcept;

    std::vector<RecordedFrame> slots_;
    std::size_t oldest_ = 0;
    std::size_t frames_ = 0;
    std::size_t buffers_ = 0;  // of those frames
};

}  // namespace roda::dpdk
