// SPDX-License-Identifier: Apache-2.0
// The two programs at the receiving end of a live link: Roda over a DPDK port, and the kernel
// program over a UDP socket. Each takes turns on the caller's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "appliance/config/config.hpp"
#include "bench/live_wire.hpp"
#include "dpdk/rx_queue.hpp"

namespace roda::bench {

/// What a receiver took in since it was made.
struct Received {
    std::uint64_t datagrams = 0;
    std::uint64_t readings = 0;
    std::uint64_t missing = 0;  // by the sequence numbers
};

/// From the wire to the alerts, read.
///
/// Thread: one.
class LiveReceiver {
  public:
    virtual ~LiveReceiver() = default;

    /// Takes what has arrived; rests for some microseconds to milliseconds when nothing has.
    /// Returns how much it was, 0 for nothing.
    virtual std::size_t turn() = 0;

    virtual Received received() const = 0;

    /// Of the alerts so far.
    virtual std::uint64_t alerts() const = 0;
};

/// recvmmsg() on a socket with SO_REUSEPORT and UDP_GRO, libprotobuf, std::unordered_map. It
/// sleeps in the kernel while nothing comes.
///
/// Errors: StartupError.
std::unique_ptr<LiveReceiver> kernel_receiver(const appliance::Config& config, const Link& link);

/// The appliance's shard on a started port. It rests as the appliance's workers do.
std::unique_ptr<LiveReceiver> roda_receiver(const appliance::Config& config, dpdk::RxQueue& queue);

}  // namespace roda::bench
