// SPDX-License-Identifier: Apache-2.0
// Alert records into a lane of the alert journal, each counted.
#pragma once

#include <cstdint>

#include "appliance/alarms/alert_record.hpp"
#include "appliance/alerting/alert_tally.hpp"
#include "appliance/config/config.hpp"
#include "pipeline/fleet/net_id.hpp"
#include "pipeline/store/journal.hpp"

namespace roda::appliance {

/// One shard's part of the alert journal.
using AlertLane = Journal<AlertRecord, FullPolicy::lap>;

/// The kind in an alert's NetId64.
inline constexpr std::uint8_t alert_net_id_kind = 1;

/// The id of an occurrence by its number in its lane. The lanes of a node share its counter: the
/// shard is in its highest bits, so that no two of their occurrences have one id.
///
/// Shape: ids come again after 2^34 occurrences of a lane; the lane's sequence does not.
inline NetId64 alert_net_id(std::uint16_t node, std::uint16_t shard, std::uint64_t number) {
    constexpr unsigned shard_at_bit = 34;
    static_assert(NetId64::counter_mask >> shard_at_bit >= max_shards - 1);
    constexpr std::uint64_t number_mask = (std::uint64_t{1} << shard_at_bit) - 1;
    return NetId64::make(
        alert_net_id_kind, node, std::uint64_t{shard} << shard_at_bit | (number & number_mask));
}

/// Whether alert records say when they were written; a replay leaves it out to be repeatable.
enum class EmitClock : std::uint8_t { wall, none };

/// Thread: the shard's detection worker; the tally's readers any.
class AlertWriter {
  public:
    AlertWriter(AlertLane& lane, std::uint16_t node, std::uint16_t shard, EmitClock emit_clock);

    /// For an occurrence that begins. Occurrences are no more than records, so numbers that go on
    /// where the lane's records are stay unique over restarts.
    std::uint64_t next_id() noexcept { return alert_net_id(node_, shard_, next_number_++).bits; }

    /// Fills in who writes and when, and appends it. Cost: three cache lines, and a clock.
    void write(AlertRecord& record, std::uint32_t series) noexcept;

    /// Wakes the local consumers that wait, if anything was written since the last call. To be
    /// called once per burst. Cost: one load; a system call only when somebody sleeps.
    void wake_readers() noexcept {
        if (shown_ != lane_.written()) {
            shown_ = lane_.written();
            lane_.wake_readers();
        }
    }

    AlertTally& tally() noexcept { return tally_; }

    const AlertTally& tally() const noexcept { return tally_; }

    std::uint64_t written() const noexcept { return lane_.written(); }

  private:
    AlertLane& lane_;
    std::uint64_t shown_ = lane_.written();
    std::uint64_t next_number_ = lane_.written();
    std::uint16_t node_;
    std::uint16_t shard_;
    EmitClock emit_clock_;
    AlertTally tally_;
};

}  // namespace roda::appliance
