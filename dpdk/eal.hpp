// SPDX-License-Identifier: Apache-2.0
// DPDK's environment layer: brought up once per process, from the config.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace roda::dpdk {

enum class Hugepages : std::uint8_t {
    automatic,  // take them if there are any, else run on 4 KiB pages and say so
    require,    // refuse to start without
    never,
};

struct EalOptions {
    std::vector<std::string>
        devices;  // PCI addresses (0000:3b:00.0) or vdev strings (net_tap0,iface=x)
    Hugepages hugepages = Hugepages::automatic;
    std::uint32_t memory_mb = 128;
    std::vector<std::string> extra_args;  // passed to rte_eal_init as they are
};

/// The running environment layer; one per process, cleaned up on destruction.
///
/// Thread: constructed and destroyed by the main thread, which keeps its CPU affinity. Real-time
/// signals without a handler are ignored from then on (net_tap would flood the process with one).
/// Leaves no file behind: in-memory hugepages, no shared config, no telemetry socket.
/// Errors: StartupError when EAL refuses, with the arguments that were tried.
class Eal {
  public:
    explicit Eal(const EalOptions& options);
    ~Eal();
    Eal(const Eal&) = delete;
    Eal& operator=(const Eal&) = delete;

    /// What frames lie in: "2 MiB hugepages", "1 GiB hugepages" or "4 KiB pages".
    const std::string& memory() const noexcept { return memory_; }

    /// What EAL and its drivers complained about while they started; most of it is harmless.
    const std::string& startup_log() const noexcept { return startup_log_; }

  private:
    std::string memory_;
    std::string startup_log_;
};

}  // namespace roda::dpdk
