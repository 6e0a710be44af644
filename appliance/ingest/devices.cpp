// SPDX-License-Identifier: Apache-2.0
#include "appliance/ingest/devices.hpp"

#include <algorithm>
#include <limits>

#include "pipeline/base/check.hpp"
#include "pipeline/base/prefetch.hpp"

namespace roda::appliance {
namespace {

// What is shown at a time: some 16 devices, a microsecond when they are not in the cache.
constexpr std::uint32_t shown_at_once = 16;
constexpr std::uint32_t groups_at_once = 64;  // of the table, which may be nearly empty

// A round over all devices takes a tenth of a second, or what 2 % of a core allow.
constexpr std::uint64_t round_ns = 100'000'000;
constexpr std::uint64_t pause_ns = 50'000;

template <class Counter>
void count_up(Counter& counter) noexcept {
    counter = static_cast<Counter>(counter + (counter != std::numeric_limits<Counter>::max()));
}

}  // namespace

Devices::Devices(std::uint32_t max_devices)
    : table_(max_devices),
      show_every_ns_(std::max(pause_ns, round_ns / (max_devices / shown_at_once + 1))) {}

SequenceJudgement Devices::judge(const HeardDatagram& heard) noexcept {
    const DeviceKey key = DeviceKey::of(heard.header.device_id, heard.source);
    const std::uint64_t hash = table_.hash(key);
    Table::Slot* const candidate = table_.prefetch_slot(hash);
    if (candidate != nullptr) {
        prefetch_to_write(&candidate->value.readings);  // the second line
    }
    const auto found = table_.find_or_insert(key, hash, candidate);
    if (found.value == nullptr) {
        return {SequenceVerdict::no_room};
    }
    Device& device = *found.value;
    if (found.fresh) {
        device.slot = table_.size() - 1;
    }
    unshown_ += !device.unshown;
    device.unshown = true;
    const SequenceJudgement judged = device.follow(heard.header);
    device.count(judged, heard);
    return judged;
}

SequenceJudgement Devices::Device::follow(const proto::DatagramHeader& header) noexcept {
    if (header.sequence == 0) {
        return {SequenceVerdict::untracked};
    }
    if (!followed || boot_id != header.boot_id) {
        return restart(header);
    }
    if (header.sequence > newest) {
        const std::uint64_t step = header.sequence - newest;
        return step > gap_datagrams_max ? restart(header) : advance(step);
    }
    const std::uint64_t age = newest - header.sequence;
    if (age >= window_datagrams) {
        return header.boot_id != 0 ? SequenceJudgement{SequenceVerdict::stale} : restart(header);
    }
    const std::uint64_t mark = std::uint64_t{1} << age;
    if ((seen & mark) != 0) {
        return {SequenceVerdict::duplicate};
    }
    seen |= mark;
    return {.verdict = SequenceVerdict::reordered, .recovered = age < span ? 1u : 0u};
}

void Devices::Device::begin(const proto::DatagramHeader& header) noexcept {
    newest = header.sequence;
    seen = 1;
    span = 0;
    boot_id = header.boot_id;
    followed = true;
}

SequenceJudgement Devices::Device::restart(const proto::DatagramHeader& header) noexcept {
    if (followed) {
        count_up(restarts);
    }
    begin(header);
    return {SequenceVerdict::in_order};
}

SequenceJudgement Devices::Device::advance(std::uint64_t step) noexcept {
    newest += step;
    seen = step < window_datagrams ? seen << step | 1u : 1u;
    span = static_cast<std::uint8_t>(std::min(span + step, window_datagrams));
    return step == 1 ? SequenceJudgement{SequenceVerdict::in_order}
                     : SequenceJudgement{SequenceVerdict::gap, step - 1};
}

void Devices::Device::count(const SequenceJudgement& judged, const HeardDatagram& heard) noexcept {
    last_seen_ns = heard.receive_ns;
    source = heard.source.bytes;
    switch (judged.verdict) {
        case SequenceVerdict::duplicate:
            ++duplicates;
            return;
        case SequenceVerdict::stale:
            count_up(stale);
            return;
        case SequenceVerdict::reordered:
            ++reordered;
            break;
        default:
            break;
    }
    ++datagrams;
    readings += heard.readings;
    lost += judged.missing - judged.recovered;
    compare_clocks(heard);
}

/// Averaged as TCP averages round-trip times, an eighth at a time: single delays hardly show, and
/// a clock that was set does after some tens of datagrams. In unsigned arithmetic: timestamps are
/// whatever strangers send.
/// Source: RFC 6298, 2.
void Devices::Device::compare_clocks(const HeardDatagram& heard) noexcept {
    if (heard.device_ns == heard.receive_ns) {
        return;
    }
    const std::uint64_t offset = heard.device_ns - heard.receive_ns;
    const auto before = static_cast<std::uint64_t>(clock_offset_ns);
    const auto step = static_cast<std::uint64_t>(static_cast<std::int64_t>(offset - before) >> 3);
    clock_offset_ns = static_cast<std::int64_t>(timed ? before + step : offset);
    timed = true;
}

DeviceRecord Devices::Device::record_of(const DeviceKey& key) const noexcept {
    return {.device_id = key.device_id,
            .source = source,
            .datagrams = datagrams,
            .readings = readings,
            .lost = lost,
            .duplicates = duplicates,
            .stale = stale,
            .reordered = reordered,
            .last_seen_ns = last_seen_ns,
            .clock_offset_ns = clock_offset_ns,
            .sequence = newest,
            .boot_id = boot_id,
            .restarts = restarts,
            .timed = timed,
            .reserved = {}};
}

void Devices::show(const DeviceKey& key, Device& device) noexcept {
    if (!device.unshown) {
        return;
    }
    device.unshown = false;
    --unshown_;
    store_->set(device.slot, device.record_of(key));
}

void Devices::show_next() noexcept {
    std::uint32_t looked = 0;
    for (std::uint32_t groups = 0; groups < groups_at_once && looked < shown_at_once; ++groups) {
        table_.sweep(1, [&](const DeviceKey& key, Device& device) {
            ++looked;
            show(key, device);
            return false;
        });
    }
}

void Devices::show_all() noexcept {
    if (store_ == nullptr) {
        return;
    }
    table_.for_each([this](const DeviceKey& key, Device& device) { show(key, device); });
}

}  // namespace roda::appliance
