// SPDX-License-Identifier: Apache-2.0
// How much one burst of frames can bring, and so how much room it needs.
#pragma once

#include <algorithm>
#include <cstdint>

#include "proto/decoder.hpp"
#include "proto/frame.hpp"

namespace roda::appliance {

/// Sizes of one burst, from the MTU, or from the longest datagram where pieces are put together.
/// Always the whole burst: vector drivers poll no fewer frames, and each may end a datagram.
struct BurstShape {
    static constexpr std::uint32_t frames = 32;

    std::uint32_t readings_per_datagram;  // the most that a datagram can hold

    static BurstShape of(const proto::HostIdentity& host, bool reassembles) {
        const auto in_frame =
            static_cast<std::uint32_t>(proto::max_readings_in(host.max_frame_bytes));
        return {reassembles ? std::max(in_frame, readings_in_longest) : in_frame};
    }

    std::uint32_t readings() const noexcept { return readings_per_datagram * frames; }

  private:
    // The shortest row that says anything: an id or a value. Rows of nothing take two bytes; a
    // datagram longer than a frame that is full of them is `too_many_readings`.
    static constexpr std::uint32_t shortest_row_bytes = 11;
    static constexpr std::uint32_t longest_payload_bytes = 65'535 - 8;  // of UDP over IPv6
    static constexpr std::uint32_t readings_in_longest = longest_payload_bytes / shortest_row_bytes;
};

}  // namespace roda::appliance
