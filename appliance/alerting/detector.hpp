// SPDX-License-Identifier: Apache-2.0
// Readings in the journal -> alerts in the lane: the second half of a shard's turn.
#pragma once

#include <cstdint>

#include "appliance/alerting/alert_writer.hpp"
#include "appliance/alerting/detection.hpp"
#include "appliance/ingest/arrival.hpp"
#include "appliance/ingest/ledger.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/store/snapshot_cell.hpp"

namespace roda::appliance {

/// What the detection worker counts; read whole by other threads.
struct DetectStatus {
    DetectLedger ledger;
    AlertCounts alerts;
};

/// Whether alert records say when they were written; a replay leaves it out to be repeatable.
enum class EmitClock : std::uint8_t { wall, none };

/// Thread: one worker. Cost: no allocation, no lock; a clock read for each alert only.
class Detector {
  public:
    /// The most alerts that one step() can write to the lane, for each rule.
    static constexpr std::size_t burst_records = 2048;

    Detector(const Config& config,
             ReadingJournal& readings,
             ArrivalJournal& arrivals,
             AlertLane& lane,
             EmitClock emit_clock);

    /// Runs one burst of readings to its end. Returns the readings taken.
    std::size_t step() noexcept;

    /// As of the last burst. Thread: any.
    DetectStatus status() const noexcept { return published_.read(); }

  private:
    ReadingOrigin origin_of(const proto::Reading& reading, std::uint64_t sequence) noexcept;
    void release_arrivals(std::uint64_t done) noexcept;
    void publish_status() noexcept;

    ReadingJournal::Reader readings_;
    ArrivalJournal::Reader arrivals_;
    AlertWriter writer_;
    EmitClock emit_clock_;
    std::uint64_t non_finite_ = 0;
    std::uint64_t taken_ = 0;
    Detection detection_;
    SnapshotCell<DetectStatus> published_;
};

}  // namespace roda::appliance
