// SPDX-License-Identifier: Apache-2.0
// A comparison whose variants are runs of one class, each with a state of its own: what do they
// cost more than the first?
#pragma once

#include <cstdio>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "bench/appliance_runs.hpp"
#include "bench/suite.hpp"
#include "pipeline/base/check.hpp"

namespace roda::bench {

/// `Run` has variant(name) and alerts(), the records that its last run wrote.
template <class Run>
class Contest {
  public:
    Contest(std::string name, std::uint64_t readings) : comparison_(std::move(name), readings) {}

    template <class... Arguments>
    void add(const std::string& name, Arguments&&... arguments) {
        runs_.emplace_back(std::forward<Arguments>(arguments)...);
        names_.push_back(name);
        comparison_.yardstick(runs_.back().variant(name));
    }

    Comparison& comparison() noexcept { return comparison_; }

    void measure(Suite& suite) {
        comparison_.remark([this](const Result& result) { return added_text(result); });
        suite.measure(comparison_);
    }

  private:
    /// Against the first variant, round by round, with the records a run wrote.
    std::string added_text(const Result& result) const {
        std::string text = "against " + names_.front() + ":";
        for (std::size_t i = 1; i < names_.size(); ++i) {
            const Spread ratio = Result::ratio(*result.row(names_[i]), *result.row(names_.front()));
            char line[160];
            std::snprintf(line,
                          sizeof(line),
                          "\n    %-28s %.3f (%.3f - %.3f), %llu records",
                          names_[i].c_str(),
                          ratio.median,
                          ratio.min,
                          ratio.max,
                          static_cast<unsigned long long>(runs_[i].alerts()));
            text += line;
        }
        return text;
    }

    Comparison comparison_;
    std::deque<Run> runs_;  // they stay where they are
    std::vector<std::string> names_;
};

/// An appliance whose every run must have taken and judged all.
class CheckedAppliance {
  public:
    CheckedAppliance(Frames& frames, const appliance::Config& config)
        : appliance_(frames, config, proto::ChecksumVerdict::good) {}

    Variant variant(std::string name) {
        Variant variant = appliance_.variant(std::move(name));
        variant.result = [this] {
            check(appliance_.has_taken_all(), "all readings were judged");
            return appliance_.digest();
        };
        return variant;
    }

    std::uint64_t alerts() const noexcept { return appliance_.alerts(); }

  private:
    Appliance appliance_;
};

}  // namespace roda::bench
