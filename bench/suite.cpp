// SPDX-License-Identifier: Apache-2.0
#include "bench/suite.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <utility>

#include "bench/judge.hpp"
#include "bench/report.hpp"

namespace roda::bench {
namespace {

void print(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

}  // namespace

Suite::Suite(std::string bench, const Options& options)
    : bench_(std::move(bench)), options_(options), facts_(machine_facts()) {
    if (!options_.json) {
        print(facts_text(bench_, facts_));
    }
}

void Suite::measure(const Comparison& comparison) {
    if (!leaves_out(comparison.name())) {
        add(Measurement(options_, comparison).run());
    }
}

void Suite::add(Result result) {
    results_.push_back(std::move(result));
    if (!options_.json) {
        print(table_text(results_.back()));
    }
}

bool Suite::leaves_out(const std::string& comparison) {
    const bool left_out = comparison.find(options_.only) == std::string::npos;
    if (left_out) {
        skipped_.push_back(comparison);
    }
    return left_out;
}

void Suite::skip(const std::string& comparison, const std::string& reason) {
    skipped_.push_back(comparison);
    if (!options_.json) {
        std::printf("\n%s: skipped: %s\n", comparison.c_str(), reason.c_str());
    }
}

int Suite::finish() {
    const std::vector<Judged> judged = judge(bench_, results_, skipped_);
    if (options_.json) {
        print(json_text(bench_, facts_, results_, judged));
    } else if (!options_.smoke) {
        std::printf("\n%s", gates_text(judged).c_str());
    }
    const bool disagreement =
        std::ranges::any_of(results_, [](const Result& result) { return result.disagreement; });
    const bool unnamed = std::ranges::any_of(
        judged, [](const Judged& each) { return each.verdict == Verdict::unnamed; });
    const bool falls_short = std::ranges::any_of(
        judged, [](const Judged& each) { return each.verdict == Verdict::short_of; });
    if (unnamed) {
        std::fputs("a gate in bench/gates.hpp names no measured comparison or variant\n", stderr);
    }
    if (disagreement) {
        std::fputs("variants that do the same work gave different results\n", stderr);
    }
    const bool gate_failed = options_.gate && !options_.smoke && falls_short;
    return disagreement || unnamed || gate_failed ? 1 : 0;
}

int run_suite(int argc,
              char** argv,
              std::string_view bench,
              std::string_view what,
              const std::function<void(Suite&)>& body) {
    const Options options = parse_options(argc, argv, bench, what);
    try {
        if (!options.smoke) {
            raise_priority();
        }
        pin_this_thread(options.cores.first);
        Suite suite(std::string(bench), options);
        body(suite);
        return suite.finish();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}

}  // namespace roda::bench
