// SPDX-License-Identifier: Apache-2.0
// progress: passes items on and reports the rate after each n of them.
#pragma once

#include "pipeline/base/check.hpp"
#include "pipeline/measure/clocks.hpp"
#include "pipeline/measure/rate.hpp"
#include "pipeline/op/operator.hpp"

namespace roda {

struct ProgressOptions {
    std::uint64_t every_records = 0;
};

template <class Report, class Clock, class In>
class ProgressReporter {
    static_assert(std::is_invocable_v<const Report&, const Progress&>,
                  "progress(): the report is called as report(const Progress&)");

  public:
    using Output = In;

    ProgressReporter(const ProgressOptions& options, Report report, Clock clock)
        : every_records_(options.every_records),
          report_(std::move(report)),
          clock_(std::move(clock)) {}

    [[gnu::always_inline]] bool admit(const In&) const {
        if (--records_left_ == 0) [[unlikely]] {
            end_interval();
        }
        return true;
    }

    template <class Next>
    [[gnu::always_inline]] void push(const In& item, Cause cause, Next&& next) {
        admit(item);
        next(item, cause);
    }

    template <class Next>
    void flush(Next&&) {}

  private:
    [[gnu::noinline]] void end_interval() const {
        const std::uint64_t now_ns = clock_();
        if (!started_) {  // the first item: the wait for it belongs to no rate
            started_ = true;
            meter_ = RateMeter(now_ns);
            records_left_ = every_records_ - 1;
            if (records_left_ != 0) {
                return;
            }
        }
        records_left_ = every_records_;
        meter_.add(every_records_);
        const Progress reached = meter_.report(now_ns);
        std::invoke(report_, reached);
    }

    std::uint64_t every_records_;
    // What counts does not change what passes.
    mutable std::uint64_t records_left_ = 1;
    mutable bool started_ = false;
    mutable RateMeter meter_;
    [[no_unique_address]] Report report_;
    [[no_unique_address]] Clock clock_;
};

template <class Report, class Clock>
struct ProgressSpec {
    ProgressOptions options;
    Report report;
    Clock clock;

    template <class In>
    ProgressReporter<Report, Clock, In> bind() const {
        return ProgressReporter<Report, Clock, In>(options, report, clock);
    }
};

/// Calls `report(const Progress&)` at each `every_records`-th item, before it goes on.
/// print_progress() of measure/report.hpp makes one that prints. Time counts from the first item.
///
/// Errors: every_records = 0 is the programmer's. Cost: a decrement and a branch for each item.
template <class Report, class Clock = MonotonicClock>
ProgressSpec<Report, Clock> progress(const ProgressOptions& options,
                                     Report report,
                                     Clock clock = {}) {
    check(options.every_records > 0, "progress(): every_records is at least 1");
    return {options, std::move(report), std::move(clock)};
}

}  // namespace roda
