// SPDX-License-Identifier: Apache-2.0
// An event with its name and a payload of bytes, as one record of a journal (orbit-rs Frame).
//
//   0    | id 8 | version 8 | length 4 | kind 1 | zero 3 |
//   24   | payload : payload_capacity bytes, zero behind `length`, to a whole number of words |
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "pipeline/base/pod.hpp"
#include "pipeline/fleet/net_id.hpp"

namespace roda {

/// What a frame is to its reader; the kind of data is in its id.
inline constexpr std::uint8_t frame_kind_event = 1;

/// Shape: a SharedPod without padding, so that frames are compared and copied as bytes.
///
/// `version` is the sender's: by convention Unix time in milliseconds, which the age below needs.
template <std::size_t payload_capacity>
struct Frame {
    static_assert(payload_capacity > 0 && payload_capacity <= 0xffff'ffff,
                  "a frame holds at least one byte, at most what its length can say");

    NetId64 id;
    std::uint64_t version;
    std::uint32_t length;
    std::uint8_t kind;
    std::array<std::uint8_t, 3> zero;
    std::array<std::byte, (payload_capacity + 7) / 8 * 8> bytes;

    /// Errors: nothing when the payload is longer than a frame's.
    static std::optional<Frame> make(NetId64 id,
                                     std::uint8_t kind,
                                     std::uint64_t version,
                                     std::span<const std::byte> payload) noexcept {
        if (payload.size() > payload_capacity) {
            return std::nullopt;
        }
        Frame frame{};
        frame.id = id;
        frame.version = version;
        frame.length = static_cast<std::uint32_t>(payload.size());
        frame.kind = kind;
        std::copy(payload.begin(), payload.end(), frame.bytes.begin());
        return frame;
    }

    /// Never beyond the frame, whatever `length` says.
    std::span<const std::byte> payload() const noexcept {
        return {bytes.data(), std::min<std::size_t>(length, payload_capacity)};
    }

    /// Units: milliseconds. 0 for a version of the future.
    std::uint64_t age_at(std::uint64_t unix_ms) const noexcept {
        return unix_ms > version ? unix_ms - version : 0;
    }

    bool is_fresh_at(std::uint64_t unix_ms, std::uint64_t age_max_ms) const noexcept {
        return age_at(unix_ms) <= age_max_ms;
    }

    friend bool operator==(const Frame&, const Frame&) = default;
};

static_assert(SharedPod<Frame<1>> && sizeof(Frame<1>) == 32);
static_assert(SharedPod<Frame<40>> && sizeof(Frame<40>) == 64);

}  // namespace roda
