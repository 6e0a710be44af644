// SPDX-License-Identifier: Apache-2.0
// The cold parts of the slots: their start, payloads on the heap, statistics.
#include "pipeline/pool/event_slots.hpp"

#include <memory>
#include <new>

namespace roda {
namespace {

constexpr std::align_val_t payload_alignment{cache_line_bytes};

}  // namespace

EventSlots::EventSlots(EventSize size,
                       std::uint32_t count,
                       std::byte* metadata,
                       std::byte* payload,
                       std::uint64_t heap_bytes_max) noexcept
    : slots_(reinterpret_cast<EventSlot*>(metadata)),
      payload_(payload),
      payload_bytes_(event_payload_bytes[index_of(size)]),
      heap_bytes_max_(heap_bytes_max),
      count_(count),
      size_(size) {
    for (std::uint32_t slot = 0; slot < count; ++slot) {
        std::construct_at(slots_ + slot);
        // Slot 0 on top. High water counts on this order.
        slots_[slot].below.store(slot + 1 < count ? slot + 2 : 0, std::memory_order_relaxed);
    }
    head_.store(count != 0 ? 1 : 0, std::memory_order_relaxed);
}

EventRef EventSlots::allocate_heap(std::uint32_t length, std::uint32_t event_type) noexcept {
    if (!reserve_heap(length)) {
        exhausted_.fetch_add(1, std::memory_order_relaxed);
        return {};
    }
    auto* heap = static_cast<std::byte*>(::operator new(length, payload_alignment, std::nothrow));
    const std::uint32_t slot = heap != nullptr ? pop() : none;
    if (slot == none) {
        ::operator delete(heap, payload_alignment);
        return_heap(length);
        exhausted_.fetch_add(1, std::memory_order_relaxed);
        return {};
    }
    slots_[slot].heap = heap;
    return open(slot, length, event_type);
}

bool EventSlots::reserve_heap(std::uint64_t bytes) noexcept {
    std::uint64_t before = heap_bytes_.load(std::memory_order_relaxed);
    do {
        if (heap_bytes_max_ - before < bytes) {
            return false;
        }
    } while (!heap_bytes_.compare_exchange_weak(
        before, before + bytes, std::memory_order_acquire, std::memory_order_relaxed));  // H2
    return true;
}

std::uint32_t EventSlots::free_heap(EventSlot& slot) noexcept {
    ::operator delete(slot.heap, payload_alignment);
    slot.heap = nullptr;
    return slot.length;
}

void EventSlots::return_heap(std::uint64_t bytes) noexcept {
    heap_bytes_.fetch_sub(bytes, std::memory_order_release);  // H1
}

void EventSlots::raise_high_water(std::uint32_t used) noexcept {
    std::uint32_t before = used_.load(std::memory_order_relaxed);
    while (before < used &&
           !used_.compare_exchange_weak(
               before, used, std::memory_order_relaxed, std::memory_order_relaxed)) {
    }
}

EventSizeStatistics EventSlots::statistics() const noexcept {
    EventSizeStatistics statistics;
    statistics.total = count_;
    statistics.high_water = used_.load(std::memory_order_relaxed);
    statistics.exhausted = exhausted_.load(std::memory_order_relaxed);
    for (std::uint32_t slot = 0; slot < statistics.high_water; ++slot) {
        const std::uint32_t references =
            references_of(slots_[slot].state.load(std::memory_order_relaxed));
        statistics.in_use += references != 0 ? 1 : 0;
        statistics.references += references;
    }
    return statistics;
}

}  // namespace roda
