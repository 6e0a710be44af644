// SPDX-License-Identifier: Apache-2.0
// Journal<T, policy>: bounded, append-only, one writer, many readers with a cursor each; in memory
// of this process, or in a file that the next start goes on with. This is the writer's side;
// journal_reader.hpp and attached_reader.hpp are the readers'. The tables below are for all.
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
#include <optional>
#include <span>
#include <string>
#include <thread>

#include "pipeline/base/check.hpp"
#include "pipeline/base/error.hpp"
#include "pipeline/base/pod.hpp"
#include "pipeline/memory/region.hpp"
#include "pipeline/store/full_policy.hpp"
#include "pipeline/store/journal_shape.hpp"
#include "pipeline/store/wake_file.hpp"
#include "pipeline/store/word_copy.hpp"

namespace roda {

/// Bounded memory of records in order. The writer is whoever holds the Journal; readers are made
/// by reader() (gated: the writer waits for or drops before them) and live as long as it does.
/// Other processes read a file of `stop` or `lap` through an AttachedReader.
template <Pod T, FullPolicy policy>
class alignas(contention_block_bytes) Journal {
  public:
    static constexpr bool is_gated =
        policy == FullPolicy::wait || policy == FullPolicy::drop_newest;
    static constexpr bool is_lapping = policy == FullPolicy::lap;
    static_assert(!is_lapping || SharedPod<T>,
                  "a lapping journal's record is made of whole 64-bit words");

    class Reader;

    /// With a path: makes the file, or goes on with the sequence of the writer before. The gates
    /// of his readers, who died with him, are free again. A file of anything else, or of another
    /// ring, longest claim or policy (`stop`: another capacity), is replaced by a new one: readers
    /// keep the old one, which stands still. What the slowest of the dead readers needs stays
    /// marked in the file until a reader is made or an append or claim needs its room: a start that
    /// fails before either loses nothing.
    ///
    /// Errors: StartupError when there is no memory, or another process writes the file.
    explicit Journal(const JournalOptions& options)
        : region_(open_region(options)), overhang_(options.max_claim_records - 1u) {
        header_ = reinterpret_cast<JournalHeader*>(region_.data());
        records_ = reinterpret_cast<T*>(region_.data() + journal_data_offset);
        const JournalShape shape = JournalShape::of(options, sizeof(T), policy);
        mask_ = shape.ring_records - 1;
        if constexpr (!is_gated) {
            if (!options.path.empty()) {
                // Before the epoch, by which readers tell that there may be a new bell.
                bell_ = WakeFile::open(options.path);
            }
        }
        if (!region_.existing()) {
            shape.write_header(region_.data(), options, policy_code(policy));
        } else {
            take_over();
        }
        if constexpr (policy == FullPolicy::stop) {
            limit_ = options.capacity_records;
        }
    }

    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    // --- the writer ---------------------------------------------------------------------------

    /// Room for `records` records to be written in place; empty when there is none.
    ///
    /// Thread:  writer only.
    /// Shape:   contiguous; at most max_claim_records. Until publish() nobody sees them; a
    ///          second claim() before it returns the same place, and an append() takes it.
    /// Errors:  empty span; drop_newest counts the records as dropped. There is room for the whole
    ///          ring only while no reader keeps a record, be it that of its get().
    /// Cost:    no wait, no copy; a load of each gate only when the cached room is used up.
    [[gnu::always_inline]] std::span<T> claim(std::uint32_t records) noexcept
        requires(!is_lapping) {
        if (records > overhang_ + 1u || !has_room(records)) [[unlikely]] {
            count_refused(records);
            return {};
        }
        claim_end_ = end_ + records;
        return {records_ + (end_ & mask_), records};
    }

    /// Shows the first `records` of the last claim() to the readers and ends it: the rest is to be
    /// claimed anew. More than was claimed, and not shown or appended over since, aborts.
    ///
    /// Order: P1. Cost: one store and a predicted compare; a copy of what spilled over the
    /// ring's end.
    [[gnu::always_inline]] void publish(std::uint32_t records) noexcept requires(!is_lapping) {
        check(end_ + records <= claim_end_, "only claimed records are published");
        const std::uint64_t at = end_ & mask_;
        if (at + records > mask_ + 1) [[unlikely]] {
            std::memcpy(static_cast<void*>(records_),
                        records_ + mask_ + 1,
                        (at + records - mask_ - 1) * sizeof(T));
        }
        show(end_ + records);
    }

