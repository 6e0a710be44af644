// SPDX-License-Identifier: Apache-2.0
// Telemetry frames in memory, spaced as a NIC's buffers are: the wire, without the wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "appliance/ingest/frame_source.hpp"
#include "bench/sensor_load.hpp"
#include "proto/encoder.hpp"
#include "proto/frame.hpp"

namespace roda::bench {

struct FramesShape {
    std::size_t frames = 0;
    std::uint32_t sensors = 0;
    proto::Form form = proto::Form::columns;
    std::size_t readings_per_frame = 57;  // what fits 1,400 bytes in columns
    Ids ids = Ids::dense;
};

/// Ethernet, IPv4, UDP with right checksums, one datagram each, from 64 devices in turn with
/// sequence numbers.
class Frames {
  public:
    explicit Frames(const FramesShape& shape);

    std::size_t size() const noexcept { return lengths_.size(); }

    std::span<const std::byte> frame(std::size_t i) const noexcept { return {at(i), lengths_[i]}; }

    std::span<const std::byte> datagram(std::size_t i) const noexcept {
        return frame(i).subspan(headers_bytes);
    }

    std::uint64_t readings() const noexcept { return size() * shape_.readings_per_frame; }

    std::uint64_t datagram_bytes() const noexcept;

    /// Makes of the frames those that come after them: every device has a new boot_id, so that the
    /// same sequence numbers are no duplicates, and readings go on where the last one's time was.
    /// Puts them out of the cache. Columns only.
    void go_on() noexcept;

    /// Makes them new to one who has taken the frames of boot `seen` (0: none yet), and leaves them
    /// as they are to one who has not: several take the same. Returns which they are now.
    std::uint32_t make_new_to(std::uint32_t seen) noexcept;

    /// Lets all readings of a datagram in columns happen later.
    static void move_times(std::span<std::byte> datagram,
                           std::size_t readings,
                           std::uint64_t by_ns) noexcept;

    /// Event time from the first reading to the one after the last.
    std::uint64_t span_ns() const noexcept { return readings() * SensorLoad::step_ns; }

    std::size_t readings_per_frame() const noexcept { return shape_.readings_per_frame; }

    /// Asks for all lines of the frame, into the cache of a level (3: the first, 2: the second, as
    /// ingest does); beyond the last frame: for none.
    template <int level = 2>
    [[gnu::always_inline]] void prefetch(std::size_t i) const noexcept {
        constexpr int to_read = 0;
        if (i < size()) {
            for (std::size_t byte = 0; byte < lengths_[i]; byte += 64) {
                __builtin_prefetch(at(i) + byte, to_read, level);
            }
        }
    }

  private:
    // As in a DPDK mbuf: its own 128 bytes, 128 of headroom, 2,048 of data.
    static constexpr std::size_t stride_bytes = 2304;
    static constexpr std::size_t headroom_bytes = 256;
    static constexpr std::size_t ethernet_bytes = 14;
    static constexpr std::size_t ip_bytes = 20;
    static constexpr std::size_t udp_bytes = 8;
    static constexpr std::size_t headers_bytes = ethernet_bytes + ip_bytes + udp_bytes;

    void flush(std::size_t i) const noexcept;

    std::byte* at(std::size_t i) const noexcept {
        return memory_.data() + i * stride_bytes + headroom_bytes;
    }

    std::size_t write(std::size_t i,
                      const proto::DatagramHeader& header,
                      std::span<const proto::Reading> readings);

    FramesShape shape_;
    Array<std::byte> memory_;
    std::vector<std::uint32_t> lengths_;
    std::uint32_t boot_id_ = 1;
};

/// A FrameSource that serves all the frames once, as RxQueue would.
class MemorySource : public appliance::FramesOnly {
  public:
    MemorySource(const Frames& frames, proto::ChecksumVerdict checksum) noexcept
        : frames_(frames), checksum_(checksum), next_(frames.size()) {}

    void rewind() noexcept { next_ = 0; }

    /// Frames before rewind() is due.
    std::size_t left() const noexcept { return frames_.size() - next_; }

    std::size_t poll(std::span<proto::FrameView> views) noexcept;

    void release() noexcept {}

  private:
    const Frames& frames_;
    proto::ChecksumVerdict checksum_;
    std::size_t next_;
};

}  // namespace roda::bench
