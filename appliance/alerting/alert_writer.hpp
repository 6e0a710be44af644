// SPDX-License-Identifier: Apache-2.0
// Rule changes -> alert records in a lane of the alert journal.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "appliance/alerting/alert_record.hpp"
#include "appliance/alerting/detection.hpp"
#include "pipeline/fleet/net_id.hpp"
#include "pipeline/store/journal.hpp"

namespace roda::appliance {

/// One shard's part of the alert journal.
using AlertLane = Journal<AlertRecord, FullPolicy::lap>;

/// Transitions so far, by rule and kind.
using AlertCounts = std::array<std::array<std::uint64_t, transition_count>, max_rules>;

/// The kind in an alert's NetId64.
inline constexpr std::uint8_t alert_net_id_kind = 1;

/// The id of a lane's record with this sequence. The lanes of a node share its counter: the shard
/// is in its highest bits, so that no two of their records have one id.
///
/// Shape: ids come again after 2^34 records of a lane; the lane's own sequence does not.
inline NetId64 alert_net_id(std::uint16_t node, std::uint16_t shard, std::uint64_t sequence) {
    constexpr unsigned shard_at_bit = 34;
    static_assert(NetId64::counter_mask >> shard_at_bit >= max_shards - 1);
    constexpr std::uint64_t sequence_mask = (std::uint64_t{1} << shard_at_bit) - 1;
    return NetId64::make(
        alert_net_id_kind, node, std::uint64_t{shard} << shard_at_bit | (sequence & sequence_mask));
}

/// Where a reading came from, as the record needs it.
struct ReadingOrigin {
    std::uint64_t sequence = 0;  // in its shard's inbox from `queue`
    std::uint64_t timestamp_ns = 0;
    std::uint64_t device_id = 0;
    std::uint64_t receive_ns = 0;
    std::uint16_t queue = 0;
};

/// Thread: the shard's detection worker.
class AlertWriter {
  public:
    AlertWriter(AlertLane& lane,
                std::span<const JumpRule> rules,
                std::uint16_t node,
                std::uint16_t shard = 0);

    /// Appends a record for each rule that changed. Cost: two cache lines a record; no clock.
    void write(const RuleChange& change,
               const ReadingOrigin& origin,
               std::uint64_t emit_ns) noexcept;

    /// Wakes the local consumers that wait, if anything was written since the last call. To be
    /// called once per burst. Cost: one load; a system call only when somebody sleeps.
    void wake_readers() noexcept {
        if (shown_ != lane_.written()) {
            shown_ = lane_.written();
            lane_.wake_readers();
        }
    }

    const AlertCounts& counts() const noexcept { return counts_; }

    std::uint64_t written() const noexcept { return lane_.written(); }

  private:
    void write_one(std::size_t rule,
                   Transition transition,
                   const RuleChange& change,
                   const ReadingOrigin& origin,
                   std::uint64_t emit_ns) noexcept;

    struct Template {
        AlertRecord record;  // all that depends on the rule alone
        Watched of;
    };

    AlertLane& lane_;
    std::vector<Template> templates_;
    std::uint64_t shown_ = lane_.written();
    std::uint16_t node_;
    std::uint16_t shard_;
    AlertCounts counts_{};
};

}  // namespace roda::appliance
