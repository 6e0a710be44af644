// SPDX-License-Identifier: Apache-2.0
// When a port repeats what it told its links as it started: the first may be lost, because a link
// takes seconds to come up and a switch some more to forward.
//
// Atomics: `asked_` orders nothing; the frames are set before the worker starts.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "dpdk/neighbour/neighbour.hpp"

namespace roda::dpdk::detail {

/// Asked by the main thread, told by one worker, which transmits.
class Announcer {
  public:
    /// Before the worker starts.
    void set(std::vector<FrameBytes> frames) { frames_ = std::move(frames); }

    /// From now on twice more. Thread: main.
    void ask() noexcept { asked_.fetch_add(1, std::memory_order_relaxed); }

    /// Cost: two loads and a comparison; the clock is read only while this is true.
    bool is_pending() const noexcept {
        return rounds_left_ != 0 || asked_.load(std::memory_order_relaxed) != seen_;
    }

    /// What is to be told now; mostly nothing.
    std::span<const FrameBytes> due(std::uint64_t now_ns) noexcept {
        if (const auto asked = asked_.load(std::memory_order_relaxed); asked != seen_) {
            seen_ = asked;
            rounds_left_ = rounds;
            due_ns_ = now_ns + first_wait_ns;
        }
        if (rounds_left_ == 0 || now_ns < due_ns_) {
            return {};
        }
        --rounds_left_;
        due_ns_ = now_ns + second_wait_ns;
        return frames_;
    }

  private:
    static constexpr int rounds = 2;
    static constexpr std::uint64_t first_wait_ns = 1'000'000'000;
    static constexpr std::uint64_t second_wait_ns = 2'000'000'000;

    std::vector<FrameBytes> frames_;
    std::atomic<std::uint32_t> asked_{0};
    std::uint32_t seen_ = 0;  // of the worker, as all below
    int rounds_left_ = 0;
    std::uint64_t due_ns_ = 0;
};

}  // namespace roda::dpdk::detail
