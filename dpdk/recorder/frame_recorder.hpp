// SPDX-License-Identifier: Apache-2.0
// One queue's flight recorder: its worker keeps the last frames, a thread that writes them down
// takes them over without stopping it.
//
// Atomics: `turn_` says who may touch the ring that was handed over. The worker stores `handed`
// with release behind its last touch, the writer `recording` behind the return of the last buffer;
// both load it with acquire. `frames_` is a gauge (relaxed).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "dpdk/recorder/frame_ring.hpp"

namespace roda::dpdk {

/// Two rings: one that the worker fills, and one that is empty, or handed over.
///
/// Thread: as marked; one writer. Cost: no copy of a frame, no allocation after the constructor.
/// Order: destroyed before the pool of the buffers.
class FrameRecorder {
  public:
    /// Keeps so many buffers; while others are handed over, `meanwhile`: what the pool has to
    /// spare. The name is of the queue, for the file.
    FrameRecorder(std::string name, std::size_t buffers, std::size_t meanwhile)
        : name_(std::move(name)),
          most_(buffers),
          most_meanwhile_(std::min(buffers, meanwhile)),
          filling_(&first_),
          other_(&second_),
          first_(buffers),
          second_(buffers) {}

    const std::string& name() const noexcept { return name_; }

    // --- the worker

    /// Takes a burst that it is done with.
    void keep(std::span<rte_mbuf* const> mbufs,
              std::span<const std::uint64_t> receive_ns) noexcept {
        const bool is_out = turn_.load(std::memory_order_acquire) == Turn::handed;
        filling_->keep(mbufs, receive_ns, is_out ? most_meanwhile_ : most_);
        frames_.store(filling_->size(), std::memory_order_relaxed);
        attend();
    }

    /// Hands over what it has when it is asked to: also when no frames come.
    void attend() noexcept {
        if (turn_.load(std::memory_order_acquire) != Turn::asked) [[likely]] {
            return;
        }
        // The writer may have withdrawn meanwhile. What it gets is what `other_` is, from here on.
        std::swap(filling_, other_);
        Turn asked = Turn::asked;
        if (!turn_.compare_exchange_strong(
                asked, Turn::handed, std::memory_order_release, std::memory_order_relaxed)) {
            std::swap(filling_, other_);
            return;
        }
        frames_.store(0, std::memory_order_relaxed);
    }

    // --- the writer

    /// To be followed by handed(), and by give_back() or withdraw().
    void ask() noexcept { turn_.store(Turn::asked, std::memory_order_release); }

    /// What was handed over: the writer's until give_back(). Null: not yet.
    const FrameRing* handed() const noexcept {
        return turn_.load(std::memory_order_acquire) == Turn::handed ? other_ : nullptr;
    }

    /// No longer asks. False: it has been handed over meanwhile.
    bool withdraw() noexcept {
        Turn asked = Turn::asked;
        return turn_.compare_exchange_strong(
            asked, Turn::recording, std::memory_order_acquire, std::memory_order_acquire);
    }

    /// Empties the ring that was handed over.
    void give_back() noexcept {
        other_->clear();
        turn_.store(Turn::recording, std::memory_order_release);
    }

    // --- any thread

    /// In the ring that the worker fills.
    std::uint64_t frames() const noexcept { return frames_.load(std::memory_order_relaxed); }

  private:
    enum class Turn : std::uint8_t { recording, asked, handed };

    const std::string name_;
    const std::size_t most_;
    const std::size_t most_meanwhile_;
    FrameRing* filling_;  // the worker's
    FrameRing* other_;    // the worker's until it is handed over
    FrameRing first_;
    FrameRing second_;
    std::atomic<Turn> turn_{Turn::recording};
    std::atomic<std::uint64_t> frames_{0};
};

}  // namespace roda::dpdk
