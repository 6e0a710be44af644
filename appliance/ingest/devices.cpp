// SPDX-License-Identifier: Apache-2.0
#include "appliance/ingest/devices.hpp"

namespace roda::appliance {

void Devices::Window::restart(const proto::DatagramHeader& header) noexcept {
    *this = {header.sequence, header.sequence, 1, header.boot_id, 0};
}

SequenceJudgement Devices::judge(const proto::DatagramHeader& header,
                                 const proto::IpAddress& source) noexcept {
    if (header.sequence == 0) {
        return {SequenceVerdict::untracked};
    }
    const DeviceKey key = DeviceKey::of(header.device_id, source);
    const std::uint64_t hash = table_.hash(key);
    const auto found = table_.find_or_insert(key, hash, table_.prefetch_slot(hash));
    if (found.value == nullptr) {
        return {SequenceVerdict::untracked};
    }
    Window& window = *found.value;
    if (found.fresh || window.boot_id != header.boot_id) {
        window.restart(header);
        return {SequenceVerdict::in_order};
    }
    if (header.sequence > window.newest) {
        const std::uint64_t step = header.sequence - window.newest;
        if (step > gap_datagrams_max) {
            window.restart(header);
            return {SequenceVerdict::in_order};
        }
        window.seen = step < window_datagrams ? window.seen << step | 1u : 1u;
        window.newest = header.sequence;
        return step == 1 ? SequenceJudgement{SequenceVerdict::in_order}
                         : SequenceJudgement{SequenceVerdict::gap, step - 1};
    }
    const std::uint64_t age = window.newest - header.sequence;
    if (age >= window_datagrams) {
        if (header.boot_id != 0) {
            return {SequenceVerdict::stale};
        }
        window.restart(header);
        return {SequenceVerdict::in_order};
    }
    const std::uint64_t mark = std::uint64_t{1} << age;
    if ((window.seen & mark) != 0) {
        return {SequenceVerdict::duplicate};
    }
    window.seen |= mark;
    return {.verdict = SequenceVerdict::reordered,
            .recovered = header.sequence > window.first ? 1u : 0u};
}

}  // namespace roda::appliance
