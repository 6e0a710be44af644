// SPDX-License-Identifier: Apache-2.0
// What a device or its bus reports by itself, on EAL's interrupt thread: kept until the main thread
// looks.
//
// Atomics: two flags that carry nothing else (relaxed).
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace roda::dpdk::detail {

/// Thread: constructed and destroyed by the main thread; the rest by any.
class DeviceEvents {
  public:
    explicit DeviceEvents(std::uint16_t port_id);

    ~DeviceEvents() { ignore(); }

    DeviceEvents(const DeviceEvents&) = delete;
    DeviceEvents& operator=(const DeviceEvents&) = delete;

    /// Hears no more. Order: before the device is closed.
    void ignore() noexcept;

    /// The device is stuck until it is reset: a virtual function whose host changed something.
    bool wants_reset() const noexcept { return wants_reset_.load(std::memory_order_relaxed); }

    void reset_done() noexcept { wants_reset_.store(false, std::memory_order_relaxed); }

    /// The reset failed.
    void ask_again() noexcept { wants_reset_.store(true, std::memory_order_relaxed); }

    /// It was unplugged, or is to be: vfio-pci tells it first and waits until the device is given
    /// back. It does not come back.
    bool is_removed() const noexcept { return removed_.load(std::memory_order_relaxed); }

  private:
    struct Callback;

    const std::uint16_t port_id_;
    std::string name_;  // on its bus
    bool hears_ = true;
    std::atomic<bool> wants_reset_{false};
    std::atomic<bool> removed_{false};
};

}  // namespace roda::dpdk::detail
