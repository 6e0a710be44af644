// SPDX-License-Identifier: Apache-2.0
// RingPtr: one of the holders of a pooled event. Copies count, the last one gives the slot back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "pipeline/base/check.hpp"
#include "pipeline/base/pod.hpp"
#include "pipeline/pool/event_slots.hpp"

namespace roda {

/// A handle of an event in an EventPool, or empty. Made by the pool; must not outlive it.
///
/// Thread: each handle by one thread at a time; handles of the same event by any.
/// Errors: the generation is checked at every access; an empty handle, or one whose event was given
///         back behind its back (a reference adopted twice), ends the program, and never shows
///         another event's bytes.
class RingPtr {
  public:
    RingPtr() = default;

    RingPtr(const RingPtr& other) noexcept : slots_(other.slots_), ref_(other.ref_) {
        if (slots_ != nullptr) {
            slots_->retain(ref_);
        }
    }

    RingPtr(RingPtr&& other) noexcept
        : slots_(std::exchange(other.slots_, nullptr)), ref_(std::exchange(other.ref_, {})) {}

    RingPtr& operator=(RingPtr other) noexcept {
        std::swap(slots_, other.slots_);
        std::swap(ref_, other.ref_);
        return *this;
    }

    ~RingPtr() {
        if (slots_ != nullptr) {
            slots_->release(ref_);
        }
    }

    explicit operator bool() const noexcept { return slots_ != nullptr; }

    /// The event's bytes: as many as were asked for, the first on a line of its own.
    std::span<const std::byte> payload() const noexcept { return slots().payload(ref_); }

    /// The bytes, for the one that fills them. Hand out copies and names after that.
    ///
    /// Errors: check() that no other handle is there. Order: S6.
    std::span<std::byte> writable() const noexcept {
        check(slots().references(ref_) == 1, "a shared event is not written");
        return slots().payload(ref_);
    }

    /// The payload as a record that was stored in it. Errors: check() that the sizes agree.
    template <Pod T>
    const T& as() const noexcept {
        const std::span<const std::byte> bytes = payload();
        check(bytes.size() == sizeof(T), "the event holds a record of this size");
        return *reinterpret_cast<const T*>(bytes.data());
    }

    std::uint32_t event_type() const noexcept { return slots().held(ref_).event_type; }

    EventSize size() const noexcept {
        (void)slots().held(ref_);
        return ref_.size();
    }

    /// Handles of this event now, this one and detached ones included.
    std::uint32_t references() const noexcept { return slots().references(ref_); }

    /// The event's name; whoever has it may EventPool::lock() it while somebody holds the event.
    ///
    /// Order: pass it on as you would a pointer: after the payload was written, with release.
    EventRef ref() const noexcept {
        (void)slots().held(ref_);
        return ref_;
    }

    /// Leaves this handle's reference in the name, to travel through a journal or an atomic word;
    /// EventPool::adopt() makes a handle of it again, once.
    EventRef detach() noexcept {
        (void)slots().held(ref_);
        slots_ = nullptr;
        return std::exchange(ref_, {});
    }

  private:
    friend class EventPool;

    /// Takes over a reference that was counted already.
    RingPtr(EventSlots& slots, EventRef ref) noexcept : slots_(&slots), ref_(ref) {}

    EventSlots& slots() const noexcept {
        check(slots_ != nullptr, "an empty handle has no event");
        return *slots_;
    }

    EventSlots* slots_ = nullptr;
    EventRef ref_;
};

}  // namespace roda
