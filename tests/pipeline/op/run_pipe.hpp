// SPDX-License-Identifier: Apache-2.0
// Runs a pipe over items in bursts and keeps what came out, with its cause.
#pragma once

#include <gtest/gtest.h>
#include <algorithm>
#include <ostream>
#include <span>
#include <vector>

#include "pipeline/op/pipe.hpp"

namespace roda {

struct Reading {
    std::uint64_t sensor_id;
    double value;
    std::uint64_t timestamp_ns;

    friend bool operator==(const Reading&, const Reading&) = default;
};

template <class Output>
struct Emission {
    Output output;
    Cause cause;

    friend bool operator==(const Emission&, const Emission&) = default;
};

template <class Output>
std::ostream& operator<<(std::ostream& out, const Emission<Output>& emission) {
    return out << ::testing::PrintToString(emission.output) << " from " << emission.cause;
}

inline constexpr std::size_t one_burst = ~std::size_t{0};

/// Runs an already bound pipe; `first_cause` is the cause of items[0].
template <class PipeType, class In>
auto run_bound(PipeType& bound,
               const std::vector<In>& items,
               std::size_t burst = one_burst,
               Cause first_cause = 0) {
    std::vector<Emission<typename PipeType::Output>> emissions;
    for (std::size_t at = 0; at < items.size();) {
        const std::size_t count = std::min(burst, items.size() - at);
        bound.run(std::span(items).subspan(at, count),
                  first_cause + at,
                  [&](const auto& output, Cause cause) {
                      emissions.push_back({output, cause});
                  });
        at += count;
    }
    return emissions;
}

/// Binds `spec` to the items' type and runs it.
template <class Spec, class In>
auto run_pipe(const Spec& spec, const std::vector<In>& items, std::size_t burst = one_burst) {
    auto bound = pipe(spec).template bind<In>();
    return run_bound(bound, items, burst);
}

}  // namespace roda
