// SPDX-License-Identifier: Apache-2.0
// Where frames come from: a port's queue or a capture file. Ingest cannot tell which.
#pragma once

#include <concepts>
#include <cstddef>
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
    requires noexcept(source.poll(frames));
    requires noexcept(source.release());
};

}  // namespace roda::appliance
