// SPDX-License-Identifier: Apache-2.0
// One function per group of families, in the order of the way of a reading.
#include "appliance/exporter/metrics.hpp"

#include <string>
#include <utility>

#include "appliance/exporter/alert_metrics.hpp"
#include "appliance/exporter/families.hpp"
#include "appliance/version.hpp"

namespace roda::appliance {

namespace {

void add_process(Families& to, const Status& status) {
    to.gauge("roda_build_info", "The running version; the value is always 1.")
        .sample(true, {{"version", std::string(version)}});
    to.gauge("roda_ready", "Whether the port receives and all workers run.").sample(status.ready);
    to.gauge("roda_start_timestamp_seconds", "When the process started, in Unix time.")
        .sample(seconds(status.started_ns));
    to.gauge("roda_memory_info",
             "The pages that frames and journals lie on; the value is always 1.")
        .sample(true, {{"pages", status.memory}});
    to.gauge("roda_device_info",
             "The port's device as configured and the driver it got; the value is always 1.")
        .sample(true, {{"device", status.device}, {"driver", status.driver}});
}

void add_port(Families& to, const Status& status) {
    const dpdk::PortCounters& port = status.ledger.port;
    to.counter("roda_port_frames_total",
               "Frames at the port: received, missed for a full queue, damaged on the wire "
               "(error), or dropped for want of a buffer (no_buffer).")
        .sample(port.received, {{"outcome", "received"}})
        .sample(port.missed, {{"outcome", "missed"}})
        .sample(port.errors, {{"outcome", "error"}})
        .sample(port.no_buffer, {{"outcome", "no_buffer"}});
    to.counter("roda_fragments_dropped_total",
               "Fragments that did not become part of a datagram, by reason.")
        .reasons(dpdk::fragment_drop_names, port.fragments.dropped);
    to.gauge("roda_fragments_waiting", "Fragments that wait for the rest of their datagram.")
        .sample(port.fragments.waiting);
    to.counter("roda_exception_frames_total",
               "Frames to the kernel's exception interface (to_kernel): passed, dropped for want "
               "of room, or rejected by it; and its own (from_kernel): sent out of the port, or "
               "not.")
        .sample(port.exceptions.delivered, {{"direction", "to_kernel"}, {"outcome", "passed"}})
        .sample(port.exceptions.no_room, {{"direction", "to_kernel"}, {"outcome", "no_room"}})
        .sample(port.exceptions.rejected, {{"direction", "to_kernel"}, {"outcome", "rejected"}})
        .sample(port.exceptions.sent, {{"direction", "from_kernel"}, {"outcome", "passed"}})
        .sample(port.exceptions.unsent, {{"direction", "from_kernel"}, {"outcome", "rejected"}});
    to.gauge("roda_port_link_up", "Whether the port's device sees a carrier.")
        .sample(status.link_up);
    to.counter("roda_port_link_changes_total",
               "Times that the carrier went or came, as seen ten times a second.")
        .sample(status.port_events.link_changes);
    to.counter("roda_port_restarts_total",
               "Times that the port was restarted because its device asked to be reset.")
        .sample(status.port_events.restarts);
    to.gauge("roda_port_removed",
             "Whether the port's device is gone: unplugged, or its interface deleted. It does not "
             "come back in this process.")
        .sample(status.port_events.removed);
    Family xstats = to.gauge("roda_port_xstat",
                             "Extended statistics of the port's driver, each under the driver's "
                             "own name and in its own unit.");
    for (const auto& [name, value] : status.xstats) {
        xstats.sample(value, {{"name", name}});
    }
}

void add_recorder(Families& to, const RecorderCounters& recorder) {
    to.gauge("roda_recorder_frames", "Frames that the flight recorder keeps now.")
        .sample(recorder.frames);
    to.counter("roda_recorder_dumps_total",
               "Files that the flight recorder wrote: because a rule fired, or on request.")
        .sample(recorder.by_rule, {{"cause", "rule"}})
        .sample(recorder.by_request, {{"cause", "request"}});
    to.counter("roda_recorder_dumps_failed_total", "Files that it could not write.")
        .sample(recorder.failed);
    to.counter("roda_recorder_alerts_skipped_total",
               "Alerts of rules that record without a file of their own, because another rule's "
               "was less than recorder.quiet_seconds old.")
        .sample(recorder.skipped);
}

void add_frames(Families& to, const IngestLedger& ingest) {
    to.counter("roda_frames_total", "Ethernet frames that ingest took from the port.")
        .sample(ingest.frames_received);
    to.counter("roda_frames_reassembled_total",
               "Frames put together from fragments, judged like those from the port.")
        .sample(ingest.frames_reassembled);
    to.counter("roda_frames_neighbour_total",
               "Frames with a question to this host: ARP, neighbour discovery, ping, group "
               "queries; answered where there is something to answer.")
        .sample(ingest.frames_neighbour);
    to.counter("roda_frames_diverted_total",
               "Frames that are no telemetry, handed to the kernel's exception interface.")
        .sample(ingest.frames_diverted);
    to.counter("roda_frames_fragment_total",
               "Fragments of datagrams to this host, taken to be put together.")
        .sample(ingest.frames_fragment);
    to.counter("roda_frames_refused_total",
               "Frames that are no telemetry for this host, by reason.")
        .reasons(proto::frame_refusal_names, ingest.frames_refused);
}

void add_datagrams(Families& to, const IngestLedger& ingest) {
    to.counter("roda_datagrams_total", "UDP datagrams that came to the ingest port.")
        .sample(ingest.datagrams_received);
    to.counter("roda_datagrams_accepted_total", "Datagrams whose readings were taken in.")
        .sample(ingest.datagrams_accepted);
    to.counter("roda_datagrams_refused_total",
               "Datagrams whose readings were not taken in, by reason.")
        .reasons(proto::datagram_refusal_names, ingest.datagrams_malformed)
        .reasons(admission_refusal_names, ingest.datagrams_not_admitted);
    to.gauge("roda_datagrams_lost",
             "Sequence numbers that never came, of all devices since the start; a late arrival "
             "takes its own back, so this may go down.")
        .sample(ingest.datagrams_lost);
    to.counter("roda_datagrams_reordered_total", "Datagrams that came out of order, and not twice.")
        .sample(ingest.datagrams_reordered);
    to.counter("roda_datagrams_untracked_total",
               "Datagrams without a sequence number, or from a device beyond "
               "ingest.max_devices.")
        .sample(ingest.datagrams_untracked);
    to.counter("roda_ingest_bytes_total",
               "UDP payload of all datagrams that came to the ingest port.")
        .sample(ingest.bytes_received);
}

void add_readings(Families& to, const Ledger& ledger) {
    to.counter("roda_readings_total", "Readings of all accepted datagrams.")
        .sample(ledger.ingest.readings_received);
    to.counter("roda_readings_accepted_total", "Readings that the rules have judged.")
        .sample(ledger.detect.readings_accepted);
    to.counter("roda_readings_refused_total", "Readings that do not reach the rules, by reason.")
        .reasons(reading_refusal_names, ledger.detect.readings_refused);
    to.gauge("roda_sensors", "Sensors whose state is kept.").sample(ledger.detect.sensors);
    to.gauge("roda_ledger_balanced",
             "Whether received equals accepted plus refused for frames and datagrams, and neither "
             "ingest nor detection has counted more than came to it; what is in flight between "
             "port, ingest and detection is allowed for.")
        .sample(ledger.balanced_so_far());
}

void add_workers(Families& to, const Status& status) {
    to.counter("roda_worker_busy_steps_total", "Turns of the workers' loops that found work.")
        .sample(status.busy_steps);
    to.counter("roda_worker_idle_steps_total", "Turns of the workers' loops that found none.")
        .sample(status.idle_steps);
    to.gauge("roda_worker_step_seconds_max", "The longest turn of a worker's loop so far.")
        .sample(seconds(status.step_max_ns));
}

/// One sample for each shard, labelled with its number.
void per_shard(Family to, const Status& status, std::uint64_t ShardStatus::*figure) {
    for (std::size_t shard = 0; shard < status.shards.size(); ++shard) {
        to.sample(status.shards[shard].*figure, {{"shard", std::to_string(shard)}});
    }
}

void add_shards(Families& to, const Status& status) {
    per_shard(to.counter("roda_shard_frames_total", "Frames that came from the shard's queue."),
              status,
              &ShardStatus::frames);
    per_shard(to.counter("roda_shard_readings_total",
                         "Readings that came to the shard's rules, from any queue."),
              status,
              &ShardStatus::readings);
    per_shard(to.gauge("roda_shard_sensors", "Sensors whose state the shard keeps."),
              status,
              &ShardStatus::sensors);
    per_shard(to.counter("roda_shard_waits_for_room_total",
                         "Times that a full reading journal kept the shard's queue from being "
                         "polled: some shard judges too slowly."),
              status,
              &ShardStatus::waits_for_room);
    per_shard(
        to.counter("roda_shard_busy_steps_total", "Turns of the shard's workers that found work."),
        status,
        &ShardStatus::busy_steps);
    per_shard(
        to.counter("roda_shard_idle_steps_total", "Turns of the shard's workers that found none."),
        status,
        &ShardStatus::idle_steps);
    per_shard(to.gauge("roda_shard_rests_by_interrupt",
                       "Whether the shard's idle worker sleeps until its queue's receive "
                       "interrupt; otherwise it naps for at most 0.7 ms at a time."),
              status,
              &ShardStatus::rests_by_interrupt);
}

}  // namespace

Metrics::Metrics(const Config& config, StatusSource status, AlertFollower follow_alerts)
    : status_(std::move(status)),
      follow_alerts_(std::move(follow_alerts)),
      active_(config.metrics.active_series) {}

std::vector<prometheus::MetricFamily> Metrics::Collect() const {
    const std::lock_guard lock(mutex_);
    const std::uint64_t missed = follow_alerts_(active_);
    const Status status = status_();

    Families families;
    add_process(families, status);
    add_port(families, status);
    add_recorder(families, status.recorder);
    add_frames(families, status.ledger.ingest);
    add_datagrams(families, status.ledger.ingest);
    add_readings(families, status.ledger);
    add_rule_metrics(families, status);
    add_alert_metrics(families, status, active_.collect(), missed);
    add_workers(families, status);
    add_shards(families, status);
    return families.take();
}

ActiveAlerts::Scrape Metrics::active_alerts() const {
    const std::lock_guard lock(mutex_);
    follow_alerts_(active_);
    return active_.look();
}

Status Metrics::status() const {
    const std::lock_guard lock(mutex_);
    return status_();
}

}  // namespace roda::appliance
