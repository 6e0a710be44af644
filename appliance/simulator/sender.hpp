// SPDX-License-Identifier: Apache-2.0
// `roda send`: plays a Plan to the network at a steady rate and says what it sent.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "appliance/simulator/send_options.hpp"

namespace roda::appliance {

/// What has left this host, exactly.
struct SendSummary {
    std::uint64_t datagrams = 0;
    std::uint64_t readings = 0;
    std::uint64_t bytes = 0;            // UDP payload
    std::uint64_t send_errors = 0;      // attempts that failed; each was repeated
    std::uint64_t alerts_expected = 0;  // transitions planted in what was sent
    double seconds = 0;                 // of the paced load
    std::string last_error = {};        // of the operating system; empty: none

    /// One JSON object on one line, keys in this order.
    std::string to_json() const;
};

/// Called about once a second from the sending thread. Empty: nobody listens.
using SendProgress = std::function<void(const SendSummary&)>;

/// Sends until options.seconds are over or `stop` is set, then the readings that end open
/// anomalies. alerts_expected holds for a Roda that has not heard of these sensors before.
///
/// Order: a gateway's datagrams leave in sequence, and a datagram that the kernel refuses is sent
/// again, so that what was sent has no gap. Thread: the caller's; `stop` from anywhere.
/// Errors: StartupError for wrong options, a target that cannot be reached, or a planted_path that
/// cannot be written. Cost: no allocation per datagram.
SendSummary run_gateways(const SendOptions& options,
                         const std::atomic<bool>& stop,
                         const SendProgress& progress = {});

}  // namespace roda::appliance
