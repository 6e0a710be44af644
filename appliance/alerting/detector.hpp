// SPDX-License-Identifier: Apache-2.0
// Readings in the inboxes -> alerts in the lane: the second half of a shard's turn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "appliance/alerting/alert_writer.hpp"
#include "appliance/alerting/detection.hpp"
#include "appliance/ingest/inbox.hpp"
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

/// One state for all inboxes: a sensor may be heard of through any of them.
///
/// Thread: one worker. Cost: no allocation, no lock; a clock read for each alert only.
class Detector {
  public:
    /// The most alerts that one step() can write to the lane, for each rule.
    static constexpr std::size_t burst_records = 2048;

    Detector(const Config& config,
             std::span<Inbox* const> inboxes,
             AlertLane& lane,
             std::uint16_t shard,
             EmitClock emit_clock);

    /// Runs one burst of readings, of the inbox whose turn it is, to its end. Returns the readings
    /// taken; 0 when all inboxes are empty.
    std::size_t step() noexcept;

    /// As of the last burst. Thread: any.
    DetectStatus status() const noexcept { return published_.read(); }

  private:
    void publish_status() noexcept;

    InboxReaders inboxes_;
    AlertWriter writer_;
    EmitClock emit_clock_;
    std::uint64_t non_finite_ = 0;
    std::uint64_t taken_ = 0;
    Detection detection_;
    SnapshotCell<DetectStatus> published_;
};

}  // namespace roda::appliance
