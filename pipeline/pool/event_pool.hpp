// SPDX-License-Identifier: Apache-2.0
// EventPool: events of every size in memory that is all there from the start; T-shirt sized slots
// with reference-counted handles (rusted-ring's idea).
//
//   one Region, private to the process: nothing else maps it and no later start reads it, so it has
//   neither magic number nor version.
//
//   | metadata: EventSlot 32 each: xs ... xl, xxl | to a line |
//   | xs 64 each | s 256 each | m 1024 each | l 4096 each | xl 16384 each |
//
// Every payload begins on a line, and one of 64 bytes is that line. The order of concurrent
// operations is event_slots.hpp's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "pipeline/memory/region.hpp"
#include "pipeline/pool/event_ref.hpp"
#include "pipeline/pool/event_slots.hpp"
#include "pipeline/pool/ring_ptr.hpp"

namespace roda {

struct EventPoolOptions {
    std::uint32_t xs_slots = 2'000;  // of 64 bytes
    std::uint32_t s_slots = 1'000;   // of 256
    std::uint32_t m_slots = 300;     // of 1,024
    std::uint32_t l_slots = 60;      // of 4,096
    std::uint32_t xl_slots = 15;     // of 16,384
    std::uint32_t xxl_events = 16;   // on the heap, together at most xxl_bytes
    std::uint64_t xxl_bytes = 4u << 20;
    bool larger_when_full = false;  // an event of a full size takes a slot of the next larger one
};

enum class EventError : std::uint8_t {
    none,
    exhausted,  // no slot, or no heap bytes, left for this size: later there may be
    too_large,  // never fits
};

struct EventResult {
    RingPtr event;
    EventError error = EventError::none;

    explicit operator bool() const noexcept { return error == EventError::none; }
};

/// Thread: every function by any, at the same time; construction and destruction by one.
/// Errors: StartupError from the constructor when the memory is not there. The destructor checks
///         that no event is held any more: a handle would dangle.
class EventPool {
  public:
    explicit EventPool(const EventPoolOptions& options = {});
    ~EventPool();
    EventPool(const EventPool&) = delete;
    EventPool& operator=(const EventPool&) = delete;

    /// An event of `payload_bytes` bytes, held by the returned handle. The bytes are what the
    /// slot's last event left: fill them through writable().
    ///
    /// Errors: exhausted (counted for each size that was full), too_large beyond xl.
    /// Cost: one compare-and-swap when nobody interferes; no search, no lock, never the heap.
    [[gnu::always_inline]] EventResult allocate(std::size_t payload_bytes,
                                                std::uint32_t event_type) noexcept {
        for (std::size_t size = index_of(estimate_size(payload_bytes));
             size < index_of(EventSize::xxl);
             ++size) {
            const EventRef ref =
                slots_[size].allocate(static_cast<std::uint32_t>(payload_bytes), event_type);
            if (ref) [[likely]] {
                return {RingPtr(slots_[size], ref), EventError::none};
            }
            if (!larger_when_full_ || size == index_of(EventSize::xl)) {
                return {{}, EventError::exhausted};
            }
        }
        return {{}, EventError::too_large};
    }

    /// An event with a copy of `payload`. Errors and cost: as allocate().
    EventResult store(std::span<const std::byte> payload, std::uint32_t event_type) noexcept {
        EventResult result = allocate(payload.size(), event_type);
        if (result && !payload.empty()) {
            std::memcpy(result.event.writable().data(), payload.data(), payload.size());
        }
        return result;
    }

    /// As allocate(), but what is larger than xl comes from the heap: the only function that
    /// allocates memory. The last handle of such an event frees it.
    ///
    /// Errors: exhausted when xxl_events or xxl_bytes are in use, or the heap has no more;
    ///         too_large beyond xxl_bytes.
    EventResult allocate_or_heap(std::size_t payload_bytes, std::uint32_t event_type) noexcept;

    /// A handle of a named event, empty when nobody holds it any more.
    RingPtr lock(EventRef ref) noexcept {
        if (!names_a_size(ref) || !slots_of(ref).lock(ref)) {
            return {};
        }
        return RingPtr(slots_of(ref), ref);
    }

    /// The handle whose reference detach() left in the name.
    ///
    /// Errors: check() that the event is held. Adopting one reference twice is found out only when
    /// the other holders are gone: as with any reference count.
    RingPtr adopt(EventRef ref) noexcept {
        check(names_a_size(ref) && slots_of(ref).names_a_slot(ref), "an event's name is adopted");
        (void)slots_of(ref).held(ref);
        return RingPtr(slots_of(ref), ref);
    }

    /// Cost: a look at each slot that was ever used. Thread: any; the numbers of one moment only
    /// while nobody allocates or releases.
    EventSizeStatistics statistics(EventSize size) const noexcept {
        return slots_[index_of(size)].statistics();
    }

    /// Units: bytes of payloads on the heap now.
    std::uint64_t heap_bytes() const noexcept {
        return slots_[index_of(EventSize::xxl)].heap_bytes();
    }

    Pages pages() const noexcept { return region_.pages(); }

  private:
    static bool names_a_size(EventRef ref) noexcept {
        return index_of(ref.size()) < event_size_count;
    }

    EventSlots& slots_of(EventRef ref) noexcept { return slots_[index_of(ref.size())]; }

    EventSlots make_slots(EventSize size, const EventPoolOptions& options);

    Region region_;
    std::array<EventSlots, event_size_count> slots_;
    bool larger_when_full_;
};

}  // namespace roda
