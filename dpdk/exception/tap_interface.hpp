// SPDX-License-Identifier: Apache-2.0
// A network interface of the kernel whose wire is this process: a TAP device.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace roda::dpdk {

/// Made in the calling thread's network namespace and set up; gone with this object, unless it was
/// made before and is persistent (`ip tuntap add dev NAME mode tap`). It may be moved to another
/// namespace meanwhile.
///
/// Thread: any one at a time.
class TapInterface {
  public:
    /// Errors: StartupError with the interface's name and what to do.
    TapInterface(const std::string& name,
                 const std::array<std::uint8_t, 6>& mac,
                 std::uint16_t mtu);
    ~TapInterface();
    TapInterface(const TapInterface&) = delete;
    TapInterface& operator=(const TapInterface&) = delete;

    /// Hands a frame to the kernel. False: the interface is down, or out of memory.
    bool write(std::span<const std::byte> frame) noexcept;

    /// The next frame that the kernel sends, if there is one: its length, else 0.
    std::size_t read(std::span<std::byte> room) noexcept;

    /// Waits until read() may find a frame. False when there is none within `patience_us`.
    bool wait(std::uint32_t patience_us) noexcept;

  private:
    int descriptor_ = -1;
};

}  // namespace roda::dpdk
