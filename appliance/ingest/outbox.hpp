// SPDX-License-Identifier: Apache-2.0
// Where the readings of one queue go: into the one inbox of its own shard, decoded in place; or
// each to the shard that keeps its sensor, from a scratch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "appliance/ingest/inbox.hpp"
#include "pipeline/table/seeded_hash.hpp"

namespace roda::appliance {

/// Which of several shards keeps a sensor. All queues must have copies of the same: the hash is
/// seeded, because sensor ids are chosen by strangers.
class SensorHome {
  public:
    explicit SensorHome(std::size_t shards) : shards_(shards) {}

    [[gnu::always_inline]] std::size_t operator()(std::uint64_t sensor_id) const noexcept {
        return (hash_(sensor_id) >> 32) * shards_ >> 32;  // even without a division
    }

  private:
    SeededHash<std::uint64_t> hash_;
    std::uint64_t shards_;
};

/// The writer's end of the inboxes that one queue fills, burst by burst: claim(), then for each
/// datagram slots() and take(), then publish().
///
/// Thread: the queue's ingest. Cost: no allocation, no lock; with one inbox a reading is written
/// once, by the decoder, with several a second time.
class Outbox {
  public:
    /// `inboxes`: one, or one for each shard in their order.
    Outbox(std::span<Inbox* const> inboxes, const SensorHome& home, const BurstShape& shape)
        : shape_(shape),
          home_(home),
          scratch_(inboxes.size() > 1 ? shape.readings_per_datagram : 0) {
        for (Inbox* inbox : inboxes) {
            targets_.push_back({.inbox = inbox});
        }
    }

    /// Room for a whole burst in every inbox, whichever the senders choose. False when one has
    /// none: then nothing is to be polled.
    bool claim() noexcept {
        readings_ = 0;
        for (Target& target : targets_) {
            const std::span<proto::Reading> room = target.inbox->readings.claim(shape_.readings());
            const std::span<Arrival> origins = target.inbox->arrivals.claim(shape_.frames);
            if (room.empty() || origins.empty()) {
                return false;
            }
            target.room = room.data();
            target.origins = origins.data();
            target.readings = target.told = target.arrivals = 0;
        }
        return true;
    }

    /// Where the next datagram is decoded to.
    std::span<proto::Reading> slots() noexcept {
        return {is_alone() ? targets_[0].room + readings_ : scratch_.data(),
                shape_.readings_per_datagram};
    }

    /// The slots that lie `distance` readings behind slots(), for a prefetch; empty where they are
    /// not known or not of this burst.
    std::span<const proto::Reading> slots_ahead(std::size_t distance,
                                                std::size_t readings) const noexcept {
        const std::size_t at = readings_ + distance;
        return is_alone() && at + readings <= shape_.readings()
                   ? std::span<const proto::Reading>(targets_[0].room + at, readings)
                   : std::span<const proto::Reading>();
    }

    /// Takes the first `readings` of slots(), of one datagram.
    void take(std::uint32_t readings, const DatagramOrigin& origin) noexcept {
        readings_ += readings;
        if (is_alone()) [[likely]] {
            targets_[0].readings += readings;
            tell_origin(targets_[0], origin);
            return;
        }
        for (const proto::Reading& reading : std::span(scratch_).first(readings)) {
            Target& target = targets_[home_(reading.sensor_id)];
            target.room[target.readings++] = reading;
        }
        for (Target& target : targets_) {
            tell_origin(target, origin);
        }
    }

    /// Of this burst, so far.
    std::uint32_t readings() const noexcept { return readings_; }

    /// Order: an inbox's arrivals before its readings, so a reading always has an origin.
    void publish() noexcept {
        for (Target& target : targets_) {
            if (target.readings != 0) {  // else its reader keeps the line that it looks at
                target.inbox->arrivals.publish(target.arrivals);
                target.inbox->readings.publish(target.readings);
            }
        }
    }

  private:
    struct Target {
        Inbox* inbox;
        proto::Reading* room = nullptr;
        Arrival* origins = nullptr;
        std::uint32_t readings = 0;  // of this burst
        std::uint32_t told = 0;      // of those, that have an arrival record
        std::uint32_t arrivals = 0;
    };

    bool is_alone() const noexcept { return targets_.size() == 1; }

    static void tell_origin(Target& target, const DatagramOrigin& origin) noexcept {
        if (target.readings != target.told) {
            target.origins[target.arrivals++] = {target.inbox->readings.written() + target.told,
                                                 target.readings - target.told,
                                                 origin};
            target.told = target.readings;
        }
    }

    BurstShape shape_;
    SensorHome home_;
    std::vector<Target> targets_;
    std::vector<proto::Reading> scratch_;
    std::uint32_t readings_ = 0;
};

}  // namespace roda::appliance
