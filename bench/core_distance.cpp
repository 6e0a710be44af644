// SPDX-License-Identifier: Apache-2.0
#include "bench/core_distance.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "bench/machine.hpp"
#include "pipeline/base/cache_line.hpp"
#include "pipeline/base/clock.hpp"

namespace roda::bench {
namespace {

/// Even: it is the asker's turn; odd: the answerer's.
struct alignas(contention_block_bytes) Line {
    std::atomic<std::uint64_t> turn{0};
};

void wait_for(const std::atomic<std::uint64_t>& turn, std::uint64_t value) noexcept {
    while (turn.load(std::memory_order_acquire) != value) {
        __builtin_ia32_pause();
    }
}

}  // namespace

double line_round_trip_ns(CorePair cores, std::uint32_t trips) {
    constexpr std::uint32_t stretches = 8;
    const std::uint64_t stretch_trips = std::max(trips / stretches, 1u);
    Line line;
    std::array<double, stretches> ns{};
    std::thread answerer([&line, cores, all = stretch_trips * stretches] {
        pin_this_thread(cores.second);
        for (std::uint64_t trip = 0; trip < all; ++trip) {
            wait_for(line.turn, 2 * trip + 1);
            line.turn.store(2 * trip + 2, std::memory_order_release);
        }
    });
    std::thread asker([&line, &ns, cores, stretch_trips] {
        pin_this_thread(cores.first);
        std::uint64_t trip = 0;
        for (double& stretch : ns) {
            const std::uint64_t began_ns = monotonic_now_ns();
            for (std::uint64_t i = 0; i < stretch_trips; ++i, ++trip) {
                line.turn.store(2 * trip + 1, std::memory_order_release);
                wait_for(line.turn, 2 * trip + 2);
            }
            stretch = static_cast<double>(monotonic_now_ns() - began_ns) /
                      static_cast<double>(stretch_trips);
        }
    });
    asker.join();
    answerer.join();
    std::ranges::nth_element(ns, ns.begin() + stretches / 2);
    return ns[stretches / 2];
}

}  // namespace roda::bench
