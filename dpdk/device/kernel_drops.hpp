// SPDX-License-Identifier: Apache-2.0
// What the kernel drops in front of a virtual port. No driver counts it; the kernel does.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace roda::dpdk::detail {

/// The kernel's own count of frames that did not fit the queue between it and a port.
///
/// Thread: one at a time.
class KernelDrops {
  public:
    virtual ~KernelDrops() = default;

    /// Dropped since an arbitrary origin; never falls. A source that is gone keeps its last count.
    ///
    /// Cost: a few system calls.
    virtual std::uint64_t total() noexcept = 0;
};

/// The source for a driver, nullptr for one that has no kernel in front of it:
/// - net_tap: tx_dropped of its interface, asked of a socket that stays in the calling thread's
///   network namespace, so that it answers from outside later.
/// - net_af_packet: the statistics of the driver's own sockets on that interface, which nobody
///   else reads (reading sets them to zero). They end when the driver closes them, at its stop or
///   close.
///
/// Order: made in the network namespace of the device, which is open already.
/// Errors: StartupError when the source is not there.
std::unique_ptr<KernelDrops> kernel_drops_of(const std::string& driver,
                                             const std::string& device,
                                             unsigned interface_index);

}  // namespace roda::dpdk::detail
