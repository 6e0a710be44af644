// SPDX-License-Identifier: Apache-2.0
// What the recorders of a port's queues hold, written to one pcapng file.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

namespace roda::dpdk {

class FrameRecorder;

struct RecordingResult {
    std::uint64_t frames = 0;
    std::size_t queues_absent = 0;  // whose worker did not hand its frames over in time
    std::string error{};            // why there is no file; empty: there is
};

/// Takes the frames of each queue over, writes them in the order of their times, and gives the
/// buffers back. The file has its name when it is whole; until then, `.part` behind it. Who may
/// read it: the user and the group, as frames may be confidential.
///
/// Thread: one at a time, neither a worker nor one that must not wait for a disk.
RecordingResult write_recording(std::span<FrameRecorder* const> recorders,
                                const std::string& path,
                                const std::string& comment,
                                std::chrono::milliseconds patience);

}  // namespace roda::dpdk
