// SPDX-License-Identifier: Apache-2.0
// Follows each device's sequence numbers: duplicates, gaps, reordering, restarts.
#pragma once

#include <array>
#include <cstdint>

#include "pipeline/table/key_table.hpp"
#include "proto/decoder.hpp"
#include "proto/frame.hpp"

namespace roda::appliance {

/// Who sent a datagram: its device_id, or the source address where it has none. Never the source
/// port: gateways change it.
struct DeviceKey {
    std::uint64_t device_id = 0;
    std::array<std::uint8_t, 16> source{};

    static DeviceKey of(std::uint64_t device_id, const proto::IpAddress& source) noexcept {
        return device_id != 0 ? DeviceKey{device_id, {}} : DeviceKey{0, source.bytes};
    }
};

/// What a sequence number says about its datagram.
enum class SequenceVerdict : std::uint8_t {
    in_order,
    gap,        // newer, and some between are missing
    reordered,  // one of the missing, late
    duplicate,  // seen before
    stale,      // too old to tell from a duplicate
    untracked,  // no sequence number, or the table is full
};

struct SequenceJudgement {
    SequenceVerdict verdict = SequenceVerdict::untracked;
    std::uint64_t missing = 0;    // gap: how many are
    std::uint64_t recovered = 0;  // reordered: 1 when it had been counted as missing
};

/// A bounded table of devices, each with a window over its last 64 sequence numbers.
///
/// Thread: the ingest worker. A device that sends no boot_id and goes back by 64 or more has
/// restarted; one that does would have said so with a new boot_id, and is late.
class Devices {
  public:
    explicit Devices(std::uint32_t max_devices) : table_(max_devices) {}

    SequenceJudgement judge(const proto::DatagramHeader& header,
                            const proto::IpAddress& source) noexcept;

    std::uint32_t size() const noexcept { return table_.size(); }

  private:
    struct Window {
        std::uint64_t
            first;  // where this boot's count began for us: what is older was never missed
        std::uint64_t newest;
        std::uint64_t seen;  // bit i: newest - i has come
        std::uint32_t boot_id;
        std::uint32_t reserved;

        void restart(const proto::DatagramHeader& header) noexcept;
    };

    static constexpr std::uint64_t window_datagrams = 64;

    // A larger step forward is no loss but another count: one stray datagram must not make all
    // that follow look old.
    static constexpr std::uint64_t gap_datagrams_max = std::uint64_t{1} << 20;

    KeyTable<DeviceKey, Window> table_;
};

}  // namespace roda::appliance
