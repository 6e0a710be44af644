// SPDX-License-Identifier: Apache-2.0
// expect: latency_since(): the stamp of an item is nanoseconds in a std::uint64_t
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

roda::LatencyHistogram histogram;

auto bound =
    roda::pipe(roda::latency_since(&roda::Reading::value, histogram)).bind<roda::Reading>();
