// SPDX-License-Identifier: Apache-2.0
#include "pipeline/engine/worker.hpp"

#include <pthread.h>
#include <sched.h>
#include <exception>
#include <utility>

#include "pipeline/base/clock.hpp"
#include "pipeline/base/error.hpp"
#include "pipeline/engine/idle.hpp"

namespace roda {
namespace {

void check_core(const WorkerOptions& options) {
    if (!options.core) {
        return;
    }
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    ::sched_getaffinity(0, sizeof(allowed), &allowed);
    if (*options.core >= CPU_SETSIZE || !CPU_ISSET(*options.core, &allowed)) {
        throw StartupError(
            "core " + std::to_string(*options.core) + " is not there for this process",
            "worker " + options.name,
            "choose one of `taskset -p $$`, or leave the cores out");
    }
}

void pin(std::thread& thread, std::uint32_t core) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(core, &only);
    ::pthread_setaffinity_np(thread.native_handle(), sizeof(only), &only);
}

void add(std::atomic<std::uint64_t>& counter, std::uint64_t amount) noexcept {
    counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

}  // namespace

Worker::Worker(WorkerOptions options, Turn turn)
    : options_(std::move(options)), turn_(std::move(turn)) {
    check_core(options_);
    thread_ = std::thread([this] { loop(); });
    ::pthread_setname_np(thread_.native_handle(), options_.name.substr(0, 15).c_str());
    if (options_.core) {
        pin(thread_, *options_.core);
    }
}

Worker::~Worker() {
    order_.store(Order::stop, std::memory_order_relaxed);
    if (thread_.joinable()) {
        thread_.join();
    }
}

bool Worker::drain(std::chrono::milliseconds patience) {
    order_.store(Order::drain, std::memory_order_relaxed);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!ended_.load(std::memory_order_acquire) && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    const bool drained = ended_.load(std::memory_order_acquire);
    order_.store(Order::stop, std::memory_order_relaxed);
    if (thread_.joinable()) {
        thread_.join();
    }
    return drained;
}

WorkerCounters Worker::counters() const noexcept {
    return {busy_turns_.load(std::memory_order_relaxed),
            idle_turns_.load(std::memory_order_relaxed),
            turn_max_ns_.load(std::memory_order_relaxed)};
}

std::string Worker::failure() const {
    return failed_.load(std::memory_order_acquire) ? failure_ : std::string();
}

void Worker::loop() {
    try {
        take_turns();
    } catch (const std::exception& error) {
        failure_ = options_.name + ": " + error.what();
        failed_.store(true, std::memory_order_release);
    } catch (...) {
        failure_ = options_.name + ": unknown exception";
        failed_.store(true, std::memory_order_release);
    }
    ended_.store(true, std::memory_order_release);
}

void Worker::take_turns() {
    Idle idle;
    for (;;) {
        const Order order = order_.load(std::memory_order_relaxed);
        if (order == Order::stop) {
            return;
        }
        const std::uint64_t began_ns = monotonic_now_ns();
        if (turn_() != 0) {
            const std::uint64_t took_ns = monotonic_now_ns() - began_ns;
            if (took_ns > turn_max_ns_.load(std::memory_order_relaxed)) {
                turn_max_ns_.store(took_ns, std::memory_order_relaxed);
            }
            add(busy_turns_, 1);
            idle.reset();
            continue;
        }
        add(idle_turns_, 1);
        if (order == Order::drain) {
            return;
        }
        idle.wait();
    }
}

}  // namespace roda
