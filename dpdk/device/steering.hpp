// SPDX-License-Identifier: Apache-2.0
// Flow rules that bring UDP datagrams to the ingest port to our queues, where the device has such.
// Nobody relies on them: each frame is judged anyway.
#pragma once

#include <array>
#include <cstdint>
#include <string>

struct rte_flow;

namespace roda::dpdk::detail {

/// The rules of one started port, for IPv4 and IPv6.
///
/// Thread: the main thread. Order: installed after each start, removed before each stop.
class Steering {
  public:
    /// Empty, or why the device takes no such rule; then there is none.
    ///
    /// hash_types: what spreads over several queues (device/spread.hpp); 0: the device's default.
    std::string install(std::uint16_t port_id,
                        std::uint16_t udp_port,
                        std::uint16_t queues,
                        std::uint64_t hash_types);

    void remove() noexcept;

  private:
    std::uint16_t port_id_ = 0;
    std::array<rte_flow*, 2> rules_{};
};

}  // namespace roda::dpdk::detail
