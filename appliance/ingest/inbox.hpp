// SPDX-License-Identifier: Apache-2.0
// What one queue brings for one shard: readings, and where they came from.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "appliance/ingest/arrival.hpp"
#include "appliance/ingest/burst_shape.hpp"

namespace roda::appliance {

/// Thread: one writer, the ingest of `queue`; one reader, the detection of the shard that it is
/// for. So each is a plain journal, and the readings of one sender keep their order.
struct Inbox {
    Inbox(std::uint16_t from,
          std::uint64_t capacity_readings,
          std::uint64_t capacity_arrivals,
          const BurstShape& burst)
        : queue(from),
          readings({.capacity_records = capacity_readings, .max_claim_records = burst.readings()}),
          arrivals({.capacity_records = capacity_arrivals, .max_claim_records = burst.frames}) {}

    std::uint16_t queue;
    ReadingJournal readings;
    ArrivalJournal arrivals;
};

/// The reader's end of an inbox.
///
/// Thread: the detection of its shard.
class InboxReader {
  public:
    explicit InboxReader(Inbox& inbox)
        : queue_(inbox.queue),
          readings_(inbox.readings.reader()),
          arrivals_(inbox.arrivals.reader()) {}

    std::uint16_t queue() const noexcept { return queue_; }

    /// The next readings, in place; empty when there are none.
    std::span<const proto::Reading> peek(std::size_t max) noexcept { return readings_.peek(max); }

    /// The sequence of the first of them in this inbox.
    std::uint64_t sequence() const noexcept { return readings_.get_index(); }

    /// Of the datagram that brought the reading with this sequence.
    ///
    /// Order: sequences never go back. Arrivals are published before their readings, so there is
    /// one for every reading that peek() showed.
    DatagramOrigin origin_of(std::uint64_t sequence) noexcept {
        pass_arrivals(sequence);
        const std::span<const Arrival> arrival = arrivals_.peek(1);
        return arrival.empty() ? DatagramOrigin{} : arrival[0].origin;
    }

    /// How many of the next `readings` readings, which peek() showed, came before receive_ns.
    ///
    /// Order: datagrams come in the order of their receive times. Cost: one look while all did.
    std::size_t count_before(std::uint64_t receive_ns, std::size_t readings) noexcept {
        pass_arrivals(sequence());
        const std::span<const Arrival> arrivals = arrivals_.peek(readings);
        const std::uint64_t end = sequence() + readings;
        const auto is_before = [&](const Arrival& arrival) {
            return arrival.first_sequence < end && arrival.origin.receive_ns < receive_ns;
        };
        if (!arrivals.empty() && arrivals.back().origin.receive_ns < receive_ns) {
            const Arrival& last = arrivals.back();
            return std::min<std::uint64_t>(readings,
                                           last.first_sequence + last.readings - sequence());
        }
        const auto past = std::find_if_not(arrivals.begin(), arrivals.end(), is_before);
        const std::uint64_t stop = past == arrivals.end() ? end : past->first_sequence;
        return std::min<std::uint64_t>(readings, stop > sequence() ? stop - sequence() : 0);
    }

    /// When the next reading's datagram came. Order: peek() showed it.
    std::uint64_t next_receive_ns() noexcept { return origin_of(sequence()).receive_ns; }

    /// Gives back the room of the next `readings` readings and of the arrivals that end with them.
    void pass(std::size_t readings) noexcept {
        pass_arrivals(sequence() + readings);
        readings_.advance(readings);
    }

  private:
    /// Those whose readings all lie below `done`.
    void pass_arrivals(std::uint64_t done) noexcept {
        for (;;) {
            const std::span<const Arrival> arrivals = arrivals_.peek(BurstShape::frames);
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

    std::uint16_t queue_;
    ReadingJournal::Reader readings_;
    ArrivalJournal::Reader arrivals_;
};

/// All inboxes of a shard, taken in turn: no queue waits behind another that never ends.
class InboxReaders {
  public:
    explicit InboxReaders(std::span<Inbox* const> inboxes) {
        readers_.reserve(inboxes.size());
        for (Inbox* inbox : inboxes) {
            readers_.emplace_back(*inbox);
        }
    }

    /// The next in turn that has readings; nullptr when none has.
    InboxReader* next() noexcept {
        for (std::size_t tried = 0; tried < readers_.size(); ++tried) {
            InboxReader& reader = readers_[turn_];
            turn_ = turn_ + 1 < readers_.size() ? turn_ + 1 : 0;
            if (!reader.peek(1).empty()) {
                return &reader;
            }
        }
        return nullptr;
    }

  private:
    std::vector<InboxReader> readers_;
    std::size_t turn_ = 0;
};

}  // namespace roda::appliance
