// SPDX-License-Identifier: Apache-2.0
// One gateway's end of the wire: a connected, non-blocking kernel UDP socket.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace roda::appliance {

struct SocketTarget {
    sockaddr_storage address{};
    socklen_t address_bytes = 0;
    std::string name;  // for messages
};

/// Errors: StartupError when `host` is neither an address nor a name that resolves.
SocketTarget resolve_target(const std::string& host, std::uint16_t port);

/// Thread: one at a time.
class GatewaySocket {
  public:
    /// Errors: StartupError when there is no route to the target or no descriptor left.
    explicit GatewaySocket(const SocketTarget& target);
    ~GatewaySocket();
    GatewaySocket(GatewaySocket&& other) noexcept;
    GatewaySocket& operator=(GatewaySocket&&) = delete;

    /// Hands datagrams to the kernel. Returns how many it took, from the front; else the negative
    /// errno for the first, which was not sent: either its own, or one that the network reported
    /// for an earlier datagram (ECONNREFUSED, EHOSTUNREACH).
    int send(std::span<mmsghdr> datagrams) noexcept;

    /// Bytes of datagrams that this host still holds: they wait for the device or for the
    /// neighbour's address.
    std::size_t unsent_bytes() const noexcept;

    /// What the network reported since the last call or send(): an errno, or 0.
    int take_error() noexcept;

  private:
    int descriptor_ = -1;
};

}  // namespace roda::appliance
