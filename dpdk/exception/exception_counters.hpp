// SPDX-License-Identifier: Apache-2.0
// What passed between a port and the kernel.
#pragma once

#include <cstdint>

namespace roda::dpdk {

/// Units: frames. diverted = delivered + rejected + what is on its way.
struct ExceptionCounters {
    std::uint64_t diverted = 0;   // taken from the port for the kernel
    std::uint64_t no_room = 0;    // not taken: too many on their way, or longer than a buffer
    std::uint64_t delivered = 0;  // to the kernel's interface
    std::uint64_t rejected = 0;   // by it: it is down, or out of memory
    std::uint64_t sent = 0;       // the kernel's own, out of the port
    std::uint64_t unsent = 0;     // the kernel's own; the port took no more
};

}  // namespace roda::dpdk
