// SPDX-License-Identifier: Apache-2.0
#include "dpdk/device/port_state.hpp"

#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <thread>
#include <utility>

#include "dpdk/device/checksum_verdict.hpp"
#include "dpdk/device/log_capture.hpp"
#include "dpdk/device/multicast.hpp"
#include "dpdk/device/pool.hpp"
#include "dpdk/eal_arguments.hpp"
#include "pipeline/base/error.hpp"

namespace roda::dpdk {

namespace {

// How long the workers may take to leave the driver: as long as a turn of theirs.
constexpr std::chrono::milliseconds pause_patience(1000);

[[noreturn]] void refuse_queues(const std::string& device, int error, const std::string& log) {
    detail::refuse_device(device,
                          "its queues cannot be set up",
                          error,
                          log,
                          "check port.rx_descriptors, port.buffers and the device's arguments");
}

int start_device(std::uint16_t port_id, std::string& log) {
    detail::LogCapture capture;
    const int result = rte_eth_dev_start(port_id);
    log = capture.text();
    return result;
}

// Takes what waits in the ring, for drivers that count a frame only as they hand it out
// (net_virtio). A ring's worth at most: more may be coming.
void empty_ring(std::uint16_t port_id, std::uint16_t queue_id, std::uint16_t descriptors) noexcept {
    std::array<rte_mbuf*, burst_frames> burst;
    std::uint16_t count = burst_frames;
    for (std::size_t taken = 0; taken < descriptors && count != 0; taken += count) {
        count = rte_eth_rx_burst(port_id, queue_id, burst.data(), burst_frames);
        rte_pktmbuf_free_bulk(burst.data(), count);
    }
}

struct CaptureTime {
    int offset = -1;
    std::uint64_t flag = 0;
};

// net_pcap stamps each frame with the capture's own time, in microseconds. Other drivers that use
// the field count ticks of their device in it.
CaptureTime find_capture_time(const std::string& driver) {
    const int offset = rte_mbuf_dynfield_lookup(RTE_MBUF_DYNFIELD_TIMESTAMP_NAME, nullptr);
    const int bit = rte_mbuf_dynflag_lookup(RTE_MBUF_DYNFLAG_RX_TIMESTAMP_NAME, nullptr);
    if (driver != "net_pcap" || offset < 0 || bit < 0) {
        return {};
    }
    return {offset, std::uint64_t{1} << bit};
}

}  // namespace

Port::State::State(const Eal& eal, const PortOptions& port_options)
    : options(port_options),
      device(detail::configure_device(detail::find_device(eal, options.device), options)),
      checksum(detail::checksum_name(device.checksum)),
      kernel_drops(detail::kernel_drops_of(device.driver, options.device, device.interface_index)),
      interface(device.driver, device.interface_index),
      events(device.port_id),
      answer_queue_locks(device.tx_queues) {}

// The device gives its buffers back before the members go: the queues with their pools. In its
// network namespace, as libxdp finds the program that it takes off an interface by that one's
// index.
Port::State::~State() {
    const NetworkNamespace scope(home);
    if (is_open) {
        close();
    }
    events.ignore();
    if (!is_released) {
        rte_eth_dev_close(device.port_id);
    }
}

void Port::State::make_exception_interface() {
    if (!options.exception_interface.empty()) {
        exceptions = std::make_unique<ExceptionInterface>(
            ExceptionOptions{.name = options.exception_interface,
                             .mac = own.mac,
                             .mtu = options.mtu,
                             .queues = options.queues,
                             .port_id = device.port_id,
                             .socket = device.socket});
    }
}

std::unique_ptr<RxQueue> Port::State::make_queue(std::uint16_t position) {
    const std::string id = std::to_string(device.port_id) + "_" + std::to_string(position);
    const auto frame_bytes = detail::frame_bytes_for(options.mtu);
    auto queue = std::make_unique<RxQueue::State>();
    queue->rx_pool =
        detail::make_pool({"roda_rx_" + id, options.buffers, frame_bytes, device.socket});
    queue->answer_pool = detail::make_pool(
        {"roda_answer_" + id, 2u * device.tx_descriptors, frame_bytes, device.socket});
    const auto capture_time = find_capture_time(device.driver);
    queue->port_id = device.port_id;
    queue->queue_id = position;
    queue->answer_queue_id = static_cast<std::uint16_t>(position % device.tx_queues);
    if (device.tx_queues < options.queues) {
        queue->answer_queue_lock = &answer_queue_locks[queue->answer_queue_id];
    }
    queue->checksum = device.checksum;
    queue->capture_time_flag = capture_time.flag;
    queue->capture_time_offset = capture_time.offset;
    queue->own = own;
    queue->reassembly = std::make_unique<Reassembly>(options.reassembly);
    if (const std::uint32_t frames = options.recorder_frames; frames != 0) {
        // Port has checked that there are as many.
        const std::uint32_t to_spare =
            options.buffers - detail::buffers_to_receive(device.rx_descriptors) - frames;
        queue->recorder = std::make_unique<FrameRecorder>(
            device_name(options.device) + " queue " + std::to_string(position), frames, to_spare);
    }
    queue->exceptions = exceptions.get();
    return std::unique_ptr<RxQueue>(new RxQueue(std::move(queue)));
}

void Port::State::set_up_queues() {
    detail::LogCapture log;
    const auto socket = static_cast<unsigned>(device.socket);
    for (const auto& queue : queues) {
        const RxQueue::State& inner = *queue->state_;
        const int result = rte_eth_rx_queue_setup(device.port_id,
                                                  inner.queue_id,
                                                  device.rx_descriptors,
                                                  socket,
                                                  nullptr,
                                                  inner.rx_pool.get());
        if (result != 0) {
            refuse_queues(options.device, -result, log.text());
        }
    }
    for (std::uint16_t id = 0; id < device.tx_queues; ++id) {
        const int result =
            rte_eth_tx_queue_setup(device.port_id, id, device.tx_descriptors, socket, nullptr);
        if (result != 0) {
            refuse_queues(options.device, -result, log.text());
        }
    }
}

void Port::State::open() {
    opened = detail::read_counts(device.port_id);
    polled_before = frames_polled();
    std::string log;
    int result = start_device(device.port_id, log);
    if (result != 0 && device.interrupts) {
        // Some find out only now that they have no interrupts for their queues.
        detail::configure_device(device.port_id, options, false);
        device.interrupts = false;
        set_up_queues();
        result = start_device(device.port_id, log);
    }
    if (result != 0) {
        detail::refuse_device(
            options.device, "does not start", -result, log, "is another program using the device?");
    }
    is_open = true;
    no_groups = detail::listen_to_groups(device.port_id, device.driver, own);
    if (exceptions != nullptr && is_pci_address(options.device)) {
        rte_eth_allmulticast_enable(device.port_id);  // the kernel's groups are not ours to know
    }
    bind_interrupts();
    // The frames of a virtual device are all ours.
    if (is_pci_address(options.device)) {
        no_steering = steering.install(
            device.port_id, options.ingest_port, options.queues, device.hash_types);
    }
}

void Port::State::bind_interrupts() {
    const detail::LogCapture log;  // a driver without them complains
    has_interrupts = device.interrupts;
    for (const auto& queue : queues) {
        RxQueue::State& inner = *queue->state_;
        has_interrupts =
            has_interrupts && inner.rest.bind(device.port_id, inner.queue_id, interrupt_lock);
    }
}

void Port::State::close() {
    for (const auto& queue : queues) {
        queue->state_->rest.unbind();
    }
    steering.remove();
    if (is_pci_address(options.device)) {
        for (const auto& queue : queues) {
            empty_ring(device.port_id, queue->state_->queue_id, device.rx_descriptors);
        }
    }
    const auto before = since_opened();
    rte_eth_dev_stop(device.port_id);
    const auto counts = detail::at_stop(before, since_opened());
    past = detail::sum(past, detail::settled(counts, frames_polled() - polled_before));
    is_open = false;
}

void Port::State::announce() {
    RxQueue::State& queue = *queues.front()->state_;
    for (const auto& frame : announcements(own)) {
        queue.tell(frame);
    }
    queue.announcer.ask();
}

// Twice, as one may be lost. A NIC that is stopped forgets what it has not sent yet.
void Port::State::leave_groups() {
    constexpr std::chrono::milliseconds to_send(10);
    const auto frames = farewells(own);
    for (int round = 0; round < 2 && !frames.empty(); ++round) {
        for (const auto& frame : frames) {
            queues.front()->state_->tell(frame);
        }
        std::this_thread::sleep_for(to_send);
    }
}

// A device that knows no reset is stopped and started; one that does has forgotten everything.
bool Port::State::reopen() {
    try {
        if (is_open) {
            close();
        }
        const int reset = rte_eth_dev_reset(device.port_id);
        if (reset != 0 && reset != -ENOTSUP) {
            return false;
        }
        if (reset == 0) {
            device.interrupts = detail::configure_device(device.port_id, options).interrupts;
            set_up_queues();
        }
        open();
        return true;
    } catch (const StartupError&) {
        return false;
    }
}

bool Port::State::pause_workers() {
    for (const auto& queue : queues) {
        queue->state_->pause.ask();
    }
    return std::ranges::all_of(
        queues, [](const auto& queue) { return queue->state_->pause.wait(pause_patience); });
}

void Port::State::resume_workers() noexcept {
    for (const auto& queue : queues) {
        queue->state_->pause.end();
    }
}

bool Port::State::restart() {
    const bool paused = pause_workers();
    bool done = false;
    if (paused) {
        const NetworkNamespace scope(home);
        const std::scoped_lock lock(mutex);
        done = reopen();
        if (done) {
            ++seen.restarts;
            announce();
        }
    }
    if (done || !paused) {
        resume_workers();
    }
    return done;
}

bool Port::State::release() {
    if (!pause_workers()) {
        resume_workers();
        return false;
    }
    const std::scoped_lock lock(mutex);
    if (is_open) {
        close();
    }
    events.ignore();
    rte_eth_dev_info info{};
    rte_eth_dev_info_get(device.port_id, &info);
    rte_eth_dev_close(device.port_id);
    if (info.device != nullptr) {
        rte_dev_remove(info.device);
    }
    is_released = true;
    return true;
}

bool Port::State::link_up() const {
    if (is_removed()) {
        return false;
    }
    if (const auto carrier = interface.carrier()) {
        return *carrier;
    }
    rte_eth_link link{};
    return rte_eth_link_get_nowait(device.port_id, &link) == 0 &&
           link.link_status == RTE_ETH_LINK_UP;
}

std::uint64_t Port::State::frames_polled() const noexcept {
    std::uint64_t polled = 0;
    for (const auto& queue : queues) {
        polled += queue->state_->frames_polled.load(std::memory_order_relaxed);
    }
    return polled;
}

detail::DeviceCounts Port::State::since_opened() const noexcept {
    return detail::since(opened, detail::read_counts(device.port_id));
}

PortCounters Port::State::total() const {
    const auto all = is_open ? detail::sum(past, since_opened()) : past;
    PortCounters result;
    result.received = all.received;
    result.missed = all.missed + dropped_by_kernel() - kernel_drops_before;
    result.errors = all.errors;
    result.no_buffer = all.no_buffer;
    result.left_at_stop = all.left_at_stop;
    for (const auto& queue : queues) {
        result.fragments += queue->state_->reassembly->counters();
    }
    if (exceptions != nullptr) {
        result.exceptions = exceptions->counters();
    }
    return result;
}

}  // namespace roda::dpdk
