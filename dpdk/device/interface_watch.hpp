// SPDX-License-Identifier: Apache-2.0
// What became of the kernel's interface behind a virtual device. No driver says that it is gone,
// and some not that it is down.
#pragma once

#include <optional>
#include <string>

namespace roda::dpdk::detail {

/// The interface of net_tap, net_af_packet, net_af_xdp; any other device never shows as gone here.
///
/// A tap is followed by its own descriptor, wherever its interface is moved. The others are bound
/// to the network namespace: an interface that leaves it is lost to them.
/// Thread: one at a time. Order: made in the network namespace of the device, which is open.
class InterfaceWatch {
  public:
    InterfaceWatch(const std::string& driver, unsigned interface_index);
    ~InterfaceWatch();
    InterfaceWatch(const InterfaceWatch&) = delete;
    InterfaceWatch& operator=(const InterfaceWatch&) = delete;

    /// Cost: a system call.
    bool is_gone() const noexcept;

    /// Whether the interface is up and sees a carrier; nothing for drivers that say so themselves.
    /// Cost: two system calls.
    std::optional<bool> carrier() const noexcept;

  private:
    const bool is_tap_;
    const unsigned interface_index_;
    int descriptor_ = -1;  // of the tap, or a socket of the namespace; none: nothing to watch
};

}  // namespace roda::dpdk::detail
