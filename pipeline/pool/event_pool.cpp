// SPDX-License-Identifier: Apache-2.0
// The cold parts of an event pool: where everything lies, and events on the heap.
#include "pipeline/pool/event_pool.hpp"

#include <algorithm>

namespace roda {
namespace {

using SlotCounts = std::array<std::uint32_t, event_size_count>;

SlotCounts slot_counts(const EventPoolOptions& options) {
    return {options.xs_slots,
            options.s_slots,
            options.m_slots,
            options.l_slots,
            options.xl_slots,
            options.xxl_events};
}

/// Offsets in the region; the last one past the end.
struct Layout {
    std::array<std::size_t, event_size_count> metadata;
    std::array<std::size_t, event_size_count + 1> payloads;

    explicit Layout(const SlotCounts& counts) {
        std::size_t at = 0;
        for (std::size_t size = 0; size < event_size_count; ++size) {
            check(counts[size] < EventRef::slot_limit, "an event size has less than 2^24 slots");
            metadata[size] = at;
            at += counts[size] * sizeof(EventSlot);
        }
        check(at > 0, "an event pool has a slot");
        at = (at + cache_line_bytes - 1) / cache_line_bytes * cache_line_bytes;
        for (std::size_t size = 0; size < event_size_count; ++size) {
            payloads[size] = at;
            at += counts[size] * event_payload_bytes[size];
        }
        payloads[event_size_count] = at;
    }
};

}  // namespace

EventSlots EventPool::make_slots(EventSize size, const EventPoolOptions& options) {
    const SlotCounts counts = slot_counts(options);
    const Layout layout(counts);
    const std::size_t at = index_of(size);
    const bool on_heap = size == EventSize::xxl;
    return EventSlots(size,
                      counts[at],
                      region_.data() + layout.metadata[at],
                      on_heap ? nullptr : region_.data() + layout.payloads[at],
                      on_heap ? std::min<std::uint64_t>(options.xxl_bytes, 0xffff'ffff) : 0);
}

EventPool::EventPool(const EventPoolOptions& options)
    : region_(Region::anonymous(Layout(slot_counts(options)).payloads[event_size_count])),
      slots_{make_slots(EventSize::xs, options),
             make_slots(EventSize::s, options),
             make_slots(EventSize::m, options),
             make_slots(EventSize::l, options),
             make_slots(EventSize::xl, options),
             make_slots(EventSize::xxl, options)},
      larger_when_full_(options.larger_when_full) {}

EventPool::~EventPool() {
    for (const EventSlots& slots : slots_) {
        check(slots.statistics().in_use == 0, "events are given back before their pool goes");
    }
}

EventResult EventPool::allocate_or_heap(std::size_t payload_bytes,
                                        std::uint32_t event_type) noexcept {
    if (estimate_size(payload_bytes) != EventSize::xxl) {
        return allocate(payload_bytes, event_type);
    }
    EventSlots& heap = slots_[index_of(EventSize::xxl)];
    if (payload_bytes > heap.heap_bytes_max()) {
        return {{}, EventError::too_large};
    }
    const EventRef ref = heap.allocate_heap(static_cast<std::uint32_t>(payload_bytes), event_type);
    if (!ref) {
        return {{}, EventError::exhausted};
    }
    return {RingPtr(heap, ref), EventError::none};
}

}  // namespace roda
