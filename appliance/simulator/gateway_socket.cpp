// SPDX-License-Identifier: Apache-2.0
#include "appliance/simulator/gateway_socket.hpp"

#include <linux/sockios.h>
#include <netdb.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "pipeline/base/error.hpp"

namespace roda::appliance {
namespace {

// Without it Linux keeps "no such neighbour" from a UDP socket, and the loss would go unseen.
void report_unreachable_neighbours(int descriptor) noexcept {
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
    ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
}

// The kernel also keeps a copy of each refused datagram for us; nobody wants those.
void drop_error_queue(int descriptor) noexcept {
    std::array<std::byte, 1> unused{};
    while (::recv(descriptor, unused.data(), unused.size(), MSG_ERRQUEUE | MSG_DONTWAIT) >= 0) {
    }
}

}  // namespace

SocketTarget resolve_target(const std::string& host, std::uint16_t port) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_DGRAM;
    wanted.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int fault = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
    if (fault != 0) {
        throw StartupError(std::string("cannot resolve the target: ") + ::gai_strerror(fault),
                           host,
                           "give an IPv4 or IPv6 address, or a name that resolves here");
    }
    SocketTarget target;
    std::memcpy(&target.address, found->ai_addr, found->ai_addrlen);
    target.address_bytes = found->ai_addrlen;
    target.name = host + " port " + std::to_string(port);
    ::freeaddrinfo(found);
    return target;
}

GatewaySocket::GatewaySocket(const SocketTarget& target) {
    const int type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    descriptor_ = ::socket(target.address.ss_family, type, 0);
    if (descriptor_ < 0) {
        throw StartupError(std::string("cannot open a UDP socket: ") + std::strerror(errno),
                           target.name,
                           "raise the limit of open files, or send from fewer gateways");
    }
    sockaddr_storage address = target.address;
    void* const untyped = &address;
    if (::connect(descriptor_, static_cast<const sockaddr*>(untyped), target.address_bytes) != 0) {
        const int fault = errno;
        ::close(descriptor_);
        throw StartupError(std::string("cannot reach the target: ") + std::strerror(fault),
                           target.name,
                           "give this host an address in the target's network, or a route to it");
    }
    report_unreachable_neighbours(descriptor_);
}

GatewaySocket::~GatewaySocket() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

GatewaySocket::GatewaySocket(GatewaySocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

int GatewaySocket::send(std::span<mmsghdr> datagrams) noexcept {
    const auto count = static_cast<unsigned int>(datagrams.size());
    const int sent = ::sendmmsg(descriptor_, datagrams.data(), count, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
        return sent;
    }
    const int fault = errno;
    drop_error_queue(descriptor_);
    return -fault;
}

std::size_t GatewaySocket::unsent_bytes() const noexcept {
    int bytes = 0;
    ::ioctl(descriptor_, SIOCOUTQ, &bytes);
    return static_cast<std::size_t>(bytes);
}

int GatewaySocket::take_error() noexcept {
    int fault = 0;
    socklen_t fault_bytes = sizeof fault;
    ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &fault, &fault_bytes);
    if (fault != 0) {
        drop_error_queue(descriptor_);
    }
    return fault;
}

}  // namespace roda::appliance
