// SPDX-License-Identifier: Apache-2.0
// Journal<T, policy>: bounded, append-only, one writer, many readers with a cursor each. This file
// is the writer's side; journal_reader.hpp is the readers'. The tables below are for both.
//
// | label | operation                    | order   | pairs with                                 |
// |-------|------------------------------|---------|--------------------------------------------|
// | P1    | published := new end         | release | P2: records below it are complete          |
// | P2    | reader loads published       | acquire | P1                                         |
// | G1    | reader's gate := position    | release | G2: the reader has done with what is below |
// | G2    | writer loads a gate          | acquire | G1                                         |
// | N1    | gate taken or left (in_use)  | release | N2: its position was set, its reading done |
// | N2    | writer loads in_use          | acquire | N1                                         |
//
// The `lap` policy overwrites under its readers and copies by words (word_copy.hpp):
// | C1    | claimed := end of the change | relaxed | made visible by W: the records change after |
// | C2    | reader loads claimed         | relaxed | after R: newer words make C1 visible        |
#pragma once

#include <algorithm>
#include <cstring>
#include <span>
#include <thread>
#include <utility>

#include "pipeline/base/check.hpp"
#include "pipeline/base/pod.hpp"
#include "pipeline/memory/region.hpp"
#include "pipeline/store/journal_shape.hpp"
#include "pipeline/store/word_copy.hpp"

namespace roda {

/// What a full journal does with the next record. Part of the type, never implicit.
enum class FullPolicy : std::uint8_t {
    stop,         // capacity is for the whole life: append() returns false (the seed's panic)
    wait,         // append() waits until every named reader has made room
    drop_newest,  // the new record is dropped and counted
    lap,          // the oldest records are overwritten; readers learn how many they missed
};

/// Bounded memory of records in order. The writer is whoever holds the Journal; readers are made
/// by reader() (gated: the writer waits for or drops before them) and live as long as it does.
template <Pod T, FullPolicy policy>
class Journal {
  public:
    static constexpr bool is_gated =
        policy == FullPolicy::wait || policy == FullPolicy::drop_newest;
    static constexpr bool is_lapping = policy == FullPolicy::lap;
    static_assert(!is_lapping || SharedPod<T>,
                  "a lapping journal's record is made of whole 64-bit words");

    class Reader;

    explicit Journal(const JournalOptions& options)
        : Journal(Region::anonymous(JournalShape::of(options, sizeof(T)).region_bytes()), options) {
    }

    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    // --- the writer ---------------------------------------------------------------------------

    /// Room for `records` records to be written in place; empty when there is none.
    ///
    /// Thread:  writer only.
    /// Shape:   contiguous; at most max_claim_records. Until publish() nobody sees them; a
    ///          second claim() before it returns the same place.
    /// Errors:  empty span; drop_newest counts the records as dropped.
    /// Cost:    no wait, no copy; a load of each gate only when the cached room is used up.
    [[gnu::always_inline]] std::span<T> claim(std::uint32_t records) noexcept
        requires(!is_lapping) {
        if (records > overhang_ + 1u || !has_room(records)) [[unlikely]] {
            if constexpr (policy == FullPolicy::drop_newest) {
                count_dropped(records);
            }
            return {};
        }
        return {records_ + (end_ & mask_), records};
    }

    /// Shows the first `records` of the last claim() to the readers.
    ///
    /// Order: P1. Cost: one store; a copy of what spilled over the ring's end.
    [[gnu::always_inline]] void publish(std::uint32_t records) noexcept requires(!is_lapping) {
        const std::uint64_t at = end_ & mask_;
        if (at + records > mask_ + 1) [[unlikely]] {
            std::memcpy(static_cast<void*>(records_),
                        records_ + mask_ + 1,
                        (at + records - mask_ - 1) * sizeof(T));
        }
        end_ += records;
        header_->published.store(end_, std::memory_order_release);  // P1
    }

    /// Appends one record and publishes it; what a full journal does is the policy's.
    ///
    /// Thread: writer only. Errors: false when the record was refused (stop, drop_newest).
    bool append(const T& record) noexcept {
        if constexpr (is_lapping) {
            header_->claimed.store(end_ + 1, std::memory_order_relaxed);  // C1
            store_words(reinterpret_cast<SharedWord*>(records_ + (end_ & mask_)), record);
            end_ += 1;
            header_->published.store(end_, std::memory_order_release);  // P1
            return true;
        } else {
            if constexpr (policy == FullPolicy::wait) {
                for (int spins = 0; !has_room(1); ++spins) {
                    wait_a_moment(spins);
                }
            }
            const std::span<T> slot = claim(1);
            if (slot.empty()) {
                return false;
            }
            slot[0] = record;
            publish(1);
            return true;
        }
    }

