// SPDX-License-Identifier: Apache-2.0
// A shard: one receive queue and one pipeline, each with its end of the journals between queues and
// pipelines (ingest/exchange.hpp). shard_group.hpp joins several.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "appliance/alerting/detector.hpp"
#include "appliance/config/config.hpp"
#include "appliance/ingest/exchange.hpp"
#include "appliance/ingest/ingest.hpp"
#include "appliance/rules/load_rules.hpp"

namespace roda::appliance {

/// What this host answers to, as the config says.
inline proto::HostIdentity host_identity(const Config& config) {
    constexpr std::uint32_t ethernet_header_bytes = 14;
    constexpr std::uint32_t two_vlan_tags_bytes = 8;
    const dpdk::PortOptions& port = config.port.options;
    return {port.addresses,
            port.groups,
            config.ingest.udp_port,
            port.mtu + ethernet_header_bytes + two_vlan_tags_bytes};
}

/// What a burst of this host's frames may bring.
inline BurstShape burst_shape(const Config& config) {
    return BurstShape::of(host_identity(config), config.port.options.reassembly.enabled);
}

/// Thread: step() by one worker; or ingest_turn() by one and detect_step() by another. Status and
/// ledgers by any.
template <FrameSource Source>
class Shard {
  public:
    /// The only one, by the config's rules.
    Shard(const Config& config, Source& source, AlertLane& lane, EmitClock emit_clock)
        : Shard(config,
                source,
                lane,
                emit_clock,
                std::make_shared<Exchange>(config.pipeline, burst_shape(config), 1),
                0) {
        SeriesRegistry series;
        detector_.install(std::make_shared<RuleEdition>(load_rules(config, series), nullptr));
    }

    /// One of several, without rules yet: the source is the queue of this number, the lane the one
    /// of this number.
    Shard(const Config& config,
          Source& source,
          AlertLane& lane,
          EmitClock emit_clock,
          std::shared_ptr<Exchange> exchange,
          std::size_t number)
        : exchange_(std::move(exchange)),
          turn_readings_(BurstShape::of(host_identity(config), false).readings()),
          detector_(config,
                    exchange_->into(number),
                    lane,
                    static_cast<std::uint16_t>(number),
                    static_cast<std::uint16_t>(exchange_->shards()),
                    emit_clock,
                    exchange_->home()),
          ingest_(source, host_identity(config), config.ingest, exchange_->out_of(number)) {}

    /// Both halves on one core: what was decoded is still in its cache when it is judged. Of what
    /// other queues bring no more than one burst of frames: then this one's has its turn again.
    std::size_t step() noexcept {
        const std::size_t frames = ingest_step();
        std::size_t readings = 0;
        while (readings < turn_readings_) {
            const std::size_t taken = detect_step();
            if (taken == 0) {
                break;
            }
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

    /// Where others may look at this queue's devices; it has a slot for each and outlives the
    /// shard. Thread: before the workers start.
    void show_devices_in(DeviceStore* store) noexcept { ingest_.show_devices_in(store); }

    /// All that changed since they were shown last. Thread: no worker runs.
    void show_all_devices() noexcept { ingest_.show_all_devices(); }

    IngestLedger ingest_ledger() const noexcept { return ingest_.ledger(); }

    /// Its readings' judge, for rules and orders.
    Detector& detector() noexcept { return detector_; }

    const Detector& detector() const noexcept { return detector_; }

    /// Which pages the readings lie on.
    Pages pages() const noexcept { return exchange_->pages(); }

  private:
    std::shared_ptr<Exchange> exchange_;
    std::size_t turn_readings_;
    Detector detector_;  // before ingest_: its readers' gates stand before the first record
    Ingest<Source> ingest_;
};

}  // namespace roda::appliance
