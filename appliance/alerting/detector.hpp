// SPDX-License-Identifier: Apache-2.0
// Readings in the inboxes -> alerts in the lane: the second half of a shard's turn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "appliance/alerting/alert_writer.hpp"
#include "appliance/alerting/detection.hpp"
#include "appliance/alerting/errands.hpp"
#include "appliance/alerting/judge.hpp"
#include "appliance/ingest/inbox.hpp"
#include "appliance/ingest/ledger.hpp"
#include "appliance/ingest/outbox.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/store/snapshot_cell.hpp"

namespace roda::appliance {

/// One state for all inboxes: a sensor may be heard of through any of them.
///
/// Thread: one worker; status(), tally() and errands by any. Cost: no allocation, no lock; a clock
/// read for each alert, and for each turn that found nothing.
class Detector {
  public:
    /// The most readings of one step.
    static constexpr std::size_t burst_records = 2048;

    /// Order: install() before the first step().
    Detector(const Config& config,
             std::span<Inbox* const> inboxes,
             AlertLane& lane,
             std::uint16_t shard,
             std::uint16_t shards,
             EmitClock emit_clock,
             std::optional<SensorHome> home = {});

    /// Runs one burst of readings, of the inbox whose turn it is, to its end. Returns the readings
    /// taken; 0 when all inboxes are empty: then the wall clock moves time on (not in a replay,
    /// where datagrams alone do).
    std::size_t step() noexcept;

    /// Judges by this edition from now on. The first takes effect at once; a later one sensor by
    /// sensor, a few in each step, until is_settled(). Its caller keeps the edition before until
    /// then. Thread: the worker's (errands), or before there is one.
    void install(std::shared_ptr<RuleEdition> edition);

    /// No sensor is left of an edition before.
    bool is_settled() const noexcept { return !judge_.is_migrating() && expected_ == nullptr; }

    /// A few alarms more of those that the request is about; true when all are done.
    bool order(const ControlRequest& request, std::uint32_t& next, std::uint64_t& done) noexcept;

    /// Of to.sensor_id.
    void explain(SensorExplanation& to);

    Errands<Detector>& errands() noexcept { return errands_; }

    /// As of the last step.
    DetectLedger ledger() const noexcept { return published_.read(); }

    const AlertTally& tally() const noexcept { return writer_.tally(); }

  private:
    class Origins final : public OriginSource {
      public:
        void take_from(InboxReader& inbox) noexcept { inbox_ = &inbox; }

        ReadingOrigin origin_of(Cause cause) noexcept override {
            const DatagramOrigin datagram = inbox_->origin_of(cause);
            return {cause, datagram.device_id, datagram.receive_ns, inbox_->queue()};
        }

      private:
        InboxReader* inbox_ = nullptr;
    };

    std::size_t judge_burst(InboxReader& inbox) noexcept;
    void migrate_some(std::uint32_t most) noexcept;
    void expect_some() noexcept;
    bool is_to_watch(const ExpectedSensor& expected, std::uint64_t sensor_id) const;
    void publish() noexcept;

    InboxReaders inboxes_;
    AlertWriter writer_;
    EmitClock emit_clock_;
    std::uint16_t shard_;
    std::uint16_t shards_;
    std::optional<SensorHome> home_;  // none: a sensor may come to any shard
    Judge judge_;
    Detection detection_;
    Origins origins_;
    std::shared_ptr<RuleEdition> edition_;
    std::uint64_t groups_to_show_ = 0;  // of slots, to migrate()
    RuleEdition* expected_ = nullptr;   // whose expected sensors are not all watched yet
    std::size_t next_expected_ = 0;
    std::uint64_t taken_ = 0;
    Errands<Detector> errands_;
    SnapshotCell<DetectLedger> published_;
};

}  // namespace roda::appliance
