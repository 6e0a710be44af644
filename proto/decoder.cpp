// SPDX-License-Identifier: Apache-2.0
// Hot path: the two forms that nearly every datagram has; what is neither goes to the general walk.
#include "proto/decoder.hpp"

#include "proto/general_decoder.hpp"
#include "proto/transpose.hpp"
#include "proto/usual_form.hpp"

namespace roda::proto {

Decoded decode_datagram(std::span<const std::byte> payload,
                        std::uint64_t arrival_ns,
                        std::span<Reading> out) noexcept {
    Decoded decoded;
    decoded.accepted = true;
    ScalarPrefix scalars(payload);
    scalars.take(1, decoded.header.device_id);
    scalars.take(2, decoded.header.boot_id);
    scalars.take(3, decoded.header.sequence);
    const auto is_usable = [out](std::size_t readings) {
        return readings != 0 && readings <= out.size();
    };
    if (const auto wide = WideForm::of(scalars.rest()); is_usable(wide.readings)) {
        decoded.readings = static_cast<std::uint32_t>(wide.readings);
        transpose(WideEntries{wide.ids},
                  WideEntries{wide.values},
                  WideEntries{wide.times},
                  out.data(),
                  wide.readings);
        return decoded;
    }
    if (const auto narrow = NarrowForm::of(scalars.rest()); is_usable(narrow.readings)) {
        decoded.readings = static_cast<std::uint32_t>(narrow.readings);
        const std::uint64_t base_ns = narrow.base_time_ns != 0 ? narrow.base_time_ns : arrival_ns;
        transpose(ShortEntries{narrow.ids},
                  WideEntries{narrow.values},
                  OffsetEntries{narrow.offsets, base_ns},
                  out.data(),
                  narrow.readings);
        return decoded;
    }
    return decode_any_form(payload, arrival_ns, out);
}

}  // namespace roda::proto
