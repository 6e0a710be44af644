// SPDX-License-Identifier: Apache-2.0
#include "dpdk/recorder/recording.hpp"

#include <fcntl.h>
#include <rte_mbuf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>

#include "dpdk/recorder/frame_recorder.hpp"
#include "dpdk/recorder/pcapng.hpp"

namespace roda::dpdk {

namespace {

/// The frames of all queues, from the hand-over until give_back().
class HandedOver {
  public:
    HandedOver(std::span<FrameRecorder* const> recorders, std::chrono::milliseconds patience)
        : recorders_(recorders.begin(), recorders.end()), rings_(recorders.size()) {
        for (FrameRecorder* const recorder : recorders_) {
            recorder->ask();
        }
        const auto deadline = std::chrono::steady_clock::now() + patience;
        for (std::size_t i = 0; i < recorders_.size(); ++i) {
            wait_for(i, deadline);
        }
    }

    ~HandedOver() { give_back(); }

    HandedOver(const HandedOver&) = delete;
    HandedOver& operator=(const HandedOver&) = delete;

    void give_back() noexcept {
        for (std::size_t i = 0; i < recorders_.size(); ++i) {
            if (rings_[i] != nullptr) {
                recorders_[i]->give_back();
                rings_[i] = nullptr;
            }
        }
    }

    std::size_t absent() const {
        return static_cast<std::size_t>(std::count(rings_.begin(), rings_.end(), nullptr));
    }

    struct Frame {
        RecordedFrame recorded;
        std::uint32_t queue;
    };

    std::vector<Frame> in_order_of_time() const {
        std::vector<Frame> frames;
        for (std::uint32_t queue = 0; queue < rings_.size(); ++queue) {
            const FrameRing* const ring = rings_[queue];
            for (std::size_t i = 0; ring != nullptr && i < ring->size(); ++i) {
                frames.push_back({(*ring)[i], queue});
            }
        }
        std::stable_sort(frames.begin(), frames.end(), [](const Frame& one, const Frame& other) {
            return one.recorded.receive_ns < other.recorded.receive_ns;
        });
        return frames;
    }

  private:
    void wait_for(std::size_t position, std::chrono::steady_clock::time_point deadline) {
        FrameRecorder& recorder = *recorders_[position];
        rings_[position] = recorder.handed();
        while (rings_[position] == nullptr) {
            if (std::chrono::steady_clock::now() > deadline && recorder.withdraw()) {
                return;
            }
            std::this_thread::sleep_for(std::chrono::microseconds(100));
            rings_[position] = recorder.handed();
        }
    }

    std::vector<FrameRecorder*> recorders_;
    std::vector<const FrameRing*> rings_;  // null: absent
};

/// A file that is there under its name only when finish() succeeded.
class PartFile {
  public:
    explicit PartFile(const std::string& path)
        : path_(path),
          part_(path + ".part"),
          descriptor_(::open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)) {
        note(descriptor_ >= 0);
    }

    ~PartFile() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
            ::unlink(part_.c_str());
        }
    }

    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    void write(std::span<const std::byte> bytes) {
        while (error_ == 0 && !bytes.empty()) {
            const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
            if (written >= 0) {
                bytes = bytes.subspan(static_cast<std::size_t>(written));
            } else if (errno != EINTR) {
                note(false);
            }
        }
    }

    /// Empty: the file is on the disk, under its name.
    std::string finish() {
        if (error_ == 0) {
            note(::fsync(descriptor_) == 0);
        }
        if (error_ == 0) {
            note(::rename(part_.c_str(), path_.c_str()) == 0);
        }
        if (error_ != 0) {
            return std::strerror(error_);
        }
        ::close(descriptor_);
        descriptor_ = -1;
        return {};
    }

  private:
    void note(bool succeeded) noexcept { error_ = succeeded ? error_ : errno; }

    std::string path_;
    std::string part_;
    int error_ = 0;
    int descriptor_;
};

void write_frames(const std::vector<HandedOver::Frame>& frames,
                  PcapngBlocks& blocks,
                  PartFile& file) {
    constexpr std::size_t at_a_time = 1 << 20;
    std::vector<std::span<const std::byte>> parts;
    for (const auto& frame : frames) {
        const rte_mbuf* const whole = frame.recorded.mbuf;
        parts.clear();
        for (const rte_mbuf* part = whole; part != nullptr; part = part->next) {
            parts.emplace_back(rte_pktmbuf_mtod(part, const std::byte*), part->data_len);
        }
        blocks.add_frame(frame.queue, frame.recorded.receive_ns, whole->pkt_len, parts);
        if (blocks.bytes().size() >= at_a_time) {
            file.write(blocks.bytes());
            blocks.clear();
        }
    }
    file.write(blocks.bytes());
    blocks.clear();
}

}  // namespace

RecordingResult write_recording(std::span<FrameRecorder* const> recorders,
                                const std::string& path,
                                const std::string& comment,
                                std::chrono::milliseconds patience) {
    RecordingResult result;
    HandedOver handed(recorders, patience);
    result.queues_absent = handed.absent();
    if (result.queues_absent == recorders.size()) {
        result.error = "no worker handed its frames over";
        return result;
    }
    PcapngBlocks blocks;
    blocks.begin("roda", comment);
    for (const FrameRecorder* const recorder : recorders) {
        blocks.add_interface(recorder->name());
    }
    PartFile file(path);
    const auto frames = handed.in_order_of_time();
    write_frames(frames, blocks, file);
    handed.give_back();  // before the disk is waited for
    result.error = file.finish();
    result.frames = result.error.empty() ? frames.size() : 0;
    return result;
}

}  // namespace roda::dpdk
