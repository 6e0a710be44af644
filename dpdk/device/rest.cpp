// SPDX-License-Identifier: Apache-2.0
#include "dpdk/device/rest.hpp"

#include <poll.h>
#include <rte_epoll.h>
#include <rte_ethdev.h>
#include <rte_interrupts.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace roda::dpdk::detail {

namespace {

timespec as_timespec(Rest::Duration time) noexcept {
    constexpr std::int64_t second = 1'000'000'000;
    return {time.count() / second, static_cast<long>(time.count() % second)};
}

}  // namespace

Rest::~Rest() {
    if (epoll_ >= 0) {
        ::close(epoll_);
    }
}

bool Rest::bind(std::uint16_t port_id, std::uint16_t queue_id, std::mutex& port_lock) noexcept {
    unbind();
    port_id_ = port_id;
    queue_id_ = queue_id;
    port_lock_ = &port_lock;
    trust_ = {};
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) {
        return false;
    }
    if (rte_eth_dev_rx_intr_ctl_q(port_id, queue_id, epoll, RTE_INTR_EVENT_ADD, nullptr) != 0) {
        ::close(epoll);
        return false;
    }
    // A device behind a descriptor of the kernel (net_tap) rings without being armed.
    const int armed = rte_eth_dev_rx_intr_enable(port_id, queue_id);
    needs_arming_ = armed == 0;
    epoll_ = epoll;
    if (armed != 0 && armed != -ENOTSUP) {
        unbind();
        return false;
    }
    disarm();
    return true;
}

void Rest::unbind() noexcept {
    proven_.store(false, std::memory_order_relaxed);
    if (epoll_ < 0) {
        return;
    }
    rte_eth_dev_rx_intr_ctl_q(port_id_, queue_id_, epoll_, RTE_INTR_EVENT_DEL, nullptr);
    ::close(epoll_);
    epoll_ = -1;
}

void Rest::arm() noexcept {
    if (needs_arming_) {
        const std::scoped_lock lock(*port_lock_);
        rte_eth_dev_rx_intr_enable(port_id_, queue_id_);
    }
}

void Rest::disarm() noexcept {
    if (needs_arming_) {
        const std::scoped_lock lock(*port_lock_);
        rte_eth_dev_rx_intr_disable(port_id_, queue_id_);
    }
}

bool Rest::sleep() noexcept {
    pollfd interrupt{epoll_, POLLIN, 0};
    const timespec patience = as_timespec(is_proven() ? longest_sleep : next_nap());
    if (::ppoll(&interrupt, 1, &patience, nullptr) <= 0) {
        return false;
    }
    // Takes the event, so that the next one is seen; the descriptor's own count as well.
    rte_epoll_event event{};
    rte_epoll_wait(epoll_, &event, 1, 0);
    return true;
}

void Rest::learn(bool rang, bool frames) noexcept {
    trust_.learn(rang, frames);
    proven_.store(trust_.is_proven(), std::memory_order_relaxed);
    if (trust_.is_given_up()) {
        unbind();
    }
}

void Rest::nap() noexcept {
    const timespec time = as_timespec(next_nap());
    ::nanosleep(&time, nullptr);
}

Rest::Duration Rest::next_nap() noexcept {
    const Duration next = std::clamp(rested_ / 10, shortest_nap, longest_nap);
    rested_ = std::min<Duration>(rested_ + next, std::chrono::seconds(1));
    return next;
}

}  // namespace roda::dpdk::detail
