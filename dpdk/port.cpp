// SPDX-License-Identifier: Apache-2.0
#include "dpdk/port.hpp"

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include <algorithm>
#include <iterator>
#include <mutex>
#include <span>

#include "dpdk/detail_checksum.hpp"
#include "dpdk/detail_device.hpp"
#include "dpdk/detail_kernel_drops.hpp"
#include "dpdk/detail_log_capture.hpp"
#include "dpdk/detail_pool.hpp"
#include "dpdk/detail_rx_queue.hpp"
#include "dpdk/eal.hpp"
#include "dpdk/neighbour.hpp"
#include "pipeline/base/error.hpp"

namespace roda::dpdk {

namespace {

PortCounters read_counters(std::uint16_t port_id) {
    rte_eth_stats stats{};
    if (rte_eth_stats_get(port_id, &stats) != 0) {
        return {};
    }
    return {stats.ipackets, stats.imissed, stats.ierrors, stats.rx_nombuf, 0};
}

// A driver may set its counters to zero when it starts; what it counted before is gone then.
std::uint64_t since(std::uint64_t before, std::uint64_t now) noexcept {
    return now >= before ? now - before : now;
}

PortCounters since(const PortCounters& before, const PortCounters& now) noexcept {
    return {since(before.received, now.received),
            since(before.missed, now.missed),
            since(before.errors, now.errors),
            since(before.no_buffer, now.no_buffer),
            0};
}

// A device that counts fewer than were polled has set its counters to zero as it stopped.
PortCounters settled(PortCounters device, std::uint64_t polled) noexcept {
    device.left_at_stop = device.received > polled ? device.received - polled : 0;
    device.received = polled;
    return device;
}

void check_buffers(const PortOptions& options, const detail::Device& device) {
    const std::uint32_t least =
        device.rx_descriptors + 2 * static_cast<std::uint32_t>(burst_frames);
    if (options.buffers < least) {
        throw StartupError(std::to_string(options.buffers) + " buffers are too few for " +
                               std::to_string(device.rx_descriptors) + " descriptors",
                           options.device,
                           "port.buffers: at least " + std::to_string(least));
    }
}

void set_up_queues(const PortOptions& options, const detail::Device& device, rte_mempool* rx_pool) {
    detail::LogCapture log;
    const auto socket = static_cast<unsigned>(device.socket);
    int result =
        rte_eth_rx_queue_setup(device.port_id, 0, device.rx_descriptors, socket, nullptr, rx_pool);
    if (result == 0) {
        result = rte_eth_tx_queue_setup(device.port_id, 0, device.tx_descriptors, socket, nullptr);
    }
    if (result != 0) {
        detail::refuse_device(options.device,
                              "its queues cannot be set up",
                              -result,
                              log.text(),
                              "check port.rx_descriptors, port.buffers and the device's arguments");
    }
}

// Lost on a link that is not up yet: then the first ARP request finds the address anyway.
void announce(std::uint16_t port_id,
              rte_mempool* pool,
              const MacAddress& mac,
              const proto::IpAddress& address) {
    rte_mbuf* mbuf = rte_pktmbuf_alloc(pool);
    if (mbuf == nullptr) {
        return;
    }
    const std::span<std::byte> room(rte_pktmbuf_mtod(mbuf, std::byte*), rte_pktmbuf_tailroom(mbuf));
    const auto length = announce_address(mac, address, room);
    mbuf->data_len = static_cast<std::uint16_t>(length);
    mbuf->pkt_len = static_cast<std::uint32_t>(length);
    if (length == 0 || rte_eth_tx_burst(port_id, 0, &mbuf, 1) == 0) {
        rte_pktmbuf_free(mbuf);
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

struct Port::State {
    State(const Eal& eal, const PortOptions& options)
        : device(detail::configure_device(detail::find_device(eal, options.device), options)),
          name(options.device),
          checksum(detail::checksum_name(device.checksum)),
          kernel_drops(
              detail::kernel_drops_of(device.driver, options.device, device.interface_index)) {}

    // The device gives its buffers back before the members go: the queue, then the pools.
    ~State() {
        if (started) {
            rte_eth_dev_stop(device.port_id);
        }
        rte_eth_dev_close(device.port_id);
    }

    State(const State&) = delete;
    State& operator=(const State&) = delete;

    std::uint64_t dropped_by_kernel() const noexcept {
        return kernel_drops == nullptr ? 0 : kernel_drops->total();
    }

    std::uint64_t frames_polled() const noexcept {
        return queue->state_->frames_polled.load(std::memory_order_relaxed);
    }

    PortCounters since_start() const {
        PortCounters now = since(baseline, read_counters(device.port_id));
        now.missed += dropped_by_kernel() - kernel_drops_baseline;
        return now;
    }

    const detail::Device device;
    const std::string name;
    const std::string checksum;
    const std::unique_ptr<detail::KernelDrops> kernel_drops;  // read under the mutex
    MacAddress mac{};
    std::vector<proto::IpAddress> addresses;
    detail::Pool rx_pool;
    detail::Pool answer_pool;
    std::unique_ptr<RxQueue> queue;

    // Between the main thread, which starts and stops, and the one that reads counters.
    mutable std::mutex mutex;
    bool started = false;
    PortCounters baseline;
    std::uint64_t kernel_drops_baseline = 0;
    std::uint64_t polled_baseline = 0;
    PortCounters counters;  // up to the last stop()
};

Port::Port(const Eal& eal, const PortOptions& options)
    : state_(std::make_unique<State>(eal, options)) {
    State& state = *state_;
    const detail::Device& device = state.device;
    check_buffers(options, device);

    rte_ether_addr mac{};
    rte_eth_macaddr_get(device.port_id, &mac);
    std::copy(std::begin(mac.addr_bytes), std::end(mac.addr_bytes), state.mac.begin());
    state.addresses = options.addresses;

    const std::string id = std::to_string(device.port_id);
    const auto frame_bytes = detail::frame_bytes_for(options.mtu);
    state.rx_pool =
        detail::make_pool({"roda_rx_" + id, options.buffers, frame_bytes, device.socket});
    state.answer_pool = detail::make_pool(
        {"roda_answer_" + id, 2u * device.tx_descriptors, frame_bytes, device.socket});
    set_up_queues(options, device, state.rx_pool.get());

    auto queue = std::make_unique<RxQueue::State>();
    const auto capture_time = find_capture_time(device.driver);
    queue->port_id = device.port_id;
    queue->checksum = device.checksum;
    queue->capture_time_flag = capture_time.flag;
    queue->capture_time_offset = capture_time.offset;
    queue->answer_pool = state.answer_pool.get();
    queue->mac = state.mac;
    queue->addresses = options.addresses;
    state.queue.reset(new RxQueue(std::move(queue)));
}

Port::~Port() = default;

void Port::start() {
    State& state = *state_;
    const std::scoped_lock lock(state.mutex);
    if (state.started) {
        return;
    }
    state.baseline = read_counters(state.device.port_id);
    state.kernel_drops_baseline = state.dropped_by_kernel();
    state.polled_baseline = state.frames_polled();
    state.counters = {};
    detail::LogCapture log;
    const int result = rte_eth_dev_start(state.device.port_id);
    if (result != 0) {
        detail::refuse_device(state.name,
                              "does not start",
                              -result,
                              log.text(),
                              "is another program using the device?");
    }
    state.started = true;
    for (const auto& address : state.addresses) {
        announce(state.device.port_id, state.answer_pool.get(), state.mac, address);
    }
}

void Port::stop() {
    State& state = *state_;
    const std::scoped_lock lock(state.mutex);
    if (!state.started) {
        return;
    }
    // Before as well as after: some versions of af_packet close the sockets that count its drops.
    state.dropped_by_kernel();
    rte_eth_dev_stop(state.device.port_id);
    state.counters = settled(state.since_start(), state.frames_polled() - state.polled_baseline);
    state.started = false;
}

RxQueue& Port::rx_queue() noexcept {
    return *state_->queue;
}

PortCounters Port::counters() const {
    const std::scoped_lock lock(state_->mutex);
    return state_->started ? state_->since_start() : state_->counters;
}

std::vector<std::pair<std::string, std::uint64_t>> Port::xstats() const {
    const std::scoped_lock lock(state_->mutex);
    const auto port_id = state_->device.port_id;
    const int count = rte_eth_xstats_get_names(port_id, nullptr, 0);
    if (count <= 0) {
        return {};
    }
    std::vector<rte_eth_xstat_name> names(static_cast<std::size_t>(count));
    std::vector<rte_eth_xstat> values(names.size());
    const auto capacity = static_cast<unsigned>(count);
    if (rte_eth_xstats_get_names(port_id, names.data(), capacity) != count ||
        rte_eth_xstats_get(port_id, values.data(), capacity) != count) {
        return {};
    }
    std::vector<std::pair<std::string, std::uint64_t>> xstats;
    xstats.reserve(values.size());
    for (const auto& value : values) {
        xstats.emplace_back(names.at(value.id).name, value.value);
    }
    return xstats;
}

bool Port::link_up() const {
    const std::scoped_lock lock(state_->mutex);
    rte_eth_link link{};
    return rte_eth_link_get_nowait(state_->device.port_id, &link) == 0 &&
           link.link_status == RTE_ETH_LINK_UP;
}

const std::string& Port::driver() const noexcept {
    return state_->device.driver;
}

const MacAddress& Port::mac() const noexcept {
    return state_->mac;
}

const std::string& Port::checksum_policy() const noexcept {
    return state_->checksum;
}

}  // namespace roda::dpdk
