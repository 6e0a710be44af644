// SPDX-License-Identifier: Apache-2.0
// A stage: one pipe between two journals. Takes a burst, runs it, publishes once.
#pragma once

#include <algorithm>
#include <cstddef>

#include "pipeline/op/pipe.hpp"
#include "pipeline/store/journal.hpp"

namespace roda {

/// Between stages a full journal holds the stage before it back: nothing is lost inside.
template <Pod T>
using StageJournal = Journal<T, FullPolicy::wait>;

/// Shape: a pipe hands on at most one record for each it takes, so a burst fits the claimed room.
template <Pod In, class PipeType>
class Stage {
  public:
    using Output = typename PipeType::Output;
    static_assert(Pod<Output>, "stage(): what a pipe hands on lies in a journal and is a Pod");

    static constexpr std::uint32_t burst_records = 256;

    Stage(StageJournal<In>& input, PipeType pipe, std::uint64_t journal_records)
        : reader_(input.reader()),
          pipe_(std::move(pipe)),
          output_({.capacity_records = std::max<std::uint64_t>(journal_records, burst_records),
                   .max_claim_records = burst_records}) {}

    /// Runs one burst. Returns the records taken: 0 when there are none, or no room for more.
    ///
    /// Thread: one at a time. Order: outputs are published before the inputs are given back, so
    /// whoever sees nothing pending sees all outputs.
    std::size_t step() {
        const auto room =
            static_cast<std::size_t>(std::min<std::uint64_t>(output_.room(), burst_records));
        const std::span<const In> burst = reader_.peek(room);
        if (burst.empty()) {
            return 0;
        }
        const std::span<Output> out = output_.claim(static_cast<std::uint32_t>(burst.size()));
        std::uint32_t written = 0;
        pipe_.run(burst, reader_.get_index(), [&](const Output& record, Cause) {
            out[written++] = record;
        });
        output_.publish(written);
        reader_.advance(burst.size());
        return burst.size();
    }

    StageJournal<Output>& output() noexcept { return output_; }

    const PipeType& pipe() const noexcept { return pipe_; }

    /// The sequence of the next record it will take. Thread: the stage's, or when it is at rest.
    std::uint64_t get_index() const noexcept { return reader_.get_index(); }

  private:
    typename StageJournal<In>::Reader reader_;
    PipeType pipe_;
    StageJournal<Output> output_;
};

}  // namespace roda
