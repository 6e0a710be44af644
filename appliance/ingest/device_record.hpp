// SPDX-License-Identifier: Apache-2.0
// What is known of one device, as it lies in shared memory for other threads and programs.
//
//   0           8        24          32         40     48           56      64          72
//   | device_id | source | datagrams | readings | lost | duplicates | stale | reordered |
//   72             80                88         96        100        102     103        120
//   | last_seen_ns | clock_offset_ns | sequence | boot_id | restarts | timed | reserved |
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "pipeline/store/slot_store.hpp"

namespace roda::appliance {

/// Shape: 120 bytes, no padding; with its slot's version two cache lines. Counts are since the
/// process started. Units: times are Unix nanoseconds.
struct DeviceRecord {
    std::uint64_t device_id;              // 0: known only by its source address
    std::array<std::uint8_t, 16> source;  // that its newest datagram came from
    std::uint64_t datagrams;              // came for the first time; those from the future, too
    std::uint64_t readings;               // of them
    std::uint64_t lost;                   // sequence numbers that never came
    std::uint64_t duplicates;             // refused: came before
    std::uint64_t stale;                  // refused: too old to tell from a duplicate
    std::uint64_t reordered;              // accepted, out of order
    std::uint64_t last_seen_ns;           // arrival of its newest datagram; 0: no device is here
    std::int64_t clock_offset_ns;         // its clock less ours and the way, averaged; when `timed`
    std::uint64_t sequence;               // the newest; 0: it sends none
    std::uint32_t boot_id;
    std::uint16_t restarts;  // times that its sequence began anew; stays at 65535
    std::uint8_t timed;      // 1: its readings have timestamps of their own
    std::array<std::uint8_t, 17> reserved;
};

static_assert(sizeof(DeviceRecord) == 120 &&
              std::has_unique_object_representations_v<DeviceRecord>);
static_assert(offsetof(DeviceRecord, datagrams) == 24);
static_assert(offsetof(DeviceRecord, last_seen_ns) == 72);
static_assert(offsetof(DeviceRecord, sequence) == 88);
static_assert(offsetof(DeviceRecord, boot_id) == 96);

/// Stands in the store's header; a reader refuses any other.
inline constexpr std::uint64_t device_record_schema =
    0x524f'4441'4445'5601;  // "RODADEV", version 1

/// The devices of one queue, in the order of their first datagrams.
using DeviceStore = SlotStore<DeviceRecord>;
using DeviceReader = SlotReader<DeviceRecord>;

}  // namespace roda::appliance
