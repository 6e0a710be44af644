// SPDX-License-Identifier: Apache-2.0
// What the exporter asks the running appliance for at each scrape.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "appliance/alerting/alert_record.hpp"
#include "appliance/ingest/ledger.hpp"
#include "appliance/recorder/recorder_counters.hpp"

namespace roda::appliance {

/// What one shard counts: where the work went when the sums do not tell.
struct ShardStatus {
    std::uint64_t frames = 0;          // polled from its queue
    std::uint64_t readings = 0;        // that came to its rules
    std::uint64_t sensors = 0;         // whose state it keeps
    std::uint64_t waits_for_room = 0;  // times that full journals kept its queue from being polled
    std::uint64_t busy_steps = 0;      // turns of its workers
    std::uint64_t idle_steps = 0;
    std::uint64_t rests_by_interrupt = 0;  // 1: it sleeps until its queue rings; 0: it naps
};

/// One reading of everything that the appliance counts.
///
/// Order: filled against the way of a reading: detection first, then ingest, the port last. So a
/// counter nearer to the wire is never behind one further from it (Ledger::balanced_so_far).
struct Status {
    bool ready = false;  // the port receives, its device is there and the workers run
    Ledger ledger;
    std::vector<ShardStatus> shards;
    std::vector<std::array<std::uint64_t, transition_count>> alerts_by_rule;  // config order
    std::vector<std::pair<std::string, std::uint64_t>> xstats;
    bool link_up = false;
    RecorderCounters recorder;
    dpdk::PortEvents port_events;
    std::vector<std::string> port_notes;  // what the driver lacks, and what is done without
    std::string device;                   // as configured
    std::string driver;                   // net_tap, net_e1000_igb, ...
    std::string memory;                   // "2 MiB hugepages", "4 KiB pages"
    std::uint64_t started_ns = 0;         // Unix time
    std::uint64_t busy_steps = 0;         // turns of the workers' loops that found work
    std::uint64_t idle_steps = 0;
    std::uint64_t step_max_ns = 0;  // the longest turn so far
};

/// Alerts of one rule that have fired and not resolved.
inline std::uint64_t firing_now(const std::array<std::uint64_t, transition_count>& alerts) {
    const std::uint64_t fired = alerts[static_cast<std::size_t>(Transition::firing)];
    const std::uint64_t resolved = alerts[static_cast<std::size_t>(Transition::resolved)];
    return fired > resolved ? fired - resolved : 0;
}

/// Thread: called by the web server's threads, one at a time.
using StatusSource = std::function<Status()>;

}  // namespace roda::appliance
