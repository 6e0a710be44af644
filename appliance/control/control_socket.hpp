// SPDX-License-Identifier: Apache-2.0
// The running appliance's side of the control socket: takes requests of operators on this host,
// one at a time, and answers each in one line (control_text.hpp).
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <thread>

#include "appliance/control/control.hpp"
#include "appliance/control/local_socket.hpp"

namespace roda::appliance {

/// Listens from the constructor's return to the destructor. Who may ask is a matter of the file:
/// its mode is 0660.
///
/// Thread: constructed and destroyed by the main thread. `handler` is called by its one thread,
/// which takes no signals; what it throws is a refusal.
/// Errors: StartupError: another process listens there, or the file cannot be made.
class ControlSocket {
  public:
    static constexpr std::size_t max_request_bytes = 4096;

    /// A peer has `patience` for its request and again for taking its reply.
    ControlSocket(std::string path,
                  ControlHandler handler,
                  std::chrono::milliseconds patience = std::chrono::seconds(10));

    /// Cuts off the peer in hand, waits for the handler where it runs, removes the file.
    ~ControlSocket();
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;

  private:
    void listen();
    void serve() const;
    void answer(const Descriptor& peer) const;
    ControlReply reply_to(const Descriptor& peer) const;

    std::string path_;
    ControlHandler handler_;
    std::chrono::milliseconds patience_;
    Descriptor end_;  // an eventfd
    Descriptor listening_;

    struct stat file_ {};  // as it was made: another's is not removed

    std::thread thread_;
};

}  // namespace roda::appliance
