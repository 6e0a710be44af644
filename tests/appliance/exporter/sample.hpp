// SPDX-License-Identifier: Apache-2.0
// A small appliance at one moment: two rules, every counter with a value of its own.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "appliance/alerting/alert_record.hpp"
#include "appliance/config/config.hpp"
#include "appliance/exporter/status.hpp"

namespace roda::appliance {

inline Config sample_config() {
    Config config;
    config.instance = "hall-7";
    config.rules = {
        {.name = "jump", .of = Watched::value, .ratio = 2.0, .severity = Severity::critical},
        {.name = "drift", .of = Watched::mean, .ratio = 1.25, .severity = Severity::info}};
    config.metrics.address = "127.0.0.1";
    config.metrics.port = 0;
    config.metrics.active_series = 2;
    return config;
}

inline Status sample_status() {
    Status status;
    status.ready = true;
    status.ledger.port = {.received = 1'000'070, .missed = 5, .errors = 6, .no_buffer = 7};
    status.ledger.port.fragments = {.taken = 116,
                                    .joined = 80,
                                    .waiting = 8,
                                    .datagrams = 41,
                                    .dropped = {0, 1, 2, 3, 4, 5, 6, 7}};  // 28
    status.ledger.port.exceptions = {
        .diverted = 306, .no_room = 5, .delivered = 300, .rejected = 1, .sent = 44, .unsent = 3};
    IngestLedger& ingest = status.ledger.ingest;
    ingest.frames_received = 1'000'066;
    ingest.frames_reassembled = 41;
    ingest.frames_neighbour = 600;
    ingest.frames_diverted = 300;
    ingest.frames_fragment = 116;
    ingest.frames_refused = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};  // 91
    ingest.datagrams_received = 999'000;
    ingest.datagrams_malformed = {12, 13, 14, 15};  // 54
    ingest.datagrams_not_admitted = {16, 11, 6};    // 33
    ingest.datagrams_accepted = 998'913;
    ingest.readings_received = 9'989'130;
    ingest.datagrams_lost = 18;
    ingest.datagrams_reordered = 19;
    ingest.datagrams_untracked = 20;
    ingest.bytes_received = 239'739'120;
    status.ledger.detect = {.readings_accepted = 9'989'000,
                            .readings_refused = {21, 22},
                            .alerts_emitted = 35,
                            .sensors = 4'000};
    status.alerts_by_rule = {{30, 4}, {1, 0}};
    status.shards = {{.frames = 1'000'000,
                      .readings = 9'000'000,
                      .sensors = 3'000,
                      .waits_for_room = 27,
                      .busy_steps = 14,
                      .idle_steps = 11,
                      .rests_by_interrupt = 1},
                     {.frames = 66,
                      .readings = 989'043,
                      .sensors = 1'000,
                      .waits_for_room = 28,
                      .busy_steps = 10,
                      .idle_steps = 14}};
    status.recorder = {
        .frames = 4'096, .by_rule = 31, .by_request = 32, .failed = 33, .skipped = 34};
    status.xstats = {{"rx_good_packets", 1'000'070}, {"rx_q0_errors", 23}};
    status.link_up = true;
    status.port_events = {.link_changes = 29, .restarts = 31, .removed = false};
    status.port_notes = {"net_tap has no receive interrupts: an idle worker looks <often>",
                         "net_tap spreads by itself"};
    status.device = "net_tap0,iface=roda0";
    status.driver = "net_tap";
    status.memory = "2 MiB hugepages";
    status.started_ns = 1'700'000'000'500'000'000;
    status.busy_steps = 24;
    status.idle_steps = 25;
    status.step_max_ns = 125'000'000;
    return status;
}

inline AlertRecord alert(std::string_view rule, std::uint64_t sensor_id, Transition transition) {
    AlertRecord record{};
    std::copy(rule.begin(), rule.end(), record.rule_name.begin());
    record.sensor_id = sensor_id;
    record.transition = transition;
    record.severity = Severity::warning;
    return record;
}

}  // namespace roda::appliance
