// SPDX-License-Identifier: Apache-2.0
// The work that operators_bench does in several shapes: a summary per sensor, its jumps, without
// repeats. The pipe is the shape under test; the other shapes are in keyed_rivals.hpp.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>

#include "bench/digest.hpp"
#include "pipeline/op/dedup_by.hpp"
#include "pipeline/op/delta.hpp"
#include "pipeline/op/filter.hpp"
#include "pipeline/op/keyed_by.hpp"
#include "pipeline/op/map.hpp"
#include "pipeline/op/pipe.hpp"
#include "pipeline/op/stateful.hpp"
#include "proto/records.hpp"

namespace roda::bench {

/// Shape: 40 bytes; with the key and the two operators behind it, one cache line.
struct SensorSummary {
    std::uint64_t count;
    double mean;
    double min;
    double max;
    double last;

    static SensorSummary first(const proto::Reading& reading) noexcept {
        return {1, reading.value, reading.value, reading.value, reading.value};
    }

    static void fold(SensorSummary& summary, const proto::Reading& reading) noexcept {
        ++summary.count;
        summary.mean += (reading.value - summary.mean) / static_cast<double>(summary.count);
        summary.min = std::min(summary.min, reading.value);
        summary.max = std::max(summary.max, reading.value);
        summary.last = reading.value;
    }
};

/// A value far from the mean that the sensor had before it.
struct Jump {
    double value;
    std::uint8_t grade;  // changes from one jump to the next, mostly
};

inline bool is_usable(const proto::Reading& reading) noexcept {
    return std::isfinite(reading.value);
}

inline double kept_mean(const SensorSummary& summary) noexcept {
    return summary.mean;
}

inline std::optional<Jump> jump_of(const SensorSummary& now, const double* mean_before) noexcept {
    if (mean_before == nullptr || std::abs(now.last - *mean_before) <= 2 * std::abs(*mean_before)) {
        return std::nullopt;
    }
    return Jump{now.last, static_cast<std::uint8_t>(now.count % 4)};
}

/// What leaves the pipe.
struct JumpRecord {
    double value;
    std::uint64_t grade;
};

inline JumpRecord to_record(const Jump& jump) noexcept {
    return {jump.value, jump.grade};
}

// Named function objects: a plain function's address would be a call, not a part of the loop.
inline constexpr auto usable = [](const proto::Reading& r) { return is_usable(r); };
inline constexpr auto init = [](const proto::Reading& r) { return SensorSummary::first(r); };
inline constexpr auto fold = [](SensorSummary& s, const proto::Reading& r) {
    SensorSummary::fold(s, r);
};
inline constexpr auto project = [](const SensorSummary& s) { return kept_mean(s); };
inline constexpr auto logic = [](const SensorSummary& s, const double* m) { return jump_of(s, m); };
inline constexpr auto record = [](const Jump& j) { return to_record(j); };

/// filter | stateful | delta | dedup_by | map, the keyed ones in one slot.
inline auto group_pipe(std::uint32_t sensors) {
    auto group = keyed_by({.max_keys = sensors},
                          &proto::Reading::sensor_id,
                          stateful(init, fold),
                          delta(project, logic),
                          dedup_by(&Jump::grade));
    static_assert(decltype(group.template bind<proto::Reading>())::slot_lines == 1,
                  "as in the appliance: a sensor is one cache line");
    return pipe(filter(usable), group, map(record)).template bind<proto::Reading>();
}

inline auto stateful_pipe(std::uint32_t sensors) {
    return pipe(stateful({.max_keys = sensors}, &proto::Reading::sensor_id, init, fold))
        .template bind<proto::Reading>();
}

/// Takes what comes out, cheaply: the same for every shape.
struct JumpSink {
    Digest digest;

    void operator()(const JumpRecord& jump, std::uint64_t cause) noexcept {
        digest.add(jump.value);
        digest.add(jump.grade ^ cause);
    }

    std::uint64_t value() const noexcept { return digest.value(); }
};

struct SummarySink {
    std::uint64_t mixed = 0;

    void operator()(const SensorSummary& summary, std::uint64_t) noexcept {
        mixed ^= std::bit_cast<std::uint64_t>(summary.mean) + summary.count;
    }

    std::uint64_t value() const noexcept { return mixed; }
};

}  // namespace roda::bench
