// SPDX-License-Identifier: Apache-2.0
// One accepted socket as httplib reads and writes it, bounded in total time and bytes. httplib's
// own stream bounds each recv() only, so a client that drips single bytes holds its thread for
// ever.
#pragma once

#include <httplib.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

namespace roda::appliance {

/// Thread: one. Another may shut the socket down meanwhile, which ends every wait here.
/// Cost: poll() and recv() or send() per 4 KiB.
class BoundedStream final : public httplib::Stream {
  public:
    using Clock = std::chrono::steady_clock;

    struct Bounds {
        Clock::time_point read_until;         // the whole request
        std::chrono::milliseconds write_for;  // the whole answer, from its first byte
        std::size_t request_bytes;            // the whole request
    };

    /// Does not own the socket.
    BoundedStream(int socket, const Bounds& bounds) : socket_(socket), bounds_(bounds) {}

    bool is_readable() const override;
    bool is_writable() const override;

    /// Errors: -1 beyond the bounds, 0 where the client has ended.
    ssize_t read(char* to, std::size_t bytes) override;

    /// Writes what the socket takes. Errors: -1 beyond the bounds.
    ssize_t write(const char* from, std::size_t bytes) override;

    // No answer depends on who asks.
    void get_remote_ip_and_port(std::string&, int&) const override {}

    void get_local_ip_and_port(std::string&, int&) const override {}

    int socket() const override { return socket_; }

  private:
    Clock::time_point write_until() const;
    ssize_t fill();

    const int socket_;
    const Bounds bounds_;
    std::array<char, 4096> buffer_{};  // httplib reads lines byte by byte
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t received_ = 0;
    mutable std::optional<Clock::time_point> write_until_;
};

}  // namespace roda::appliance
