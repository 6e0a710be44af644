// SPDX-License-Identifier: Apache-2.0
// A shard: one receive queue, its journals and its pipeline. Nothing in it is shared with another.
#pragma once

#include <algorithm>
#include <cstddef>

#include "appliance/alerting/detector.hpp"
#include "appliance/config/config.hpp"
#include "appliance/ingest/ingest.hpp"

namespace roda::appliance {

/// What this host answers to, as the config says.
inline proto::HostIdentity host_identity(const Config& config) {
    constexpr std::uint32_t ethernet_header_bytes = 14;
    constexpr std::uint32_t two_vlan_tags_bytes = 8;
    return {config.port.options.addresses,
            config.ingest.udp_port,
            config.port.options.mtu + ethernet_header_bytes + two_vlan_tags_bytes};
}

/// Thread: step() by one worker; or ingest_step() by one and detect_step() by another. Status and
/// ledgers by any.
template <FrameSource Source>
class Shard {
  public:
    Shard(const Config& config, Source& source, AlertLane& lane, EmitClock emit_clock)
        : host_(host_identity(config)),
          burst_(BurstShape::of(host_)),
          readings_(
              {.capacity_records = std::max(config.pipeline.journal_records, burst_.readings()),
               .max_claim_records = burst_.readings()}),
          arrivals_({.capacity_records = arrival_records, .max_claim_records = burst_.frames}),
          detector_(config, readings_, arrivals_, lane, emit_clock),
          ingest_(source, host_, burst_, config.ingest.max_devices, readings_, arrivals_) {}

    /// Both halves on one core: what was decoded is still in its cache when it is judged.
    std::size_t step() noexcept {
        const std::size_t frames = ingest_step();
        std::size_t readings = 0;
        while (const std::size_t taken = detect_step()) {
            readings += taken;
        }
        return frames + readings;
    }

    std::size_t ingest_step() noexcept { return ingest_.step(); }

    /// A turn of a worker that only ingests: waiting for room is work, so that a drain does not end
    /// while frames wait behind a slow detection.
    std::size_t ingest_turn() noexcept {
        const std::size_t frames = ingest_.step();
        return frames + (ingest_.is_blocked() ? 1 : 0);
    }

    std::size_t detect_step() noexcept { return detector_.step(); }

    IngestLedger ingest_ledger() const noexcept { return ingest_.ledger(); }

    DetectStatus detect_status() const noexcept { return detector_.status(); }

    /// Which pages the readings lie on.
    Pages pages() const noexcept { return readings_.pages(); }

  private:
    static constexpr std::uint64_t arrival_records = 16'384;

    proto::HostIdentity host_;
    BurstShape burst_;
    ReadingJournal readings_;
    ArrivalJournal arrivals_;
    Detector detector_;  // before ingest_: its readers' gates stand before the first record
    Ingest<Source> ingest_;
};

}  // namespace roda::appliance
