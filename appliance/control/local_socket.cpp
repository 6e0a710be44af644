// SPDX-License-Identifier: Apache-2.0
#include "appliance/control/local_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

#include "pipeline/base/error.hpp"

namespace roda::appliance {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Until the socket has one of `events` or is broken.
Transfer wait_for(const Descriptor& socket, short events, const TransferLimits& limits) {
    for (;;) {
        const auto left = std::chrono::ceil<milliseconds>(limits.deadline - steady_clock::now());
        if (left <= milliseconds(0)) {
            return Transfer::late;
        }
        std::array<pollfd, 2> polled = {{{socket.get(), events, 0}, {limits.end, POLLIN, 0}}};
        const auto wait = std::min<milliseconds::rep>(left.count(), 60'000);
        if (::poll(polled.data(), polled.size(), static_cast<int>(wait)) <= 0) {
            continue;  // time, or a signal
        }
        return polled[1].revents != 0 ? Transfer::ended : Transfer::done;
    }
}

bool is_not_ready(ssize_t result) {
    return result < 0 && (errno == EAGAIN || errno == EINTR);
}

}  // namespace

Descriptor::~Descriptor() {
    if (number_ >= 0) {
        ::close(number_);
    }
}

sockaddr_un local_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        throw StartupError("the path of the control socket is too long",
                           path,
                           "at most " + std::to_string(sizeof address.sun_path - 1) +
                               " bytes: shorten alerts.directory");
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

Descriptor local_stream_socket(const std::string& path) {
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) {
        throw StartupError(
            "cannot make a control socket: " + std::string(std::strerror(errno)), path, "");
    }
    return socket;
}

bool connect_to(const Descriptor& socket, const sockaddr_un& address) noexcept {
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
           0;
}

Transfer read_line(const Descriptor& socket,
                   std::string& line,
                   std::size_t max_bytes,
                   const TransferLimits& limits) {
    line.clear();
    std::array<char, 4096> piece;
    for (;;) {
        if (const Transfer wait = wait_for(socket, POLLIN, limits); wait != Transfer::done) {
            return wait;
        }
        const ssize_t got = ::recv(socket.get(), piece.data(), piece.size(), 0);
        if (is_not_ready(got)) {
            continue;
        }
        if (got <= 0) {
            return Transfer::closed;
        }
        const std::string_view bytes(piece.data(), static_cast<std::size_t>(got));
        const std::size_t end = bytes.find('\n');
        line.append(bytes.substr(0, end));
        if (line.size() > max_bytes) {
            return Transfer::too_long;
        }
        if (end != bytes.npos) {
            return Transfer::done;
        }
    }
}

Transfer write_all(const Descriptor& socket, std::string_view bytes, const TransferLimits& limits) {
    while (!bytes.empty()) {
        if (const Transfer wait = wait_for(socket, POLLOUT, limits); wait != Transfer::done) {
            return wait;
        }
        const ssize_t sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (is_not_ready(sent)) {
            continue;
        }
        if (sent <= 0) {
            return Transfer::closed;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return Transfer::done;
}

Descriptor accept_peer(const Descriptor& listening, int end) {
    for (;;) {
        std::array<pollfd, 2> polled = {{{listening.get(), POLLIN, 0}, {end, POLLIN, 0}}};
        ::poll(polled.data(), polled.size(), -1);
        if (polled[1].revents != 0) {
            return {};
        }
        if (polled[0].revents == 0) {
            continue;
        }
        Descriptor peer(::accept4(listening.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (peer) {
            return peer;
        }
        // No descriptor or no memory: the peer still waits, and poll() would return at once.
        std::this_thread::sleep_for(milliseconds(10));
    }
}

}  // namespace roda::appliance
