// SPDX-License-Identifier: Apache-2.0
// Pipes of all operators, for the tests that watch hot code from outside: what it allocates, which
// system calls it makes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "pipeline/roda.hpp"
#include "tests/pipeline/checked_record.hpp"

namespace roda {

using HotRecord = CheckedRecord<2>;

/// Every operator, with new keys, known ones and refused ones on the way.
inline auto every_operator() {
    const auto init = [](const HotRecord& record) { return record.sequence; };
    const auto fold = [](std::uint64_t& sum, const HotRecord& record) { sum += record.sequence; };
    const auto logic = [](std::uint64_t now, const std::uint64_t* before) {
        return before != nullptr && now % 3 == 0 ? std::optional(now - *before) : std::nullopt;
    };
    const auto key = [](const HotRecord& record) { return record.sequence % 300; };
    return pipe(
        filter([](const HotRecord& record) { return record.sequence % 7 != 0; }),
        inspect([](const HotRecord&) {}),
        keyed_by(
            {.max_keys = 200}, key, stateful(init, fold), delta(logic), dedup_by(std::identity{})),
        map([](std::uint64_t value) { return value; }));
}

/// The operators that measure, look at event time, or have more than one way out.
inline auto every_other_operator(LatencyHistogram& histogram) {
    const auto key = [](const HotRecord& record) { return record.sequence % 20; };
    const auto time = [](const HotRecord& record) { return record.sequence; };
    const auto init = [](const HotRecord&) { return std::uint64_t{1}; };
    const auto fold = [](std::uint64_t& count, const HotRecord&) { ++count; };
    return pipe(
        progress({.every_records = 100}, [](const Progress&) {}),
        latency_since(time, histogram),
        tee(track_prev(), fan_out([](const auto&, Cause) {}, [](const auto&, Cause) {})),
        latency(histogram,
                {.sample_every = 3},
                keyed_by({.max_keys = 15},
                         key,
                         expire_after(500, time),
                         window<4>({.width_ns = 60, .slide_ns = 20, .lateness_ns = 20},
                                   time,
                                   init,
                                   fold))));
}

}  // namespace roda
