// SPDX-License-Identifier: Apache-2.0
// The slots of one size: who holds them, and which are free. RingPtr and EventPool are its users;
// programs use those.
//
// A slot's state is one word, generation 32 | references 32, so that "still this event" and "one
// more holder" are one comparison. Free slots form a stack: its head is index 24 | tag 40 in one
// word, the tag +1 at each change, so that a head which was popped and pushed back meanwhile is
// another one (ABA; 2^40 changes are three hours of nothing else).
//
// | label | operation                       | order   | pairs with                              |
// |-------|---------------------------------|---------|-----------------------------------------|
// | S1    | state := same generation, 1     | release | S2: length, type, heap pointer are set  |
// | S2    | lock: references + 1 if held    | acquire | S1, through the counts between          |
// | S3    | copy: references + n            | relaxed | nothing: the copier holds one already   |
// | S4    | release: references - 1         | acq_rel | S4 of the others: the last one comes    |
// |       |                                 |         | after all their uses of the bytes       |
// | S5    | state := generation + 1, 0      | relaxed | goes with F1; S2 fails since S4         |
// | S6    | sole holder looks at the count  | acquire | S4: those that left have done with it   |
// | S7    | access: still my generation?    | relaxed | nothing: the holder's count keeps it    |
// | F1    | push: head := this slot         | release | F2: S5, F3 and all uses of the bytes    |
// | F2    | pop: looks at head              | acquire | F1, through the changes of head between |
// | F3    | slot below, stored and loaded   | relaxed | goes with F1, F2; an outdated one has   |
// |       |                                 |         | an outdated tag: the pop looks again    |
// | H1    | heap bytes given back, after F1 | release | H2: whoever has bytes finds their slot  |
// | H2    | heap bytes reserved, before F2  | acquire | H1, through the changes between         |
//
// S1 and S2 order what the slots know; the payload is its holders' business: a name, or a detached
// reference, is passed on after the payload was written, with release and acquire.
// Counters (high water, exhausted) are relaxed: they order nothing.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "pipeline/base/cache_line.hpp"
#include "pipeline/base/check.hpp"
#include "pipeline/pool/event_ref.hpp"

namespace roda {

/// What is known of one slot; beside the payloads, so that a payload of 64 bytes takes one line.
struct alignas(32) EventSlot {
    std::atomic<std::uint64_t> state;
    std::atomic<std::uint32_t> below;  // while free: the next one of the stack, index + 1
    std::uint32_t length;
    std::uint32_t event_type;
    std::uint32_t unused;
    std::byte* heap;  // xxl only: the payload
};

static_assert(sizeof(EventSlot) == 32 && std::atomic<std::uint64_t>::is_always_lock_free);

/// A size's state at about one moment; each number is looked at on its own while others change.
struct EventSizeStatistics {
    std::uint32_t total = 0;
    std::uint32_t in_use = 0;
    std::uint32_t high_water = 0;  // most slots ever in use together
    std::uint64_t references = 0;  // handles, detached ones included
    std::uint64_t exhausted = 0;   // requests that found no slot here

    std::uint32_t available() const noexcept { return total - in_use; }

    /// 0 to 1; 0 when there are no slots.
    double utilisation() const noexcept {
        return total == 0 ? 0.0 : static_cast<double>(in_use) / total;
    }

    friend bool operator==(const EventSizeStatistics&, const EventSizeStatistics&) = default;
};

/// Thread: every function by any, at the same time.
/// Errors: use of an event that was given back ends the program (check), whoever holds the slot.
class EventSlots {
  public:
    /// Over `count` zeroed metadata and their payloads; `payload` is nullptr for xxl.
    EventSlots(EventSize size,
               std::uint32_t count,
               std::byte* metadata,
               std::byte* payload,
               std::uint64_t heap_bytes_max) noexcept;

    EventSlots(const EventSlots&) = delete;
    EventSlots& operator=(const EventSlots&) = delete;

    /// A free slot, held once; nothing, and counted, when there is none.
    ///
    /// Cost: one compare-and-swap when nobody interferes. No search.
    [[gnu::always_inline]] EventRef allocate(std::uint32_t length,
                                             std::uint32_t event_type) noexcept {
        const std::uint32_t slot = pop();
        if (slot == none) [[unlikely]] {
            exhausted_.fetch_add(1, std::memory_order_relaxed);
            return {};
        }
        return open(slot, length, event_type);
    }

    /// As allocate(), with a payload from the heap.
    EventRef allocate_heap(std::uint32_t length, std::uint32_t event_type) noexcept;

    bool names_a_slot(EventRef ref) const noexcept { return ref.slot() < count_; }

    /// One more holder, if the event is still held by somebody.
    bool lock(EventRef ref) noexcept {
        if (!names_a_slot(ref)) {
            return false;
        }
        std::atomic<std::uint64_t>& state = slots_[ref.slot()].state;
        std::uint64_t seen = state.load(std::memory_order_relaxed);
        while (generation_of(seen) == ref.generation() && references_of(seen) != 0) {
            check(references_of(seen) != references_max, too_many);
            if (state.compare_exchange_weak(
                    seen, seen + 1, std::memory_order_acquire, std::memory_order_relaxed)) {  // S2
                return true;
            }
        }
        return false;
    }

    /// `more` holders beside the caller.
    void retain(EventRef ref, std::uint32_t more = 1) noexcept {
        const std::uint64_t before =
            slots_[ref.slot()].state.fetch_add(more, std::memory_order_relaxed);  // S3
        check(is_held(before, ref), stale);
        check(references_max - references_of(before) >= more, too_many);
    }

