// SPDX-License-Identifier: Apache-2.0
// Rule changes -> alert records in a lane of the alert journal.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "appliance/alerting/alert_record.hpp"
#include "appliance/alerting/detection.hpp"
#include "pipeline/store/journal.hpp"

namespace roda::appliance {

/// One shard's part of the alert journal.
using AlertLane = Journal<AlertRecord, FullPolicy::lap>;

/// Transitions so far, by rule and kind.
using AlertCounts = std::array<std::array<std::uint64_t, transition_count>, max_rules>;

/// The kind in an alert's NetId64.
inline constexpr std::uint8_t alert_net_id_kind = 1;

/// Where a reading came from, as the record needs it.
struct ReadingOrigin {
    std::uint64_t sequence = 0;
    std::uint64_t timestamp_ns = 0;
    std::uint64_t device_id = 0;
    std::uint64_t receive_ns = 0;
};

/// Thread: the shard's detection worker.
class AlertWriter {
  public:
    AlertWriter(AlertLane& lane, std::span<const JumpRule> rules, std::uint16_t node);

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
    AlertCounts counts_{};
};

}  // namespace roda::appliance
