// SPDX-License-Identifier: Apache-2.0
// What the exporter asks the running appliance for at each scrape.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "appliance/alerting/alert_tally.hpp"
#include "appliance/ingest/ledger.hpp"
#include "appliance/recorder/recorder_counters.hpp"
#include "appliance/rules/rule_book.hpp"

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

/// The rules that are in force, and how their last reload went.
struct ReloadStatus {
    bool last_ok = true;                // the rules are those of the file as last read
    std::uint64_t last_success_ns = 0;  // Unix time; the start counts as one
    std::uint64_t total = 0;            // reloads asked for since the start
    std::uint64_t failed = 0;           // of them: the rules stayed as they were
    double seconds = 0.0;               // the last one took
    std::uint64_t rules = 0;
    std::uint64_t points = 0;  // that they came to: a limits rule has one for each level
};

/// One reading of everything that the appliance counts.
///
/// Order: filled against the way of a reading: detection first, then ingest, the port last. So a
/// counter nearer to the wire is never behind one further from it (Ledger::balanced_so_far).
struct Status {
    bool ready = false;  // the port receives, its device is there and the workers run
    Ledger ledger;
    std::vector<ShardStatus> shards;
    std::shared_ptr<const std::vector<SeriesRegistry::Series>> series;  // none: no rules yet
    std::vector<SeriesFigures> alerts;  // of the series; a shorter list ends in zeros
    ReloadStatus reload;
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

/// Thread: called by the web server's threads, one at a time.
using StatusSource = std::function<Status()>;

}  // namespace roda::appliance
