// SPDX-License-Identifier: Apache-2.0
// The way of frames that are no telemetry: to an interface of the kernel and back, so that ssh,
// LLDP or a DHCP client go on working on a port that the kernel does not have.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <thread>

#include "dpdk/exception/exception_counters.hpp"
#include "dpdk/neighbour/neighbour.hpp"
#include "proto/frame.hpp"

struct rte_mbuf;

namespace roda::dpdk {

struct ExceptionOptions {
    std::string name;  // of the interface: at most 15 characters
    MacAddress mac{};  // the port's: the kernel speaks as the port
    std::uint16_t mtu = 1500;
    std::size_t queues = 1;     // whose workers divert frames
    std::uint16_t port_id = 0;  // in the names of the pools
    int socket = -1;            // NUMA node; -1: any
};

/// The kernel's interface, the rings between it and the workers, and the thread that serves both.
///
/// The rings bound the rate: what does not fit is dropped and counted. The workers make no system
/// call and wait for nobody.
/// Thread: made and destroyed by the main thread; divert(queue) by that queue's worker; the
/// kernel's frames by one worker; counters() by any.
/// Order: the workers have ended before its end.
/// Errors: StartupError with the interface's name and what to do.
class ExceptionInterface {
  public:
    explicit ExceptionInterface(const ExceptionOptions& options);
    ~ExceptionInterface();
    ExceptionInterface(const ExceptionInterface&) = delete;
    ExceptionInterface& operator=(const ExceptionInterface&) = delete;

    /// Copies a frame for the kernel; where its link is trusted, the kernel gets it with its
    /// checksum completed. False when there is no room.
    bool divert(std::size_t queue, const proto::FrameView& frame) noexcept;

    /// What the kernel has sent, to be transmitted by the caller, who owns it then; as many as
    /// there are. Cost: one load when there are none.
    std::size_t take_sent(std::span<rte_mbuf*> frames) noexcept;

    /// Whether the port took one of them.
    void count_sent(bool taken) noexcept;

    ExceptionCounters counters() const noexcept;

  private:
    struct Lines;

    void serve() noexcept;
    bool serve_diverted() noexcept;
    bool serve_sent() noexcept;

    std::unique_ptr<Lines> lines_;
    std::atomic<bool> stopping_{false};
    std::thread service_;
};

}  // namespace roda::dpdk
