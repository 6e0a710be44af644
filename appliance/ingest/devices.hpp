// SPDX-License-Identifier: Apache-2.0
// Follows each device: its sequence numbers (duplicates, gaps, reordering, restarts), what it sent,
// when it was last heard, how far its clock is off.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "appliance/ingest/device_record.hpp"
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
    untracked,  // no sequence number
    no_room,    // of a device that is not known, and the table is full
};

struct SequenceJudgement {
    SequenceVerdict verdict = SequenceVerdict::untracked;
    std::uint64_t missing = 0;    // gap: how many are
    std::uint64_t recovered = 0;  // reordered: 1 when it had been counted as missing
};

/// A datagram that was decoded, as far as it says something about its device.
struct HeardDatagram {
    const proto::DatagramHeader& header;
    const proto::IpAddress& source;
    std::uint64_t receive_ns = 0;  // Unix time
    std::uint64_t device_ns = 0;   // of its last reading; receive_ns where the device gave no time
    std::uint32_t readings = 0;
};

/// A bounded table of devices, each with a window over its last 64 sequence numbers and counters.
///
/// Thread: the ingest worker. A device that sends no boot_id and goes back by 64 or more has
/// restarted; one that does would have said so with a new boot_id, and is late.
/// Cost: two adjacent cache lines a datagram, besides the table's tags.
class Devices {
  public:
    explicit Devices(std::uint32_t max_devices);

    /// Judges and counts one datagram.
    SequenceJudgement judge(const HeardDatagram& heard) noexcept;

    std::uint32_t size() const noexcept { return table_.size(); }

    /// From now on others see the devices in `store`, which has a slot for each and outlives this;
    /// nullptr: they see none. Thread: before the worker starts.
    void show_in(DeviceStore* store) noexcept { store_ = store; }

    /// Brings the store a little nearer to the truth: when it is time for it, and for 16 devices at
    /// most. To be called once a burst. Cost: when it is not, one comparison.
    /// Units: now_ns is any clock in nanoseconds, the same each time.
    void show_some(std::uint64_t now_ns) noexcept {
        if (now_ns - shown_ns_ >= show_every_ns_) [[unlikely]] {
            shown_ns_ = now_ns;
            show_some();
        }
    }

    /// The same at once: for turns that have nothing else to do.
    void show_some() noexcept {
        if (unshown_ != 0 && store_ != nullptr) {
            show_next();
        }
    }

    /// All of it. Thread: when the worker has ended, any.
    void show_all() noexcept;

  private:
    /// Shape: with its key two cache lines; the first holds what the verdict needs.
    struct Device {
        std::uint64_t newest;  // sequence number
        std::uint64_t seen;    // bit i: newest - i has come
        std::uint32_t boot_id;
        std::uint32_t slot;  // in the store: its number in the order of arrival
        std::uint64_t datagrams;
        std::uint64_t last_seen_ns;
        std::uint64_t readings;
        std::uint64_t lost;
        std::uint64_t duplicates;
        std::uint64_t reordered;
        std::int64_t clock_offset_ns;
        std::array<std::uint8_t, 16> source;
        std::uint32_t stale;
        std::uint16_t restarts;
        std::uint8_t span;  // newest less the first of this count, at most the window: what is
                            // older than the first was never missed
        bool followed : 1;  // a sequence number has come
        bool timed : 1;
        bool unshown : 1;

        SequenceJudgement follow(const proto::DatagramHeader& header) noexcept;
        void begin(const proto::DatagramHeader& header) noexcept;
        SequenceJudgement restart(const proto::DatagramHeader& header) noexcept;
        SequenceJudgement advance(std::uint64_t step) noexcept;
        void count(const SequenceJudgement& judged, const HeardDatagram& heard) noexcept;
        void compare_clocks(const HeardDatagram& heard) noexcept;
        DeviceRecord record_of(const DeviceKey& key) const noexcept;
    };

    using Table = KeyTable<DeviceKey, Device>;
    static_assert(Table::slot_bytes == 2 * cache_line_bytes);
    static_assert(offsetof(Table::Slot, value) + offsetof(Device, readings) == cache_line_bytes);

    void show(const DeviceKey& key, Device& device) noexcept;
    void show_next() noexcept;

    static constexpr std::uint64_t window_datagrams = 64;

    // A larger step forward is no loss but another count: one stray datagram must not make all
    // that follow look old.
    static constexpr std::uint64_t gap_datagrams_max = std::uint64_t{1} << 20;

    Table table_;
    DeviceStore* store_ = nullptr;
    std::uint64_t show_every_ns_;
    std::uint64_t shown_ns_ = 0;
    std::uint32_t unshown_ = 0;  // devices that changed since they were shown
};

}  // namespace roda::appliance
