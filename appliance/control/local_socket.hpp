// SPDX-License-Identifier: Apache-2.0
// Unix stream sockets with a deadline for everything: what both ends of the control socket need.
#pragma once

#include <sys/un.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace roda::appliance {

/// Closes its file descriptor.
class Descriptor {
  public:
    Descriptor() = default;

    explicit Descriptor(int number) noexcept : number_(number) {}

    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }

    ~Descriptor();

    int get() const noexcept { return number_; }

    explicit operator bool() const noexcept { return number_ >= 0; }

  private:
    int number_ = -1;
};

/// Errors: StartupError: the path is longer than the kernel takes.
sockaddr_un local_address(const std::string& path);

/// Not blocking, closed on exec. Errors: StartupError.
Descriptor local_stream_socket(const std::string& path);

/// False, and errno: EAGAIN where the server's queue is full. Never waits.
bool connect_to(const Descriptor& socket, const sockaddr_un& address) noexcept;

/// How long a transfer may take as a whole, however its bytes are spread over that time.
struct TransferLimits {
    std::chrono::steady_clock::time_point deadline;
    int end = -1;  // readable: give up now; -1: nothing ends it
};

enum class Transfer { done, late, ended, closed, too_long };

/// A line without its end. Nothing behind it is looked at. `closed`: the peer has gone before.
Transfer read_line(const Descriptor& socket,
                   std::string& line,
                   std::size_t max_bytes,
                   const TransferLimits& limits);

Transfer write_all(const Descriptor& socket, std::string_view bytes, const TransferLimits& limits);

/// Waits for a peer on a listening socket. Shape: none when `end` came.
Descriptor accept_peer(const Descriptor& listening, int end);

}  // namespace roda::appliance
