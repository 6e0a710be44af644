// SPDX-License-Identifier: Apache-2.0
#include "appliance/ingest/exchange.hpp"

#include <algorithm>
#include <cstdint>

namespace roda::appliance {
namespace {

// For datagrams of few readings: as many as fill the reading journal by the usual MTU.
constexpr std::uint64_t arrival_records = 16'384;
constexpr std::uint64_t least_arrival_records = 1'024;

}  // namespace

Exchange::Exchange(const PipelineConfig& config, const BurstShape& burst, std::size_t shards)
    : shards_(shards),
      by_sensor_(config.partition == Partition::sensor && shards > 1),
      burst_(burst),
      home_(shards) {
    const std::size_t inboxes_each = by_sensor_ ? shards : 1;
    const auto readings =
        std::max<std::uint64_t>(config.journal_records / inboxes_each, burst.readings());
    const auto arrivals = std::max(arrival_records / inboxes_each, least_arrival_records);
    for (std::size_t queue = 0; queue < shards; ++queue) {
        for (std::size_t i = 0; i < inboxes_each; ++i) {
            inboxes_.push_back(std::make_unique<Inbox>(
                static_cast<std::uint16_t>(queue), readings, arrivals, burst));
        }
    }
}

std::vector<Inbox*> Exchange::into(std::size_t shard) const {
    if (!by_sensor_) {
        return {inboxes_[shard].get()};
    }
    std::vector<Inbox*> inboxes;
    for (std::size_t queue = 0; queue < shards_; ++queue) {
        inboxes.push_back(inboxes_[queue * shards_ + shard].get());
    }
    return inboxes;
}

Outbox Exchange::out_of(std::size_t queue) const {
    std::vector<Inbox*> inboxes;
    if (!by_sensor_) {
        inboxes.push_back(inboxes_[queue].get());
    } else {
        for (std::size_t shard = 0; shard < shards_; ++shard) {
            inboxes.push_back(inboxes_[queue * shards_ + shard].get());
        }
    }
    return {inboxes, home_, burst_};
}

std::optional<SensorHome> Exchange::home() const {
    return by_sensor_ ? std::optional(home_) : std::nullopt;
}

Pages Exchange::pages() const noexcept {
    Pages smallest = Pages::huge;
    for (const auto& inbox : inboxes_) {
        smallest = std::min(smallest, inbox->readings.pages());
    }
    return smallest;
}

}  // namespace roda::appliance
