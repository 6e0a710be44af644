// SPDX-License-Identifier: Apache-2.0
// What tests feed a shard with: frames in memory, and a config of two rules.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "appliance/config/config.hpp"
#include "appliance/ingest/frame_source.hpp"
#include "proto/encoder.hpp"
#include "tests/support/frame_builder.hpp"

namespace roda::appliance {

using proto::Reading;

inline constexpr std::uint64_t receive_ns = 1'700'000'000'000'000'000;

/// Hands out frames that the test made; counts what the shard asked it to answer.
class MemorySource : public FramesOnly {
  public:
    void add(test::Bytes frame, std::uint64_t at_ns = receive_ns) {
        frames_.push_back({std::move(frame), at_ns});
    }

    std::size_t poll(std::span<proto::FrameView> frames) noexcept {
        std::size_t count = 0;
        while (count < frames.size() && next_ < frames_.size()) {
            const Received& received = frames_[next_++];
            frames[count] = test::view(received.frame);
            frames[count++].receive_ns = received.at_ns;
        }
        return count;
    }

    void release() noexcept {}

    bool answer(const proto::FrameView&) noexcept {
        ++answered_;
        return true;
    }

    std::size_t polled() const noexcept { return next_; }

    std::size_t answered() const noexcept { return answered_; }

  private:
    struct Received {
        test::Bytes frame;
        std::uint64_t at_ns;
    };

    std::vector<Received> frames_;
    std::size_t next_ = 0;
    std::size_t answered_ = 0;
};

inline test::Bytes frame_of(const std::vector<Reading>& readings, std::uint64_t sequence = 0) {
    std::array<std::byte, 1472> payload;
    const std::size_t bytes =
        proto::encode_datagram({.device_id = 7, .sequence = sequence, .boot_id = 1},
                               readings,
                               proto::Form::columns,
                               payload);
    return test::telemetry_frame(std::span(payload).first(bytes));
}

inline Config two_rules() {
    Config config;
    config.port.options.addresses = {test::Endpoints{}.destination};
    config.pipeline.max_sensors = 1000;
    config.pipeline.journal_records = 65'536;
    Rule value;
    value.name = "value_jump";
    value.ratio = 3.0;
    Rule mean;
    mean.name = "mean_jump";
    mean.of = Figure::mean;
    mean.ratio = 1.5;
    mean.severity = Severity::critical;
    config.rules = {value, mean};
    return config;
}

}  // namespace roda::appliance