    /// One holder less; the last one's slot is free again.
    void release(EventRef ref) noexcept {
        EventSlot& slot = slots_[ref.slot()];
        const std::uint64_t before = slot.state.fetch_sub(1, std::memory_order_acq_rel);  // S4
        check(is_held(before, ref), stale);
        if (references_of(before) == 1) {
            const std::uint32_t heap_bytes = payload_ == nullptr ? free_heap(slot) : 0;
            slot.state.store(((before >> 32) + 1) << 32, std::memory_order_relaxed);  // S5
            push(ref.slot());
            if (heap_bytes != 0) [[unlikely]] {
                return_heap(heap_bytes);
            }
        }
    }

    /// The slot of an event that the caller holds. Cost: one load and a predicted branch.
    [[gnu::always_inline]] const EventSlot& held(EventRef ref) const noexcept {
        const EventSlot& slot = slots_[ref.slot()];
        check(is_held(slot.state.load(std::memory_order_relaxed), ref), stale);  // S7
        return slot;
    }

    std::span<std::byte> payload(EventRef ref) const noexcept {
        const EventSlot& slot = held(ref);
        return {payload_ == nullptr ? slot.heap : payload_ + ref.slot() * payload_bytes_,
                slot.length};
    }

    /// How many hold it. 1 is certain when the caller is the one; others count on.
    std::uint32_t references(EventRef ref) const noexcept {
        const std::uint64_t state = slots_[ref.slot()].state.load(std::memory_order_acquire);  // S6
        check(is_held(state, ref), stale);
        return references_of(state);
    }

    /// Units: payloads on the heap.
    std::uint64_t heap_bytes() const noexcept {
        return heap_bytes_.load(std::memory_order_relaxed);
    }

    std::uint64_t heap_bytes_max() const noexcept { return heap_bytes_max_; }

    /// Cost: a look at each slot that was ever used.
    EventSizeStatistics statistics() const noexcept;

  private:
    static constexpr std::uint32_t references_max = 0xffff'ffff;
    static constexpr std::uint32_t none = 0xffff'ffff;
    static constexpr std::uint64_t index_mask = EventRef::slot_limit - 1;
    static constexpr const char* stale = "an event is used only while it is held";
    static constexpr const char* too_many = "an event has less than 2^32 references";

    static std::uint32_t generation_of(std::uint64_t state) noexcept {
        return static_cast<std::uint32_t>(state >> 32);
    }

    static std::uint32_t references_of(std::uint64_t state) noexcept {
        return static_cast<std::uint32_t>(state);
    }

    static bool is_held(std::uint64_t state, EventRef ref) noexcept {
        return generation_of(state) == ref.generation() && references_of(state) != 0;
    }

    /// The head that follows `before`. Shape: tag 40 | index + 1 24 bits; index + 1 is 0 for none.
    static std::uint64_t next_head(std::uint64_t before, std::uint32_t index_plus_1) noexcept {
        return (before & ~index_mask) + index_mask + 1 + index_plus_1;
    }

    [[gnu::always_inline]] std::uint32_t pop() noexcept {
        std::uint64_t head = head_.load(std::memory_order_acquire);  // F2
        for (;;) {
            const auto top = static_cast<std::uint32_t>(head & index_mask);
            if (top == 0) {
                return none;
            }
            const std::uint32_t below =
                slots_[top - 1].below.load(std::memory_order_relaxed);  // F3
            if (head_.compare_exchange_weak(head,
                                            next_head(head, below),
                                            std::memory_order_acquire,
                                            std::memory_order_acquire)) {  // F2
                return top - 1;
            }
        }
    }

    void push(std::uint32_t slot) noexcept {
        std::uint64_t head = head_.load(std::memory_order_relaxed);
        do {
            slots_[slot].below.store(static_cast<std::uint32_t>(head & index_mask),
                                     std::memory_order_relaxed);  // F3
        } while (!head_.compare_exchange_weak(head,
                                              next_head(head, slot + 1),
                                              std::memory_order_release,
                                              std::memory_order_relaxed));  // F1
    }

    [[gnu::always_inline]] EventRef open(std::uint32_t index,
                                         std::uint32_t length,
                                         std::uint32_t event_type) noexcept {
        // The stack began in order and gives the newest back first: a slot is used for the first
        // time only when all before it are in use, so the highest one used is the high water.
        if (index >= used_.load(std::memory_order_relaxed)) [[unlikely]] {
            raise_high_water(index + 1);
        }
        EventSlot& slot = slots_[index];
        slot.length = length;
        slot.event_type = event_type;
        const std::uint64_t free = slot.state.load(std::memory_order_relaxed);
        slot.state.store(free + 1, std::memory_order_release);  // S1
        return EventRef::make(size_, index, generation_of(free));
    }

    void raise_high_water(std::uint32_t used) noexcept;
    bool reserve_heap(std::uint64_t bytes) noexcept;
    std::uint32_t free_heap(EventSlot& slot) noexcept;
    void return_heap(std::uint64_t bytes) noexcept;

    EventSlot* slots_;
    std::byte* payload_;
    std::size_t payload_bytes_;
    std::uint64_t heap_bytes_max_;
    std::uint32_t count_;
    EventSize size_;

    // Everything that changes, away from what does not. `used_` is read where head_ was won.
    alignas(contention_block_bytes) std::atomic<std::uint64_t> head_{0};
    std::atomic<std::uint32_t> used_{0};
    std::atomic<std::uint64_t> exhausted_{0};
    std::atomic<std::uint64_t> heap_bytes_{0};
};

}  // namespace roda
