// SPDX-License-Identifier: Apache-2.0
// The readers' side of a journal. The order of its operations is in journal.hpp's tables.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "pipeline/base/check.hpp"
#include "pipeline/base/error.hpp"
#include "pipeline/store/journal.hpp"

namespace roda {

/// One cursor over a journal, on lines of its own: users put those of several threads side by side.
/// Gated readers hold the writer back; those of `stop` cost it nothing, those of `lap` copy records
/// out and count what they missed.
template <Pod T, FullPolicy policy>
class alignas(contention_block_bytes) Journal<T, policy>::Reader {
  public:
    Reader(Reader&& other) noexcept { *this = std::move(other); }

    Reader& operator=(Reader&& other) noexcept {
        std::swap(header_, other.header_);
        std::swap(records_, other.records_);
        std::swap(gate_, other.gate_);
        std::swap(mask_, other.mask_);
        std::swap(position_, other.position_);
        std::swap(known_end_, other.known_end_);
        std::swap(current_, other.current_);
        return *this;
    }

    ~Reader() {
        if (gate_ != nullptr) {
            gate_->in_use.store(0, std::memory_order_release);  // N1
        }
    }

    /// The next records, in place; they stay as they are until advance() passes them.
    ///
    /// Shape: at most `max`, contiguous (shorter at the ring's end), empty when there are none.
    /// Order: P2. Cost: one load of the writer's index, only when the known records are used up.
    [[gnu::always_inline]] std::span<const T> peek(std::size_t max) noexcept requires(!is_lapping) {
        if (known_end_ == position_) {
            known_end_ = header_->published.load(std::memory_order_acquire);  // P2
            if (known_end_ == position_) {
                // Whoever polls gets the record's line while that of `published` is on its way.
                __builtin_prefetch(records_ + (position_ & mask_));
            }
        }
        const std::uint64_t at = position_ & mask_;
        const std::uint64_t count =
            std::min({known_end_ - position_, mask_ + 1 - at, static_cast<std::uint64_t>(max)});
        return {records_ + at, static_cast<std::size_t>(count)};
    }

    /// Passes `records` published records and gives their room back, and that of get()'s.
    ///
    /// Order: G1. Cost: two stores and a predicted compare.
    [[gnu::always_inline]] void advance(std::size_t records) noexcept requires(!is_lapping) {
        if (records > known_end_ - position_) [[unlikely]] {  // more than the last peek() showed
            known_end_ = header_->published.load(std::memory_order_acquire);  // P2
            check(records <= known_end_ - position_, "a reader passes only published records");
        }
        position_ += records;
        current_ = nullptr;
        open_gate(position_);
    }

    /// Moves to the next record and gives the room of the one before back; false, and that one
    /// stays, when there is none.
    ///
    /// Errors: with gates, to stay so in a journal whose max_claim_records is its ring aborts: a
    /// writer that claims all of it would wait for this reader, and this reader for the writer.
    bool next() noexcept requires(!is_lapping) {
        if (peek(1).empty()) {
            check_leaves_room_for_a_claim();
            return false;
        }
        open_gate(position_);  // the record of the previous next() is done with
        current_ = records_ + (position_ & mask_);
        ++position_;
        return true;
    }

    /// The record of the last successful next(); nullptr before the first and after advance().
    const T* get() const noexcept requires(!is_lapping) { return current_; }

    /// The record with this sequence; nullptr when it is not written yet, or no longer held.
    const T* get_at(std::uint64_t sequence) const noexcept requires(!is_lapping) {
        const std::uint64_t first = is_gated ? gate_->position.load(std::memory_order_relaxed) : 0;
        const bool there = first <= sequence &&
                           sequence < header_->published.load(std::memory_order_acquire);  // P2
        return there ? records_ + (sequence & mask_) : nullptr;
    }

    /// The newest record; nullptr when there is none, or this reader has passed it.
    const T* get_last() const noexcept requires(!is_lapping) {
        const std::uint64_t end = header_->published.load(std::memory_order_acquire);  // P2
        return end == 0 ? nullptr : get_at(end - 1);
    }

