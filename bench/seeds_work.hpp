// SPDX-License-Identifier: Apache-2.0
// The two workloads that the seed system publishes figures for, with records of the same sizes,
// the same faults and the same alerts. The first value of a window is lost (its sum starts at 0):
// that is the seed's, and the number of alerts depends on it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include "pipeline/op/dedup_by.hpp"
#include "pipeline/op/delta.hpp"
#include "pipeline/op/keyed_by.hpp"
#include "pipeline/op/pipe.hpp"
#include "pipeline/op/stateful.hpp"
#include "proto/records.hpp"

namespace roda::bench {

using proto::Reading;

inline constexpr std::uint64_t seed_window_ns = 100'000;

constexpr std::uint64_t window_of(const Reading& reading) noexcept {
    return reading.timestamp_ns - reading.timestamp_ns % seed_window_ns;
}

/// A window of a sensor has a key of its own: tables grow with the windows, as the seed's maps do.
struct SensorWindow {
    std::uint64_t sensor_id;
    std::uint64_t window_ns;
};

/// Shape: 64 bytes: what each event hands from stage to stage.
struct SeedSummary {
    std::uint64_t sensor_id;
    double min;
    double max;
    double sum;
    std::uint64_t count;
    std::uint64_t window_ns;
    std::array<std::uint64_t, 2> unused;

    static SeedSummary first(const Reading& reading) noexcept {
        return {reading.sensor_id, reading.value, reading.value, 0, 1, window_of(reading), {}};
    }

    static void fold(SeedSummary& summary, const Reading& reading) noexcept {
        summary.min = std::min(summary.min, reading.value);
        summary.max = std::max(summary.max, reading.value);
        summary.sum += reading.value;
        ++summary.count;
    }
};

/// Shape: 32 bytes.
struct SeedAlert {
    std::uint64_t sensor_id;
    std::uint64_t window_ns;
    std::int32_t severity;
    std::array<std::int32_t, 3> unused;
};

static_assert(sizeof(Reading) == 24 && sizeof(SeedSummary) == 64 && sizeof(SeedAlert) == 32);

// Named function objects: a plain function's address would be a call, not a part of the loop.
inline constexpr auto seed_key = [](const Reading& r) {
    return SensorWindow{r.sensor_id, window_of(r)};
};
inline constexpr auto seed_init = [](const Reading& r) { return SeedSummary::first(r); };
inline constexpr auto seed_fold = [](SeedSummary& s, const Reading& r) { SeedSummary::fold(s, r); };
inline constexpr auto seed_mean = [](const SeedSummary& s) {
    return s.sum / static_cast<double>(s.count);
};
inline constexpr auto seed_jump = [](const SeedSummary& now, const double* mean_before) {
    return mean_before != nullptr && seed_mean(now) > *mean_before * 1.5
               ? std::optional(SeedAlert{now.sensor_id, now.window_ns, 1, {}})
               : std::nullopt;
};

/// One sensor, two windows in turn: stateful | delta.
struct SensorTest {
    static constexpr std::string_view name = "sensor_test";
    static constexpr double seed_best = 102;  // M events/s, near cores (findings of the seeds)

    static constexpr std::array<Reading, 4> turn = {
        {{1, 10, 10'000}, {1, 12, 20'000}, {1, 20, 110'000}, {1, 22, 120'000}}};

    static Reading event(std::uint64_t i) noexcept { return turn[i % turn.size()]; }

    static std::uint64_t events(std::uint64_t n) noexcept { return n; }

    static std::uint64_t oracle(std::uint64_t n) noexcept { return n / 4 + 1; }

    static auto stage_one(std::uint64_t) {
        return pipe(stateful({.max_keys = 2}, seed_key, seed_init, seed_fold));
    }

    static auto stage_two() {
        return pipe(
            keyed_by({.max_keys = 1}, &SeedSummary::sensor_id, delta(seed_mean, seed_jump)));
    }
};

/// One service that is well, after one that jumps once: dedup | stateful | delta | dedup.
struct ServiceHealth {
    static constexpr std::string_view name = "service_health";
    static constexpr double seed_best = 13;

    static Reading event(std::uint64_t i) noexcept {
        return i >= 2 ? Reading{1, 10, i - 2} : Reading{2, i == 0 ? 10.0 : 100.0, i};
    }

    static std::uint64_t events(std::uint64_t n) noexcept { return n + 2; }

    static std::uint64_t oracle(std::uint64_t n) noexcept {
        return 1 + (n + seed_window_ns - 1) / seed_window_ns;
    }

    static auto stage_one(std::uint64_t n) {
        const auto windows = static_cast<std::uint32_t>((n + seed_window_ns - 1) / seed_window_ns);
        // The time is a part of what is compared: nothing is ever dropped.
        return pipe(dedup_by({.max_keys = 3}, sensor_value),
                    stateful({.max_keys = windows + 1}, seed_key, seed_init, seed_fold));
    }

    static auto stage_two() {
        return pipe(keyed_by({.max_keys = 2},
                             &SeedSummary::sensor_id,
                             delta(seed_mean, seed_jump),
                             dedup_by(std::identity{})));
    }

    struct SensorValue {
        std::uint64_t sensor_id;
        std::uint64_t thousandths;
    };

    static constexpr auto sensor_value = [](const Reading& r) {
        return SensorValue{r.sensor_id, static_cast<std::uint64_t>(r.value * 1000)};
    };
};

}  // namespace roda::bench
