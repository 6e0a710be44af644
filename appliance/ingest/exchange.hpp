// SPDX-License-Identifier: Apache-2.0
// The journals between the queues and the shards of one process, as pipeline.partition wants them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "appliance/config/config.hpp"
#include "appliance/ingest/inbox.hpp"
#include "appliance/ingest/outbox.hpp"
#include "pipeline/memory/region.hpp"

namespace roda::appliance {

/// As many queues as shards. By gateway, a shard has one inbox, from the queue of its number: they
/// share nothing. By sensor, it has one from each queue, and shares pipeline.journal_records among
/// them. One shard alone is the same either way.
///
/// Thread: built and destroyed by one, before and after all that its parts are used by.
class Exchange {
  public:
    Exchange(const PipelineConfig& config, const BurstShape& burst, std::size_t shards);

    /// What the detection of a shard reads.
    std::vector<Inbox*> into(std::size_t shard) const;

    /// What the ingest of a queue fills.
    Outbox out_of(std::size_t queue) const;

    std::size_t shards() const noexcept { return shards_; }

    /// Which shard each sensor's readings go to, where that is settled by the sensor.
    std::optional<SensorHome> home() const;

    /// The smallest pages that any of the readings lie on.
    Pages pages() const noexcept;

  private:
    std::size_t shards_;
    bool by_sensor_;
    BurstShape burst_;
    SensorHome home_;
    // By sensor: those from queue 0, one for each shard, then those from queue 1...
    std::vector<std::unique_ptr<Inbox>> inboxes_;
};

}  // namespace roda::appliance
