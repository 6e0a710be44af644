// SPDX-License-Identifier: Apache-2.0
// A DPDK port: a NIC under its poll-mode driver or a virtual device; nothing above can tell which.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dpdk/exception/exception_counters.hpp"
#include "dpdk/fragment/fragments.hpp"
#include "dpdk/neighbour/neighbour.hpp"
#include "dpdk/recorder/recording.hpp"
#include "dpdk/rx_queue.hpp"
#include "proto/frame.hpp"

namespace roda::dpdk {

class Eal;

/// Who vouches for layer 3 and 4 checksums.
enum class ChecksumPolicy : std::uint8_t {
    automatic,  // hardware where the driver offers it, trust on links that never leave the host
                // (af_packet, af_xdp, virtio_user, vhost, memif), software otherwise
    hardware,   // the NIC's verdict; what it leaves open is computed
    software,   // always computed
    trust,      // never checked
};

/// What of a frame decides its queue. A device's sequence numbers are followed per queue, so by
/// default all that one address sends goes to one.
enum class Spread : std::uint8_t {
    addresses,  // source and destination address
    tuple,      // the UDP ports as well: for few addresses with many sockets
};

struct PortOptions {
    std::string device;                         // as in EalOptions::devices
    std::vector<proto::HostAddress> addresses;  // answered for: ARP, neighbour discovery, ping
    std::vector<proto::HostAddress> groups;     // multicast groups to join
    std::uint16_t mtu = 1500;
    std::uint16_t queues = 1;  // frames are spread over them by their senders
    Spread spread = Spread::addresses;
    std::uint16_t ingest_port = 17750;    // steered to our queues where the driver can
    std::uint16_t rx_descriptors = 1024;  // of each queue
    std::uint32_t buffers = 8192;         // of each queue
    bool promiscuous = false;
    ChecksumPolicy checksum = ChecksumPolicy::automatic;
    ReassemblyOptions reassembly;
    std::uint32_t recorder_frames = 0;  // the last of each queue are kept in their buffers; 0: none
    std::string exception_interface;    // a kernel interface (tap) that gets what is no telemetry;
                                        // empty: none
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
                                     // stopped or restarted
    FragmentCounters fragments{};    // what the queues did with pieces of datagrams
    ExceptionCounters exceptions{};  // frames to and from the kernel's exception interface
};

/// What happened to the device and its link. Units: times since the port was made, as tend() saw
/// them.
struct PortEvents {
    std::uint64_t link_changes = 0;  // down or up; a flap between two looks shows nothing
    std::uint64_t restarts = 0;
    bool removed = false;  // unplugged, or its interface deleted: it does not come back

    friend bool operator==(const PortEvents&, const PortEvents&) = default;
};

/// One configured port with its receive queues.
///
/// Thread: constructed, started, stopped and destroyed by the main thread; counters() and
/// xstats() from any one thread; a queue belongs to its worker while started.
/// Order: destroyed before the Eal. A destroyed port's device is closed for the process's life, in
/// the network namespace that the port was made in.
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

    /// To be called some ten times a second: notices what became of the link, and restarts a device
    /// that asks for it. Thread: main.
    void tend();

    /// Stops and starts the device while the workers poll, resetting it where it can be: they see
    /// no frames meanwhile. Nothing that is counted is lost; what the device held is
    /// `left_at_stop`. False: a worker did not poll within a second, or the device does not start
    /// again; tend() tries once more. Thread: main.
    bool restart();

    PortEvents events() const;

    std::size_t queues() const noexcept;

    /// Shape: position < queues().
    RxQueue& rx_queue(std::size_t position = 0) noexcept;

    /// What this driver cannot do and how it is done without, a sentence each: "net_tap spreads
    /// nothing over queues itself: ...".
    std::vector<std::string> notes() const;

    /// Cost: for net_tap and net_af_packet a few system calls.
    PortCounters counters() const;

    /// Every extended statistic of the driver by its own name, and what became of neighbours'
    /// questions (AnswerCounters): roda_answers_sent, _limited, _lost.
    std::vector<std::pair<std::string, std::uint64_t>> xstats() const;

    /// Whether the device sees a carrier.
    bool link_up() const;

    /// Writes the frames that the queues keep to a pcapng file, oldest first; from then on they
    /// keep those that come. A worker hands its frames over at its next poll; one that does not
    /// poll within a second is left out.
    ///
    /// Thread: one at a time, neither main nor a worker: it waits for them and for the disk.
    /// Order: the workers poll.
    RecordingResult write_recording(const std::string& path, const std::string& comment);

    /// Frames that the queues keep now. Thread: any.
    std::uint64_t frames_recorded() const noexcept;

    const std::string& driver() const noexcept;
    const MacAddress& mac() const noexcept;
    const std::string& checksum_policy() const noexcept;  // what `automatic` came to

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace roda::dpdk
