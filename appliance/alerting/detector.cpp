// SPDX-License-Identifier: Apache-2.0
#include "appliance/alerting/detector.hpp"

#include "appliance/ingest/ingest.hpp"

namespace roda::appliance {
namespace {

// Looked at between two stores of the gate; those of a whole burst.
constexpr std::size_t arrivals_at_once = BurstShape::frames;

}  // namespace

Detector::Detector(const Config& config,
                   ReadingJournal& readings,
                   ArrivalJournal& arrivals,
                   AlertLane& lane,
                   EmitClock emit_clock)
    : readings_(readings.reader()),
      arrivals_(arrivals.reader()),
      writer_(lane, config.rules, config.node),
      emit_clock_(emit_clock),
      detection_(
          detection(config.pipeline, RuleSet(config.rules), non_finite_).bind<proto::Reading>()) {}

std::size_t Detector::step() noexcept {
    const std::span<const proto::Reading> burst = readings_.peek(burst_records);
    if (burst.empty()) {
        return 0;
    }
    const std::uint64_t first = readings_.get_index();
    detection_.run(burst, first, [&](const RuleChange& change, Cause cause) {
        const std::uint64_t emit_ns = emit_clock_ == EmitClock::wall ? unix_now_ns() : 0;
        writer_.write(change, origin_of(burst[cause - first], cause), emit_ns);
    });
    writer_.wake_readers();
    taken_ += burst.size();
    release_arrivals(first + burst.size());
    publish_status();
    readings_.advance(burst.size());
    return burst.size();
}

/// Causes come in the order of the readings, so the cursor over arrivals only moves forward.
ReadingOrigin Detector::origin_of(const proto::Reading& reading, std::uint64_t sequence) noexcept {
    release_arrivals(sequence);
    const std::span<const Arrival> arrival = arrivals_.peek(1);
    if (arrival.empty()) {
        return {sequence, reading.timestamp_ns, 0, 0};
    }
    return {sequence, reading.timestamp_ns, arrival[0].device_id, arrival[0].receive_ns};
}

/// Gives back the arrivals whose readings all lie below `done`.
void Detector::release_arrivals(std::uint64_t done) noexcept {
    for (;;) {
        const std::span<const Arrival> arrivals = arrivals_.peek(arrivals_at_once);
        std::size_t passed = 0;
        while (passed < arrivals.size() &&
               arrivals[passed].first_sequence + arrivals[passed].readings <= done) {
            ++passed;
        }
        if (passed == 0) {
            return;
        }
        arrivals_.advance(passed);
    }
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