    /// `window_records` records from `first` on, in place; empty unless all are there.
    template <std::size_t window_records>
    std::span<const T> get_window(std::uint64_t first) const noexcept
        requires(policy == FullPolicy::stop) {
        // Never beyond the ring, whatever the header of another process says.
        const std::uint64_t end =
            std::min(header_->published.load(std::memory_order_acquire), mask_ + 1);  // P2
        if (first > end || end - first < window_records) {
            return {};
        }
        return {records_ + first, window_records};
    }

    /// The sequence of the next record: how many this reader has passed.
    std::uint64_t get_index() const noexcept { return position_; }

    /// Whether there are records that this reader has not passed. Errors: as next(). Order: P2.
    bool has_next() const noexcept {
        if (header_->published.load(std::memory_order_acquire) > position_) {  // P2
            return true;
        }
        check_leaves_room_for_a_claim();
        return false;
    }

    struct Polled {
        std::size_t records = 0;   // copied to the front of `out`
        std::uint64_t missed = 0;  // overwritten before they could be copied, all before the first
                                   // of these records: exact
    };

    /// Copies the next records out; what was overwritten is skipped, counted, never delivered.
    ///
    /// Order: P2, then R and C2 for each record.
    Polled poll(std::span<T> out) noexcept requires is_lapping {
        Polled polled;
        while (polled.records < out.size()) {
            if (position_ >= known_end_) {
                known_end_ = header_->published.load(std::memory_order_acquire);  // P2
                if (position_ >= known_end_) {
                    break;
                }
            }
            const T record = load_words<T>(
                reinterpret_cast<const SharedWord*>(records_ + (position_ & mask_)));        // R
            const std::uint64_t claimed = header_->claimed.load(std::memory_order_relaxed);  // C2
            const std::uint64_t oldest = claimed > mask_ + 1 ? claimed - mask_ - 1 : 0;
            if (position_ < oldest) {
                if (polled.records != 0) {
                    break;  // the gap comes first in the next poll, before what lies behind it
                }
                polled.missed += oldest - position_;
                position_ = oldest;
                continue;
            }
            out[polled.records++] = record;
            ++position_;
        }
        return polled;
    }

  private:
    friend class Journal;
    template <Pod U, FullPolicy policy_of_file>
    requires(policy_of_file == FullPolicy::stop ||
             policy_of_file == FullPolicy::lap) friend class AttachedReader;

    Reader(const JournalHeader* header, const T* records, std::uint64_t position)
        : header_(header),
          records_(records),
          mask_(header->ring_records - 1),
          position_(position),
          known_end_(position) {}

    Reader(Journal& journal, std::uint64_t position)
        : Reader(journal.header_, journal.records_, position) {
        // The writer's limit needs no new look: it is a ring beyond first_held() (or less than a
        // ring beyond nothing), and no reader is made below that.
        if constexpr (is_gated) {
            for (JournalGate& gate : journal.header_->gates) {
                if (gate.in_use.load(std::memory_order_acquire) == 0) {  // N2
                    gate.position.store(position, std::memory_order_relaxed);
                    gate.in_use.store(1, std::memory_order_release);  // N1
                    gate_ = &gate;
                    journal.release_resume_gate();
                    return;
                }
            }
            throw StartupError(
                "a journal has at most " + std::to_string(journal_gate_count) + " gated readers",
                "journal",
                "");
        }
    }

    /// For a reader that found nothing: what it keeps is at most the record of get().
    void check_leaves_room_for_a_claim() const noexcept {
        if constexpr (is_gated) {
            check(current_ == nullptr || header_->overhang_records < mask_,
                  "where a reader waits by next(), the longest claim is shorter than the ring");
        }
    }

    [[gnu::always_inline]] void open_gate(std::uint64_t position) noexcept {
        if constexpr (is_gated) {
            gate_->position.store(position, std::memory_order_release);  // G1
        }
    }

    const JournalHeader* header_ = nullptr;
    const T* records_ = nullptr;
    JournalGate* gate_ = nullptr;
    std::uint64_t mask_ = 0;
    std::uint64_t position_ = 0;
    std::uint64_t known_end_ = 0;
    const T* current_ = nullptr;
};

}  // namespace roda
