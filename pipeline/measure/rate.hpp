// SPDX-License-Identifier: Apache-2.0
// How many records in how much time: since the last report, and since the start.
#pragma once

#include <cstdint>

namespace roda {

/// What a report of a running count says. A rate over no time at all is 0.
struct Progress {
    std::uint64_t records;     // since the start
    std::uint64_t elapsed_ns;  // since the start
    double interval_per_s;     // since the last report
    double average_per_s;      // since the start

    friend bool operator==(const Progress&, const Progress&) = default;
};

/// Thread: one. The caller brings the time: any clock in nanoseconds that does not step back.
class RateMeter {
  public:
    explicit RateMeter(std::uint64_t start_ns = 0) noexcept
        : start_ns_(start_ns), reported_ns_(start_ns) {}

    void add(std::uint64_t records) noexcept { records_ += records; }

    std::uint64_t records() const noexcept { return records_; }

    /// Ends the interval and begins the next.
    Progress report(std::uint64_t now_ns) noexcept {
        const Progress progress{
            .records = records_,
            .elapsed_ns = between_ns(start_ns_, now_ns),
            .interval_per_s = rate_of(records_ - reported_, between_ns(reported_ns_, now_ns)),
            .average_per_s = rate_of(records_, between_ns(start_ns_, now_ns))};
        reported_ = records_;
        reported_ns_ = now_ns;
        return progress;
    }

  private:
    static std::uint64_t between_ns(std::uint64_t from_ns, std::uint64_t to_ns) noexcept {
        return to_ns > from_ns ? to_ns - from_ns : 0;
    }

    static double rate_of(std::uint64_t records, std::uint64_t elapsed_ns) noexcept {
        return elapsed_ns == 0
                   ? 0
                   : static_cast<double>(records) * 1e9 / static_cast<double>(elapsed_ns);
    }

    std::uint64_t start_ns_;
    std::uint64_t reported_ns_;
    std::uint64_t records_ = 0;
    std::uint64_t reported_ = 0;
};

}  // namespace roda