    /// Appends one record and publishes it; what a full journal does is the policy's.
    ///
    /// Thread: writer only. Errors: false when the record was refused (stop, drop_newest).
    bool append(const T& record) noexcept {
        if constexpr (is_lapping) {
            header_->claimed.store(end_ + 1, std::memory_order_relaxed);  // C1
            store_words(reinterpret_cast<SharedWord*>(records_ + (end_ & mask_)), record);
            show(end_ + 1);
        } else {
            for (int spins = 0; !has_room(1); ++spins) {
                if constexpr (policy != FullPolicy::wait) {
                    count_refused(1);
                    return false;
                }
                wait_a_moment(spins);
            }
            const std::uint64_t at = end_;  // a record may be of the same type: no load after it
            records_[at & mask_] = record;
            show(at + 1);
        }
        return true;
    }

    /// Records that could be claimed now; before the first reader of a restarted writer: without
    /// overwriting what the readers of the one before had not passed.
    std::uint64_t room() noexcept {
        if constexpr (is_lapping) {
            return mask_ + 1;
        }
        if constexpr (is_gated) {
            // To ask must not raise the limit yet: reader() may still begin at resume_.
            if (end_ == started_at_) [[unlikely]] {
                return oldest() + mask_ + 1 - end_;
            }
        }
        refresh_limit();
        return limit_ - end_;
    }

    std::uint64_t written() const noexcept { return end_; }

    /// Whether it goes on with an earlier writer's file. False for one that was replaced.
    bool existing() const noexcept { return region_.existing(); }

    /// Records refused so far. Thread: any.
    std::uint64_t dropped() const noexcept {
        return header_->dropped.load(std::memory_order_relaxed);
    }

    /// Tells readers in other processes that the writer lives. Thread: any one at a time.
    /// Units: Unix time.
    void beat(std::uint64_t now_ns) noexcept {
        header_->heartbeat_ns.store(now_ns, std::memory_order_relaxed);
    }

    /// Wakes the readers in other processes that wait for records; to be called after a burst of
    /// appends. Nothing to do for a journal without a file.
    ///
    /// Thread: writer. Cost: one load; a system call only when somebody sleeps.
    [[gnu::always_inline]] void wake_readers() noexcept requires(!is_gated) {
        if (bell_) {
            bell_->bell().ring();
        }
    }

    // --- readers: each made by the writer's thread, before or between its appends ---------------

    /// A reader from the start: at the first record that is still there. With gates: that some
    /// other reader still needs, so the head when it is the only one; before the first append of a
    /// restarted writer: that the slowest reader of the one before had not passed.
    ///
    /// Errors: StartupError when all gates are taken; the same for the others.
    Reader reader() { return Reader(*this, first_needed()); }

    /// A reader whose first record is the one with this sequence: for those who kept their place.
    ///
    /// Errors: StartupError when it is no longer held, or beyond the head. With `lap` only the
    /// latter: poll() counts what was overwritten.
    Reader reader_at(std::uint64_t sequence) {
        if (sequence < first_held() || sequence > end_) {
            throw StartupError("no record " + std::to_string(sequence) + ": it holds those from " +
                                   std::to_string(first_held()) + " up to, not including, " +
                                   std::to_string(end_),
                               "journal",
                               "");
        }
        return Reader(*this, sequence);
    }

    /// A reader that sees only what is appended from now on.
    Reader reader_at_head() { return Reader(*this, end_); }

    Pages pages() const noexcept { return region_.pages(); }

    const JournalHeader& header() const noexcept { return *header_; }

  private:
    friend class Reader;

    static Region open_region(const JournalOptions& options) {
        const JournalShape shape = JournalShape::of(options, sizeof(T), policy);
        if (options.path.empty()) {
            return Region::anonymous(shape.region_bytes());
        }
        return open_layout(options.path, shape.region_bytes(), [&](MappedBytes file) {
            return shape.can_go_on(file.data(), file.size(), options, policy);
        });
    }

