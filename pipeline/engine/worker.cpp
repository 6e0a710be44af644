// SPDX-License-Identifier: Apache-2.0
#include "pipeline/engine/worker.hpp"

#include <pthread.h>
#include <exception>
#include <utility>

#include "pipeline/base/check.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/base/error.hpp"
#include "pipeline/engine/placement.hpp"

namespace roda {
namespace {

void add(std::atomic<std::uint64_t>& counter, std::uint64_t amount) noexcept {
    counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

}  // namespace

Worker::Worker(WorkerOptions options, Turn turn)
    : options_(std::move(options)), turn_(std::move(turn)) {}

Worker::~Worker() {
    give(Order::stop);
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Worker::start() {
    check(!thread_.joinable(), "a worker starts once");
    thread_ = std::thread([this] { loop(); });
    if (options_.core && !pin_thread(thread_.native_handle(), *options_.core)) {
        give(Order::stop);
        thread_.join();
        throw StartupError("the kernel refuses core " + std::to_string(*options_.core),
                           "worker " + options_.name,
                           "a cpuset or a container's limits: see `taskset -p`");
    }
    give(Order::run);
}

void Worker::give(Order order) noexcept {
    order_.store(order, std::memory_order_relaxed);
    order_.notify_one();
    ring();
}

bool Worker::drain(std::chrono::milliseconds patience) {
    if (!thread_.joinable()) {
        return true;
    }
    give(Order::drain);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!ended_.load(std::memory_order_acquire) && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    const bool drained = ended_.load(std::memory_order_acquire);
    give(Order::stop);
    thread_.join();
    return drained;
}

WorkerCounters Worker::counters() const noexcept {
    return {busy_turns_.load(std::memory_order_relaxed),
            idle_turns_.load(std::memory_order_relaxed),
            parks_.load(std::memory_order_relaxed),
            turn_max_ns_.load(std::memory_order_relaxed),
            stalls_.load(std::memory_order_relaxed)};
}

std::uint64_t Worker::in_turn_ns() const noexcept {
    const std::uint64_t began_ns = turn_began_ns_.load(std::memory_order_relaxed);
    const std::uint64_t now_ns = monotonic_now_ns();
    return began_ns == 0 || now_ns < began_ns ? 0 : now_ns - began_ns;
}

std::string Worker::failure() const {
    return failed_.load(std::memory_order_acquire) ? failure_ : std::string();
}

void Worker::loop() {
    ::pthread_setname_np(::pthread_self(), options_.name.substr(0, 15).c_str());
    order_.wait(Order::hold, std::memory_order_relaxed);
    try {
        take_turns();
    } catch (const std::exception& error) {
        failure_ = options_.name + ": " + error.what();
        failed_.store(true, std::memory_order_release);
    } catch (...) {
        failure_ = options_.name + ": unknown exception";
        failed_.store(true, std::memory_order_release);
    }
    time_last_turn(monotonic_now_ns());
    turn_began_ns_.store(0, std::memory_order_relaxed);
    ended_.store(true, std::memory_order_release);
}

void Worker::take_turns() {
    Idle idle;
    for (;;) {
        const Order order = order_.load(std::memory_order_relaxed);
        if (order == Order::stop) {
            return;
        }
        if (take_turn()) {
            idle.reset();
            continue;
        }
        if (order == Order::drain) {
            return;
        }
        if (!idle.spin()) {
            rest(idle, order);
        }
    }
}

/// One look at the clock: the beginning of a turn is the end of the one before it.
bool Worker::take_turn() {
    const std::uint64_t now_ns = monotonic_now_ns();
    time_last_turn(now_ns);
    turn_began_ns_.store(now_ns, std::memory_order_relaxed);
    if (turn_() != 0) {
        was_busy_ = true;
        add(busy_turns_, 1);
        return true;
    }
    turn_began_ns_.store(0, std::memory_order_relaxed);
    add(idle_turns_, 1);
    return false;
}

/// Sleeps until there is something to do, or an order, or the bell's patience is over.
void Worker::rest(Idle& idle, Order order) {
    if (options_.bell == nullptr) {
        if (options_.rest) {
            options_.rest();
        } else {
            Idle::nap();
        }
        return;
    }
    add(parks_, 1);
    options_.bell->wait([&] {
        if (order_.load(std::memory_order_relaxed) != order) {
            return true;
        }
        if (!take_turn()) {
            return false;
        }
        idle.reset();
        return true;
    });
}

void Worker::time_last_turn(std::uint64_t now_ns) noexcept {
    if (!was_busy_) {
        return;
    }
    was_busy_ = false;
    const std::uint64_t took_ns = now_ns - turn_began_ns_.load(std::memory_order_relaxed);
    if (took_ns > turn_max_ns_.load(std::memory_order_relaxed)) {
        turn_max_ns_.store(took_ns, std::memory_order_relaxed);
    }
    if (options_.stall_ns != 0 && took_ns > options_.stall_ns) {
        add(stalls_, 1);
    }
}

}  // namespace roda
