// SPDX-License-Identifier: Apache-2.0
// A stage inside an engine: runs it, rings its neighbours, counts, and notes what it throws.
// Other threads learn about it through one snapshot alone; the words of its journals' headers are
// loaded with acquire (P2 of store/journal.hpp).
#pragma once

#include <algorithm>
#include <exception>

#include "pipeline/base/cache_line.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/engine/links.hpp"
#include "pipeline/engine/stage.hpp"
#include "pipeline/engine/stage_counters.hpp"
#include "pipeline/store/snapshot_cell.hpp"

namespace roda {

/// What other threads see of a stage.
struct StageState {
    StageCounters counters;
    std::uint64_t is_held_back = 0;  // it has records and no room for their outputs
    std::uint64_t has_failed = 0;    // it takes no more
};

/// Shape: blocks of its own, because neighbours run on other threads.
template <Pod In, class PipeType>
class alignas(contention_block_bytes) StageRunner {
  public:
    using Output = typename PipeType::Output;

    StageRunner(StageJournal<In>& input,
                PipeType pipe,
                const StageOptions& options,
                std::uint64_t journal_records,
                EngineLinks& links,
                std::size_t position)
        : links_(&links),
          input_(&input),
          behind_(links.behind(position)),
          before_(links.before(position)),
          position_(position),
          thread_(links.plan().thread_of(position)),
          stall_ns_(options.stall_ns),
          stage_(input, std::move(pipe), journal_records, options.outputs_per_record) {}

    /// Runs one burst and counts it. `now_ns`: in, when it begins; out, when a busy step ended.
    ///
    /// Thread: the stage's. Errors: what the pipe throws, after it was noted; from then on it takes
    /// nothing more.
    /// Cost: beside the burst, two loads to ring, one look at the clock and a snapshot of some
    /// words, all after the outputs are there.
    std::size_t step(std::uint64_t& now_ns) {
        if (state_.has_failed != 0) {
            return 0;
        }
        const std::size_t taken = step_stage();
        if (taken == 0) {
            if (stage_.is_held_back() != (state_.is_held_back != 0)) {
                show_held_back();
            }
            return 0;
        }
        if (behind_ != nullptr && stage_.output().written() != state_.counters.emitted) {
            behind_->ring();
        }
        if (before_ != nullptr) {
            before_->ring();
        }
        const std::uint64_t end_ns = monotonic_now_ns();
        count_step(end_ns - std::min(now_ns, end_ns));
        now_ns = end_ns;
        return taken;
    }

    /// Thread: any. When it says that all was taken, the outputs of all of it are visible.
    StageState state() const noexcept { return cell_.read(); }

    std::size_t thread() const noexcept { return thread_; }

    /// Records that its input got so far. Thread: any.
    std::uint64_t sent() const noexcept {
        return input_->header().published.load(std::memory_order_acquire);
    }

    /// True when its output has no room for one more record's outputs while `taken_behind` of them
    /// were taken. Thread: any.
    bool is_output_full(std::uint64_t published, std::uint64_t taken_behind) const noexcept {
        const std::uint64_t pending = published - std::min(taken_behind, published);
        return stage_.output().header().ring_records - pending < stage_.outputs_per_record();
    }

    StageJournal<Output>& output() noexcept { return stage_.output(); }

  private:
    std::size_t step_stage() {
        try {
            return stage_.step();
        } catch (const std::exception& error) {
            fail(error.what());
            throw;
        } catch (...) {
            fail("unknown exception");
            throw;
        }
    }

    /// The state goes first: who sees the failure sees that this stage is the one.
    void fail(const char* reason) {
        state_.has_failed = 1;
        cell_.publish(state_);
        links_->fail(position_, reason);
    }

    void show_held_back() noexcept {
        state_.is_held_back = stage_.is_held_back() ? 1 : 0;
        state_.counters.held_back += state_.is_held_back;
        cell_.publish(state_);
    }

    void count_step(std::uint64_t took_ns) noexcept {
        StageCounters& counters = state_.counters;
        const OperatorCounts operators = stage_.pipe().counts();
        counters.taken = stage_.get_index();
        counters.emitted = stage_.output().written();
        counters.keys = operators.keys;
        counters.refused = operators.refused;
        counters.expired = operators.expired;
        counters.late = operators.late;
        counters.steps += 1;
        counters.step_max_ns = std::max(counters.step_max_ns, took_ns);
        counters.stalls += stall_ns_ != 0 && took_ns > stall_ns_ ? 1 : 0;
        state_.is_held_back = 0;
        cell_.publish(state_);
    }

    EngineLinks* links_;
    StageJournal<In>* input_;
    Bell* behind_;
    Bell* before_;
    std::size_t position_;
    std::size_t thread_;
    std::uint64_t stall_ns_;
    StageState state_;  // the stage's own copy of what cell_ shows
    Stage<In, PipeType> stage_;
    SnapshotCell<StageState> cell_;
};

}  // namespace roda