    /// What the writer before left, under its own epoch. One that died in the middle of an append
    /// left `claimed` one ahead: it stays there, so that no reader takes the half-written slot for
    /// the old record.
    void take_over() noexcept {
        end_ = header_->published.load(std::memory_order_relaxed);
        claim_end_ = end_;
        if constexpr (is_gated) {
            take_over_gates();
        }
        start_epoch(header_->epoch, header_->heartbeat_ns, unix_now_ns());
    }

    /// Frees the gates of the dead but one, which keeps the slowest one's place: at no moment does
    /// the file not say where to resume.
    void take_over_gates() noexcept {
        const std::uint64_t ring = mask_ + 1;
        std::uint64_t needed = end_;
        for (JournalGate& gate : header_->gates) {
            if (gate.in_use.load(std::memory_order_relaxed) != 0) {
                const std::uint64_t position = gate.position.load(std::memory_order_relaxed);
                if (resume_gate_ == nullptr || position < needed) {
                    resume_gate_ = &gate;
                }
                needed = std::min(needed, position);
            }
        }
        started_at_ = end_;
        resume_ = std::max(needed, end_ > ring ? end_ - ring : 0);
        // A dead writer's claim lay below its limit, and at most one claim beyond its end.
        limit_ = resume_gate_ != nullptr ? resume_ + ring : std::max(end_ + overhang_ + 1, ring);
        if (resume_gate_ != nullptr) {
            resume_gate_->position.store(resume_, std::memory_order_relaxed);
        }
        for (JournalGate& gate : header_->gates) {
            if (&gate != resume_gate_) {
                gate.in_use.store(0, std::memory_order_release);  // N1
            }
        }
    }

    void release_resume_gate() noexcept {
        if (resume_gate_ != nullptr) {
            resume_gate_->in_use.store(0, std::memory_order_release);  // N1
            resume_gate_ = nullptr;
        }
    }

    [[gnu::always_inline]] void show(std::uint64_t end) noexcept {
        end_ = end;
        if constexpr (!is_lapping) {
            claim_end_ = end;
        }
        header_->published.store(end, std::memory_order_release);  // P1
    }

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

    /// The first sequence that may not be written yet, as far as the gates tell now. Whoever asks
    /// is about to write: nothing is kept for the dead any longer.
    void refresh_limit() noexcept {
        if constexpr (is_gated) {
            release_resume_gate();
            limit_ = oldest() + mask_ + 1;
        }
    }

    /// The first sequence whose record no claim can have touched: a writer stays below its limit.
    std::uint64_t first_held() const noexcept {
        return is_gated && limit_ > mask_ + 1 ? limit_ - mask_ - 1 : 0;
    }

    /// Where a reader from the start begins. A claim that is not published yet may have taken the
    /// room of what lies below first_held().
    std::uint64_t first_needed() noexcept {
        if constexpr (is_gated) {
            if (end_ == started_at_) {
                return std::max(std::min(oldest(), resume_), first_held());
            }
            release_resume_gate();
        }
        return oldest();
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

    void count_refused(std::uint64_t records) noexcept {
        if constexpr (policy == FullPolicy::drop_newest) {
            const std::uint64_t before = header_->dropped.load(std::memory_order_relaxed);
            header_->dropped.store(before + records, std::memory_order_relaxed);
        }
    }

    Region region_;
    JournalHeader* header_ = nullptr;
    T* records_ = nullptr;
    std::uint64_t mask_ = 0;
    std::uint64_t end_ = 0;        // the writer's own copy of `published`
    std::uint64_t limit_ = 0;      // end_ may grow to here without looking at the gates
    std::uint64_t claim_end_ = 0;  // and publish() to here; end_ when nothing is claimed
    std::uint32_t overhang_ = 0;
    std::uint64_t started_at_ = 0;        // this writer's first sequence
    std::uint64_t resume_ = 0;            // where the slowest reader of the writer before stood
    JournalGate* resume_gate_ = nullptr;  // says so in the file until it is settled
    std::optional<WakeFile> bell_;
};

}  // namespace roda

#include "pipeline/store/journal_reader.hpp"
