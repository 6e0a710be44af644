// SPDX-License-Identifier: Apache-2.0
// `roda send`: a gateway simulator on ordinary kernel sockets.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <thread>

#include "appliance/cli/awaited_signals.hpp"
#include "appliance/cli/commands.hpp"
#include "appliance/simulator/sender.hpp"

namespace roda::appliance {

/// Sends until done or a signal comes; the summary is the last line either way.
int run(const SendOptions& options) {
    const AwaitedSignals signals;  // before the watching thread
    std::atomic<bool> stop{false};
    std::atomic<bool> done{false};
    std::thread watch([&] {
        while (!done.load(std::memory_order_relaxed)) {
            if (signals.wait_for(std::chrono::milliseconds(50))) {
                stop.store(true, std::memory_order_relaxed);
                return;
            }
        }
    });
    SendSummary summary;
    std::exception_ptr failure;
    try {
        summary = run_gateways(options, stop);
    } catch (...) {
        failure = std::current_exception();
    }
    done.store(true, std::memory_order_relaxed);
    watch.join();
    if (failure) {
        std::rethrow_exception(failure);
    }
    std::printf("%s\n", summary.to_json().c_str());
    return exit_done;
}

}  // namespace roda::appliance
