// SPDX-License-Identifier: Apache-2.0
// A stage: one pipe between two journals. Takes a burst, runs it, publishes once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <stdexcept>

#include "pipeline/base/fresh_copy.hpp"
#include "pipeline/base/prefetch.hpp"
#include "pipeline/op/pipe.hpp"
#include "pipeline/store/journal.hpp"

namespace roda {

/// Between stages a full journal holds the stage before it back: nothing is lost inside.
template <Pod T>
using StageJournal = Journal<T, FullPolicy::wait>;

/// The most records that a stage takes at once. Handing over gets no cheaper per record beyond 128
/// (performance.md 2), and the first of a burst waits for its last: some microseconds with 256.
inline constexpr std::uint32_t burst_records = 256;

/// Shape: room for all that a burst may bring is claimed before it is run, so that a pipe never
/// waits half way.
template <Pod In, class PipeType>
class Stage {
  public:
    using Output = typename PipeType::Output;
    static_assert(Pod<Output>, "stage(): what a pipe hands on lies in a journal and is a Pod");

    Stage(StageJournal<In>& input,
          PipeType pipe,
          std::uint64_t journal_records,
          std::uint32_t outputs_per_record = 1)
        : reader_(input.reader()),
          pipe_(std::move(pipe)),
          outputs_per_record_(std::max(outputs_per_record, 1u)),
          output_({.capacity_records =
                       std::max<std::uint64_t>(journal_records, most_outputs(burst_records)),
                   .max_claim_records = most_outputs(burst_records)}) {}

    /// Runs one burst. Returns the records taken: 0 when there are none, or no room for more.
    ///
    /// Thread: one at a time. Order: outputs are published before the inputs are given back, so
    /// whoever sees nothing pending sees all outputs.
    /// Errors: what the pipe throws, and std::length_error when it hands on more than
    /// outputs_per_record; the burst is then half folded, and none of its outputs is published.
    std::size_t step() {
        std::span<const In> burst = reader_.peek(burst_records);
        if (burst.empty()) {
            return 0;
        }
        std::span<Output> out = claim_for(burst);
        if (out.empty()) [[unlikely]] {  // asks the readers' gates only now
            const std::uint64_t room = output_.room() / outputs_per_record_;
            burst = burst.first(static_cast<std::size_t>(std::min<std::uint64_t>(
                burst.size(), room - std::min<std::uint64_t>(room, sweep_records))));
            is_held_back_ = burst.empty();
            if (is_held_back_) {
                return 0;
            }
            out = claim_for(burst);
        }
        is_held_back_ = false;
        std::size_t written = 0;
        pipe_.run(burst, reader_.get_index(), [&](const Output& record, Cause) {
            if (written == out.size()) [[unlikely]] {
                throw_too_many();
            }
            // The line was the next core's a lap ago: asked for before it is written, or every
            // store behind waits for it (bench/seeds_bench).
            prefetch_to_write(out.data() + written + records_ahead);
            copy_fresh(out[written++], record);
        });
        output_.publish(static_cast<std::uint32_t>(written));
        reader_.advance(burst.size());
        return burst.size();
    }

    /// True when the last step() found records but no room. Thread: the stage's.
    bool is_held_back() const noexcept { return is_held_back_; }

    StageJournal<Output>& output() noexcept { return output_; }

    const StageJournal<Output>& output() const noexcept { return output_; }

    const PipeType& pipe() const noexcept { return pipe_; }

    /// The sequence of the next record it will take. Thread: the stage's, or when it is at rest.
    std::uint64_t get_index() const noexcept { return reader_.get_index(); }

    std::uint32_t outputs_per_record() const noexcept { return outputs_per_record_; }

  private:
    static constexpr std::size_t records_ahead = 24;
    /// Keys that may expire with one record: a group of slots.
    static constexpr std::uint32_t sweep_records = PipeType::sweeps ? 16 : 0;

    std::span<Output> claim_for(std::span<const In> burst) noexcept {
        return output_.claim(most_outputs(static_cast<std::uint32_t>(burst.size())));
    }

    std::uint32_t most_outputs(std::uint32_t records) const noexcept {
        return (records + sweep_records) * outputs_per_record_;
    }

    [[noreturn, gnu::noinline, gnu::cold]] static void throw_too_many() {
        throw std::length_error("the pipe hands on more than outputs_per_record");
    }

    typename StageJournal<In>::Reader reader_;
    PipeType pipe_;
    std::uint32_t outputs_per_record_;
    bool is_held_back_ = false;
    StageJournal<Output> output_;
};

}  // namespace roda
