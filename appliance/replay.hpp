// SPDX-License-Identifier: Apache-2.0
// A capture file through the same shard that serves a port: deterministic, byte for byte.
#pragma once

#include <functional>
#include <string>

#include "appliance/alarms/alert_record.hpp"
#include "appliance/config/config.hpp"
#include "appliance/ingest/ledger.hpp"

namespace roda::appliance {

/// Which way the frames take. All give the same alerts and the same ledger.
enum class ReplayVia : std::uint8_t {
    inline_,  // one thread, frames from memory
    threads,  // ingest and detection on workers of their own
    port,     // DPDK's net_pcap port and receive queue
};

struct ReplayOutcome {
    Ledger ledger;
    bool capture_cut = false;  // the file ends inside a record; all before it was replayed
};

/// Replays `capture`, handing every alert to `on_alert` in order; returns the closed ledger.
///
/// Thread: on_alert is called by one thread at a time. Errors: StartupError for an unreadable
/// capture, or when the port way does not deliver every frame.
ReplayOutcome replay(const Config& config,
                     const std::string& capture,
                     ReplayVia via,
                     const std::function<void(const AlertRecord&)>& on_alert);

}  // namespace roda::appliance
