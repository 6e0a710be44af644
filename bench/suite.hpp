// SPDX-License-Identifier: Apache-2.0
// The frame of a benchmark program: options, machine facts, tables, gates, exit code.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/harness.hpp"
#include "bench/machine.hpp"
#include "bench/options.hpp"

namespace roda::bench {

/// Measures comparisons and shows each as soon as it is done.
class Suite {
  public:
    Suite(std::string bench, const Options& options);

    const Options& options() const noexcept { return options_; }

    void measure(const Comparison& comparison);

    /// Shows a result that was measured by other means than variants in turn.
    void add(Result result);

    /// Whether --only leaves a comparison out; its gates are not judged then.
    bool leaves_out(const std::string& comparison);

    /// Says that this machine cannot measure a comparison; its gates are not judged.
    void skip(const std::string& comparison, const std::string& reason);

    /// Judges the gates of this benchmark; the process's exit code.
    ///
    /// Errors: a gate that names no measured comparison or variant counts as short: gates must
    /// not rot. Smoke runs check the names only.
    int finish();

  private:
    std::string bench_;
    Options options_;
    Facts facts_;
    std::vector<Result> results_;
    std::vector<std::string> skipped_;
};

/// main() of a benchmark: parses, pins, lets `body` measure, judges.
int run_suite(int argc,
              char** argv,
              std::string_view bench,
              std::string_view what,
              const std::function<void(Suite&)>& body);

}  // namespace roda::bench
