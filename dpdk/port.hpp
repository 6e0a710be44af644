// SPDX-License-Identifier: Apache-2.0
// A DPDK port: a NIC under its poll-mode driver or a virtual device; nothing above can tell which.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dpdk/rx_queue.hpp"
#include "proto/frame.hpp"

namespace roda::dpdk {

class Eal;

using MacAddress = std::array<std::uint8_t, 6>;

/// Who vouches for layer 3 and 4 checksums.
enum class ChecksumPolicy : std::uint8_t {
    automatic,  // hardware where the driver offers it, trust on links that never leave the host
                // (af_packet, af_xdp, virtio_user, vhost, memif), software otherwise
    hardware,   // the NIC's verdict; what it leaves open is computed
    software,   // always computed
    trust,      // never checked
};

struct PortOptions {
    std::string device;                       // as in EalOptions::devices
    std::vector<proto::IpAddress> addresses;  // answered for by ARP and ping
    std::uint16_t mtu = 1500;
    std::uint16_t rx_descriptors = 1024;
    std::uint32_t buffers = 8192;
    bool promiscuous = false;
    ChecksumPolicy checksum = ChecksumPolicy::automatic;
};

/// What the device counted; the first row of the ledger.
///
/// A NIC counts a frame when it is in memory, so while running `received` is ahead of what was
/// polled by what waits in the ring. stop() settles it: `received` is then what was polled, and
/// received + left_at_stop is the device's own count.
/// Units: frames since start().
struct PortCounters {
    std::uint64_t received = 0;      // handed to rx_queue() (ipackets)
    std::uint64_t missed = 0;        // the queue was full (imissed), the kernel's in front included
    std::uint64_t errors = 0;        // damaged on the wire (ierrors)
    std::uint64_t no_buffer = 0;     // no free buffer (rx_nombuf)
    std::uint64_t left_at_stop = 0;  // received by the device, but still in its ring when the port
                                     // stopped; 0 while it runs
};

/// One configured port with one receive queue.
///
/// Thread: constructed, started, stopped and destroyed by the main thread; counters() and
/// xstats() from any one thread; the queue belongs to its worker while started.
/// Order: destroyed before the Eal. A destroyed port's device is closed for the process's life.
/// Errors: StartupError with the device's name and a hint.
class Port {
  public:
    Port(const Eal& eal, const PortOptions& options);
    ~Port();
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;

    void start();

    /// Stops receiving; frames already polled stay valid until the queue's release().
    ///
    /// Order: the worker polls and answers no more (joined, or told so by what orders memory);
    /// it may still release().
    void stop();

    RxQueue& rx_queue() noexcept;

    /// Cost: for net_tap and net_af_packet a few system calls.
    PortCounters counters() const;

    /// Every extended statistic of the driver by its own name.
    std::vector<std::pair<std::string, std::uint64_t>> xstats() const;

    /// Whether the device sees a carrier.
    bool link_up() const;

    const std::string& driver() const noexcept;
    const MacAddress& mac() const noexcept;
    const std::string& checksum_policy() const noexcept;  // what `automatic` came to

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace roda::dpdk
