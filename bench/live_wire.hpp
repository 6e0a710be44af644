// SPDX-License-Identifier: Apache-2.0
// A network of its own to measure on: two namespaces without names, joined by veth pairs. Nothing
// of it is seen outside, and nothing stays when the process ends, however it ends.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "proto/frame.hpp"

namespace roda::bench {

inline constexpr std::uint16_t ingest_port = 17750;

/// One veth pair: the receiver's end and the sender's have the same name.
struct Link {
    std::string interface;
    std::uint8_t network = 0;       // 10.79.NETWORK.0/24
    bool keeps_super_frames = true;  // else what one send() holds crosses as single frames, as on a
                                     // wire

    std::string receiver_text() const { return "10.79." + std::to_string(network) + ".1"; }

    std::string sender_text() const { return "10.79." + std::to_string(network) + ".2"; }

    proto::IpAddress receiver_address() const {
        return proto::IpAddress::v4(10, 79, network, 1);
    }
};

/// Takes the calling thread, and all that it starts from then on, into a new network namespace.
///
/// Errors: StartupError without the right to it (CAP_SYS_ADMIN).
void enter_network_of_its_own();

/// Joins the calling thread's namespace with that of `sender`, both ends up. The kernel answers at
/// the receiver's end when `kernel_receives`, a port of ours otherwise.
///
/// Errors: StartupError with what `ip` said.
void make_link(const Link& link, pid_t sender, bool kernel_receives);

/// Has the kernel do its part of receiving on `core`, not on the sender's.
void receive_on(const Link& link, std::uint32_t core);

/// Silences stderr while it lives: libxdp and libbpf talk there, and nobody may tell them not to.
class QuietStderr {
  public:
    QuietStderr();
    ~QuietStderr();
    QuietStderr(const QuietStderr&) = delete;
    QuietStderr& operator=(const QuietStderr&) = delete;

  private:
    int kept_;
};

}  // namespace roda::bench
