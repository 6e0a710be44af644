// SPDX-License-Identifier: Apache-2.0
// A small appliance at one moment: two rules, an inventory of two sensors, every counter with a
// value of its own.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "appliance/alarms/alert_record.hpp"
#include "appliance/config/config.hpp"
#include "appliance/exporter/status.hpp"

namespace roda::appliance {

inline Config sample_config() {
    Config config;
    config.instance = "hall-7";
    config.rules.resize(2);
    config.rules[0].name = "jump";
    config.rules[0].severity = Severity::critical;
    config.rules[0].labels = {{"building", "east"}, {"team", "night \"shift\""}};
    config.rules[0].message = "{name} is at {value} {unit}";
    config.rules[1].name = "drift";
    config.rules[1].message = "{sensor} drifts";
    config.rules[1].of = Figure::mean;
    config.rules[1].severity = Severity::info;
    config.metrics.address = "127.0.0.1";
    config.metrics.port = 0;
    config.metrics.active_series = 2;
    return config;
}

inline std::shared_ptr<const std::vector<SeriesRegistry::Series>> sample_series() {
    return std::make_shared<const std::vector<SeriesRegistry::Series>>(
        std::vector<SeriesRegistry::Series>{{"jump", Severity::critical},
                                            {"drift", Severity::info}});
}

/// The config's rules with what the inventory says of sensors 417 and 418.
inline std::shared_ptr<const RuleBook> sample_book() {
    SeriesRegistry series;
    return std::make_shared<const RuleBook>(
        sample_config().rules,
        std::make_shared<const Inventory>(Inventory::parse("id,name,unit,group,building,area\n"
                                                           "417,TI-101,\u00b0C,hall 7,west,north\n"
                                                           "418,PI-2,,,,south\n",
                                                           "inventory.csv")),
        series);
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
    status.ledger.ingest.readings_clamped = 36;
    status.ledger.detect.readings_late = 37;
    status.ledger.detect.clock_steps = 38;
    status.ledger.detect.alarms = 39;
    status.ledger.detect.alarms_refused = 40;
    status.ledger.detect.rule_sets_refused = 41;
    status.ledger.detect.points_left_out = 42;
    status.ledger.detect.windows_late = 43;
    status.ledger.detect.windows_refused = 44;
    status.series = sample_series();
    status.alerts = {{.transitions = {50, 6, 30, 4, 0, 2, 0, 0}, .pending = 14, .firing = 26},
                     {.transitions = {0, 0, 1, 0, 0, 0, 0, 0}, .firing = 1, .shelved = 5}};
    status.reload = {.last_ok = false,
                     .last_success_ns = 1'700'000'100'500'000'000,
                     .total = 7,
                     .failed = 3,
                     .seconds = 0.25,
                     .rules = 2,
                     .points = 45};
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
    record.id = sensor_id;
    record.value = 2.5;
    record.event_ns = 1'700'000'000'250'000'000;
    record.group = no_index;
    record.transition = transition;
    record.severity = Severity::warning;
    return record;
}

}  // namespace roda::appliance
