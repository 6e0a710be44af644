// SPDX-License-Identifier: Apache-2.0
// The inside of Port: its device, its queues, and the device's way through start, restart and stop.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dpdk/device/device.hpp"
#include "dpdk/device/device_counts.hpp"
#include "dpdk/device/device_events.hpp"
#include "dpdk/device/interface_watch.hpp"
#include "dpdk/device/kernel_drops.hpp"
#include "dpdk/device/rx_queue_state.hpp"
#include "dpdk/device/steering.hpp"
#include "dpdk/network_namespace.hpp"
#include "dpdk/port.hpp"

namespace roda::dpdk {

struct Port::State {
    State(const Eal& eal, const PortOptions& port_options);
    ~State();
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    void make_exception_interface();
    std::unique_ptr<RxQueue> make_queue(std::uint16_t position);
    void set_up_queues();

    /// Starts the device: from here on frames arrive. Errors: StartupError.
    void open();

    /// Stops it and settles its counts.
    void close();

    /// Tells the link our groups and addresses, now and again some seconds later, when a link that
    /// is coming up is there.
    void announce();

    void leave_groups();

    /// Resets the device under its workers' hands. False: they do not let go, or it does not start
    /// again; then they stay out of the driver until a later try succeeds.
    bool restart();

    bool link_up() const;

    /// Gives back a device that is to be unplugged: the kernel waits for that. The workers get no
    /// more frames, and the port stays as if its cable were out. False: a worker does not let go.
    bool release();

    /// Unplugged, or its interface deleted.
    bool is_removed() const noexcept { return events.is_removed() || interface.is_gone(); }

    std::uint64_t dropped_by_kernel() const noexcept {
        return kernel_drops == nullptr ? 0 : kernel_drops->total();
    }

    std::uint64_t frames_polled() const noexcept;

    /// From start() on, restarts included.
    PortCounters total() const;

    const PortOptions options;
    const NetworkHome home;
    detail::Device device;  // after the constructor only its interrupts may change
    const std::string checksum;
    const std::unique_ptr<detail::KernelDrops> kernel_drops;  // read under the mutex
    const detail::InterfaceWatch interface;
    detail::DeviceEvents events;
    detail::Steering steering;
    bool has_interrupts = true;            // of its receive queues, as of the last start
    std::string no_steering;               // why
    std::optional<std::string> no_groups;  // a note
    LinkIdentity own;
    std::mutex interrupt_lock;  // here and the next: before the queues, which use them
    std::vector<std::mutex> answer_queue_locks;
    std::unique_ptr<ExceptionInterface> exceptions;
    std::vector<std::unique_ptr<RxQueue>> queues;

    // Between the main thread, which starts, stops and tends, and the one that reads counters.
    mutable std::mutex mutex;
    bool started = false;
    bool is_open = false;  // the device runs; not while a restart fails
    bool is_released = false;
    PortEvents seen;
    bool link_was_up = false;
    detail::DeviceCounts opened;  // what the device had counted then
    std::uint64_t polled_before = 0;
    detail::DeviceCounts past;  // since start(), up to the last restart
    std::uint64_t kernel_drops_before = 0;
    PortCounters counters;  // up to the last stop()

  private:
    detail::DeviceCounts since_opened() const noexcept;
    void bind_interrupts();
    bool pause_workers();
    void resume_workers() noexcept;
    bool reopen();
};

}  // namespace roda::dpdk