    /// Records that could be claimed now.
    std::uint64_t room() noexcept {
        if constexpr (is_lapping) {
            return mask_ + 1;
        }
        refresh_limit();
        return limit_ - end_;
    }

    std::uint64_t written() const noexcept { return end_; }

    /// Records refused so far. Thread: any.
    std::uint64_t dropped() const noexcept {
        return header_->dropped.load(std::memory_order_relaxed);
    }

    // --- readers ------------------------------------------------------------------------------

    /// A reader that starts at the first record that is still there; with gates: that some other
    /// reader still needs, so the head when it is the only one.
    ///
    /// Thread: made by the writer's thread, before or between its appends; used by one thread.
    /// Errors: StartupError when all gates are taken.
    Reader reader() { return Reader(*this, oldest()); }

    /// A reader that sees only what is appended from now on.
    Reader reader_at_head() { return Reader(*this, end_); }

    Pages pages() const noexcept { return region_.pages(); }

    const JournalHeader& header() const noexcept { return *header_; }

  protected:
    /// Over memory that may hold an earlier writer's journal of the same shape: then it goes on.
    Journal(Region region, const JournalOptions& options)
        : region_(std::move(region)), overhang_(options.max_claim_records - 1u) {
        const JournalShape shape = JournalShape::of(options, sizeof(T));
        check(region_.bytes() >= shape.region_bytes(), "the region holds the journal");
        header_ = reinterpret_cast<JournalHeader*>(region_.data());
        if (!region_.existing() || !shape.can_go_on(region_.data(), region_.bytes(), options)) {
            std::memset(region_.data(), 0, journal_data_offset);
            header_ = shape.write_header(region_.data(), options);
        }
        records_ = reinterpret_cast<T*>(region_.data() + journal_data_offset);
        mask_ = shape.ring_records - 1;
        end_ = header_->published.load(std::memory_order_relaxed);
        // A writer that died in the middle of an append left `claimed` one ahead: it stays there,
        // so that no reader takes the half-written slot for the old record.
        limit_ = policy == FullPolicy::stop ? options.capacity_records : end_;
    }

    JournalHeader& mutable_header() noexcept { return *header_; }

  private:
    friend class Reader;

    static void wait_a_moment(int spins) noexcept {
        if (spins < 1'000) {
            __builtin_ia32_pause();
        } else {
            std::this_thread::yield();
        }
    }

    [[gnu::always_inline]] bool has_room(std::uint64_t records) noexcept {
        if (end_ + records <= limit_) [[likely]] {
            return true;
        }
        refresh_limit();
        return end_ + records <= limit_;
    }

    /// The first sequence that may not be written yet, as far as the gates tell now.
    void refresh_limit() noexcept {
        if constexpr (is_gated) {
            limit_ = oldest() + mask_ + 1;
        }
    }

    /// The first sequence that is still there; with gates: that some reader still needs.
    std::uint64_t oldest() const noexcept {
        if constexpr (!is_gated) {
            const std::uint64_t claimed = header_->claimed.load(std::memory_order_relaxed);
            return claimed > mask_ + 1 ? claimed - mask_ - 1 : 0;
        }
        std::uint64_t position = end_;
        for (const JournalGate& gate : header_->gates) {
            if (gate.in_use.load(std::memory_order_acquire) != 0) {                            // N2
                position = std::min(position, gate.position.load(std::memory_order_acquire));  // G2
            }
        }
        return position;
    }

    void count_dropped(std::uint64_t records) noexcept {
        const std::uint64_t before = header_->dropped.load(std::memory_order_relaxed);
        header_->dropped.store(before + records, std::memory_order_relaxed);
    }

    Region region_;
    JournalHeader* header_ = nullptr;
    T* records_ = nullptr;
    std::uint64_t mask_ = 0;
    std::uint64_t end_ = 0;    // the writer's own copy of `published`
    std::uint64_t limit_ = 0;  // end_ may grow to here without looking at the gates
    std::uint32_t overhang_ = 0;
};

}  // namespace roda

#include "pipeline/store/journal_reader.hpp"
