// SPDX-License-Identifier: Apache-2.0
// A capture file as a source of frames: what `roda replay` and the golden tests read.
// pcap or pcapng with Ethernet frames; read whole, so that replay is free of file access.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "appliance/ingest/capture_bytes.hpp"
#include "appliance/ingest/frame_source.hpp"
#include "dpdk/fragment/reassembly.hpp"
#include "proto/frame.hpp"

namespace roda::appliance {

/// Models FrameSource. The views stay valid as long as the source; those of reassemble() until
/// release(). Pieces of datagrams are put together as by a port, by the times of the capture.
///
/// Thread: one worker. Units: receive_ns is the capture time, whole microseconds in every format,
/// because DPDK's capture driver knows no finer: both ways of replay must give the same times.
/// Shape: a frame is what the capture kept of it, as DPDK's driver has it: one that was cut is
/// `truncated` to parse_frame().
/// Source: draft-ietf-opsawg-pcap and -pcapng (file formats), libpcap's savefile reader (its
/// limits).
class CaptureSource : public FramesOnly {
  public:
    static constexpr std::size_t burst_frames = 32;
    static constexpr bool reassembles = true;

    /// Errors: StartupError when the file cannot be read, is no capture, or holds no Ethernet.
    explicit CaptureSource(const std::string& path, const dpdk::ReassemblyOptions& reassembly = {});

    CaptureSource(const CaptureSource&) = delete;
    CaptureSource& operator=(const CaptureSource&) = delete;

    /// The next frames, at most min(frames.size(), burst_frames); 0 at the end.
    std::size_t poll(std::span<proto::FrameView> frames) noexcept;

    void release() noexcept { reassembly_.release(); }

    std::optional<proto::FrameView> reassemble(const proto::FrameView& fragment) noexcept {
        return reassembly_.take(fragment);
    }

    dpdk::FragmentCounters fragments() const noexcept { return reassembly_.counters(); }

    /// In the whole file.
    std::uint64_t frames() const noexcept { return captured_.frames.size(); }

    /// Whether the file ends inside a record; its complete records are there.
    bool truncated() const noexcept { return captured_.truncated; }

  private:
    std::vector<std::byte> file_;
    CapturedFrames captured_;
    std::size_t next_ = 0;
    dpdk::Reassembly reassembly_;
};

}  // namespace roda::appliance
