// SPDX-License-Identifier: Apache-2.0
// Where frames come from: a port's queue or a capture file. Ingest cannot tell which.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>

#include "proto/frame.hpp"

namespace roda::appliance {

template <class Source>
concept FrameSource = requires(Source& source,
                               std::span<proto::FrameView> frames,
                               const proto::FrameView& frame) {
    { source.poll(frames) } -> std::same_as<std::size_t>;  // views live until release()
    { source.release() } -> std::same_as<void>;
    { source.answer(frame) } -> std::same_as<bool>;
    { source.divert(frame) } -> std::same_as<bool>;  // to the kernel; false: it has no way there
    { Source::reassembles } -> std::convertible_to<bool>;  // false: fragments are refused
    { source.reassemble(frame) } -> std::same_as<std::optional<proto::FrameView>>;
    requires noexcept(source.poll(frames));
    requires noexcept(source.release());
};

/// What a source is that only has frames, with no port behind it: a base for it.
struct FramesOnly {
    static constexpr bool reassembles = false;

    bool answer(const proto::FrameView&) noexcept { return false; }

    bool divert(const proto::FrameView&) noexcept { return false; }

    std::optional<proto::FrameView> reassemble(const proto::FrameView&) noexcept {
        return std::nullopt;
    }
};

}  // namespace roda::appliance
