// SPDX-License-Identifier: Apache-2.0
#include "dpdk/port.hpp"

#include <rte_ethdev.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <mutex>

#include "dpdk/device/port_state.hpp"
#include "dpdk/neighbour/neighbour.hpp"
#include "pipeline/base/error.hpp"

namespace roda::dpdk {

namespace {

void check_buffers(const PortOptions& options, const detail::Device& device) {
    const std::uint64_t least =
        std::uint64_t{detail::buffers_to_receive(device.rx_descriptors)} + options.recorder_frames;
    if (options.buffers < least) {
        const std::string recorder =
            " and " + std::to_string(options.recorder_frames) + " frames of the flight recorder";
        throw StartupError(std::to_string(options.buffers) + " buffers are too few for " +
                               std::to_string(device.rx_descriptors) + " descriptors" +
                               (options.recorder_frames != 0 ? recorder : ""),
                           options.device,
                           "port.buffers: at least " + std::to_string(least));
    }
}

}  // namespace

Port::Port(const Eal& eal, const PortOptions& options)
    : state_(std::make_unique<State>(eal, options)) {
    State& state = *state_;
    check_buffers(options, state.device);
    rte_ether_addr address{};
    rte_eth_macaddr_get(state.device.port_id, &address);
    MacAddress mac{};
    std::copy(std::begin(address.addr_bytes), std::end(address.addr_bytes), mac.begin());
    state.own = link_identity(mac, options.addresses, options.groups);
    state.make_exception_interface();
    for (std::uint16_t i = 0; i < options.queues; ++i) {
        state.queues.push_back(state.make_queue(i));
    }
    state.queues.front()->state_->announcer.set(announcements(state.own));
    state.set_up_queues();
}

Port::~Port() = default;

void Port::start() {
    State& state = *state_;
    const std::scoped_lock lock(state.mutex);
    if (state.started) {
        return;
    }
    state.kernel_drops_before = state.dropped_by_kernel();
    state.past = {};
    state.counters = {};
    state.open();
    state.started = true;
    state.link_was_up = state.link_up();
    state.announce();
}

void Port::stop() {
    State& state = *state_;
    const std::scoped_lock lock(state.mutex);
    if (!state.started) {
        return;
    }
    // Before as well as after: some versions of af_packet close the sockets that count its drops.
    state.dropped_by_kernel();
    if (state.is_open) {
        state.leave_groups();
        state.close();
    }
    state.counters = state.total();
    state.started = false;
}

void Port::tend() {
    State& state = *state_;
    if (!state.started) {
        return;
    }
    const bool removed = state.is_removed();
    {
        const std::scoped_lock lock(state.mutex);
        const bool up = state.link_up();
        state.seen.link_changes += up != state.link_was_up ? 1 : 0;
        state.seen.removed = removed;
        if (up && !state.link_was_up) {
            state.queues.front()->state_->announcer.ask();
        }
        state.link_was_up = up;
    }
    if (state.events.is_removed() && !state.is_released) {
        state.release();
    }
    if (!removed && (state.events.wants_reset() || !state.is_open)) {
        state.events.reset_done();  // before: a wish that comes meanwhile is another one
        if (!restart()) {
            state.events.ask_again();
        }
    }
}

bool Port::restart() {
    return state_->started && state_->restart();
}

PortEvents Port::events() const {
    const std::scoped_lock lock(state_->mutex);
    return state_->seen;
}

std::size_t Port::queues() const noexcept {
    return state_->queues.size();
}

RxQueue& Port::rx_queue(std::size_t position) noexcept {
    return *state_->queues[position];
}

std::vector<std::string> Port::notes() const {
    const State& state = *state_;
    const std::scoped_lock lock(state.mutex);
    auto notes = state.device.notes;
    if (!state.has_interrupts) {
        notes.push_back(state.device.driver +
                        " has no receive interrupts: an idle worker looks every 0.7 ms");
    }
    if (!state.no_steering.empty()) {
        notes.push_back(state.device.driver + " takes no flow rule for UDP port " +
                        std::to_string(state.options.ingest_port) + " (" + state.no_steering +
                        "): every frame comes to the queues and is judged there");
    }
    if (state.no_groups) {
        notes.push_back(*state.no_groups);
    }
    return notes;
}

PortCounters Port::counters() const {
    const std::scoped_lock lock(state_->mutex);
    return state_->started ? state_->total() : state_->counters;
}

std::vector<std::pair<std::string, std::uint64_t>> Port::xstats() const {
    const std::scoped_lock lock(state_->mutex);
    const auto port_id = state_->device.port_id;
    const int count = state_->is_released ? 0 : rte_eth_xstats_get_names(port_id, nullptr, 0);
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
    AnswerCounters answers;
    for (const auto& queue : state_->queues) {
        const auto some = queue->answers();
        answers.sent += some.sent;
        answers.limited += some.limited;
        answers.lost += some.lost;
    }
    xstats.emplace_back("roda_answers_sent", answers.sent);
    xstats.emplace_back("roda_answers_limited", answers.limited);
    xstats.emplace_back("roda_answers_lost", answers.lost);
    return xstats;
}

bool Port::link_up() const {
    const std::scoped_lock lock(state_->mutex);
    return state_->link_up();
}

RecordingResult Port::write_recording(const std::string& path, const std::string& comment) {
    constexpr std::chrono::seconds patience(1);
    std::vector<FrameRecorder*> recorders;
    for (const auto& queue : state_->queues) {
        if (queue->state_->recorder != nullptr) {
            recorders.push_back(queue->state_->recorder.get());
        }
    }
    return dpdk::write_recording(recorders, path, comment, patience);
}

std::uint64_t Port::frames_recorded() const noexcept {
    std::uint64_t frames = 0;
    for (const auto& queue : state_->queues) {
        frames += queue->state_->recorder == nullptr ? 0 : queue->state_->recorder->frames();
    }
    return frames;
}

const std::string& Port::driver() const noexcept {
    return state_->device.driver;
}

const MacAddress& Port::mac() const noexcept {
    return state_->own.mac;
}

const std::string& Port::checksum_policy() const noexcept {
    return state_->checksum;
}

}  // namespace roda::dpdk
