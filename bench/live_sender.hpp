// SPDX-License-Identifier: Apache-2.0
// Gateways in a process of their own: telemetry by kernel UDP sockets at a steady rate.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "bench/frames.hpp"

namespace roda::bench {

/// What to send: the datagrams of the frames in their order, over and over, with a new boot_id and
/// sequence numbers from 1 on.
struct Load {
    double datagrams_per_second = 0;
    std::uint64_t datagrams = 0;
};

/// What has left.
struct Sent {
    std::uint64_t datagrams = 0;
    std::uint64_t took_ns = 0;
};

/// A process on a core and in a network namespace of its own; it ends with its maker.
class LiveSender {
  public:
    /// Datagrams in one send(): 45 KB, which the kernel cuts into frames (UDP_SEGMENT).
    static constexpr std::size_t datagrams_at_once = 32;

    /// Order: before other threads are started: it forks.
    /// Errors: StartupError.
    LiveSender(const Frames& frames, std::uint32_t core);
    ~LiveSender();
    LiveSender(const LiveSender&) = delete;
    LiveSender& operator=(const LiveSender&) = delete;

    pid_t process() const noexcept { return process_; }

    /// Begins to send to an IPv4 address.
    void begin(const Load& load, const std::string& address);

    /// What was sent, once all was; does not wait. Errors: StartupError when the sender failed.
    std::optional<Sent> finished();

  private:
    pid_t process_ = -1;
    int orders_ = -1;
    std::uint32_t boot_id_ = 0;
};

}  // namespace roda::bench
