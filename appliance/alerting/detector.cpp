// SPDX-License-Identifier: Apache-2.0
#include "appliance/alerting/detector.hpp"

namespace roda::appliance {
namespace {

/// Causes come in the order of the readings, as the inbox wants its sequences.
ReadingOrigin origin_of(InboxReader& inbox,
                        const proto::Reading& reading,
                        std::uint64_t sequence) noexcept {
    const DatagramOrigin datagram = inbox.origin_of(sequence);
    return {
        sequence, reading.timestamp_ns, datagram.device_id, datagram.receive_ns, inbox.queue()};
}

}  // namespace

Detector::Detector(const Config& config,
                   std::span<Inbox* const> inboxes,
                   AlertLane& lane,
                   std::uint16_t shard,
                   EmitClock emit_clock)
    : inboxes_(inboxes),
      writer_(lane, config.rules, config.node, shard),
      emit_clock_(emit_clock),
      detection_(
          detection(config.pipeline, RuleSet(config.rules), non_finite_).bind<proto::Reading>()) {}

std::size_t Detector::step() noexcept {
    InboxReader* const inbox = inboxes_.next();
    if (inbox == nullptr) {
        return 0;
    }
    const std::span<const proto::Reading> burst = inbox->peek(burst_records);
    const std::uint64_t first = inbox->sequence();
    detection_.run(burst, first, [&](const RuleChange& change, Cause cause) {
        const std::uint64_t emit_ns = emit_clock_ == EmitClock::wall ? unix_now_ns() : 0;
        writer_.write(change, origin_of(*inbox, burst[cause - first], cause), emit_ns);
    });
    writer_.wake_readers();
    taken_ += burst.size();
    publish_status();
    inbox->pass(burst.size());
    return burst.size();
}

void Detector::publish_status() noexcept {
    const OperatorCounts counts = detection_.counts();
    DetectStatus status;
    status.ledger.readings_refused = {non_finite_, counts.refused};
    status.ledger.readings_accepted = taken_ - non_finite_ - counts.refused;
    status.ledger.alerts_emitted = writer_.written();
    status.ledger.sensors = counts.keys;
    status.alerts = writer_.counts();
    published_.publish(status);
}

}  // namespace roda::appliance
