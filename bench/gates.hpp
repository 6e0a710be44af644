// SPDX-License-Identifier: Apache-2.0
// What good means, as numbers: the speed gates and aims of the design's chapter 11. A gate is a
// ratio of two variants of one comparison, within one run. A few are absolute: the best figures of
// the systems that Roda follows, on the machine class on which those were measured.
#pragma once

#include <array>
#include <string_view>

namespace roda::bench {

enum class GateKind {
    time,         // time of `variant` by time of `base`: small is good
    speed,        // how many times faster `variant` is than `base`: large is good
    rate,         // absolute: million records a second of `variant`: large is good
    nanoseconds,  // absolute: of the quantile that `base` names, or else for each record: small
};

constexpr bool is_absolute(GateKind kind) noexcept {
    return kind == GateKind::rate || kind == GateKind::nanoseconds;
}

constexpr bool wants_small(GateKind kind) noexcept {
    return kind == GateKind::time || kind == GateKind::nanoseconds;
}

/// A gate that has `landed` fails a gated run; an `awaited` one waits for work that is planned and
/// shows in a part of its own. An absolute one never fails a run: another machine may miss it
/// rightly.
enum class GateState { landed, awaited };

struct Gate {
    std::string_view name;
    std::string_view comparison;  // the benchmark's name stands before the dot
    std::string_view variant;
    std::string_view base;
    GateKind kind;
    double gate;
    double aim;
    GateState state = GateState::landed;
};

using enum GateKind;
using enum GateState;

/// name: comparison, variant, base; kind, gate, aim. Absolute aims are no part of the design: they
/// are what the ratios beside them lead one to expect.
inline constexpr std::array gates = {
    // clang-format off
    Gate{"decode : memcpy, hot",
         "decode.columns_hot", "roda", "memcpy", time, 3.0, 1.8},
    Gate{"decode : memcpy, cold",
         "decode.columns_cold", "roda", "memcpy", time, 1.5, 1.15},
    Gate{"decode against libprotobuf arena",
         "decode.columns_hot", "roda", "libprotobuf arena", speed, 1.8, 2.5},
    Gate{"stateful : dense array, 1 M",
         "operators.stateful_1m", "pipe", "dense array", time, 1.8, 1.25},
    Gate{"stateful against one map, 1 k",
         "operators.stateful_1k", "pipe", "one map", speed, 1.6, 2.5, awaited},
    Gate{"stateful against one map, 100 k",
         "operators.stateful_100k", "pipe", "one map", speed, 2.5, 5.0, awaited},
    Gate{"stateful against one map, 1 M",
         "operators.stateful_1m", "pipe", "one map", speed, 4.0, 8.0, awaited},
    Gate{"key table hit : array, 1 M",
         "key_table.hit_1m", "key table", "array", time, 1.8, 1.25, awaited},
    Gate{"dense table hit : array, 1 M",
         "key_table.hit_1m", "dense table", "array", time, 1.5, 1.1},
    Gate{"key table hit against a map, 100 k",
         "key_table.scattered_100k", "key table", "unordered_map", speed, 2.5, 5.0},
    Gate{"key table hit against a map, 1 M",
         "key_table.scattered_1m", "key table", "unordered_map", speed, 4.0, 8.0, awaited},
    Gate{"key table churn against a map, 100 k",
         "key_table.churn_100k", "key table", "unordered_map", speed, 2.0, 4.0},
    Gate{"key table churn against a map, 1 M",
         "key_table.churn_1m", "key table", "unordered_map", speed, 2.0, 4.0},
    Gate{"generic pipe : hand loop, 1 k",
         "operators.group_1k", "pipe", "hand loop", time, 1.35, 1.05},
    Gate{"generic pipe : hand loop, 100 k",
         "operators.group_100k", "pipe", "hand loop", time, 1.35, 1.05},
    Gate{"generic pipe : hand loop, 1 M",
         "operators.group_1m", "pipe", "hand loop", time, 1.35, 1.05},
    Gate{"whole path : memcpy, 1 k",
         "whole_path.1k", "roda", "memcpy", time, 3.0, 2.2},
    Gate{"whole path : memcpy, 100 k",
         "whole_path.100k", "roda", "memcpy", time, 5.0, 3.0},
    Gate{"whole path : memcpy, 1 M",
         "whole_path.1m", "roda", "memcpy", time, 7.5, 4.5},
    Gate{"whole path against three maps, 1 k",
         "whole_path.1k", "roda", "three maps", speed, 2.5, 4.0, awaited},
    Gate{"whole path against three maps, 100 k",
         "whole_path.100k", "roda", "three maps", speed, 8.0, 16.0},
    Gate{"whole path against three maps, 1 M",
         "whole_path.1m", "roda", "three maps", speed, 8.0, 20.0},
    Gate{"with a 512 MB journal : without",
         "whole_path.journal", "journal beyond 512 MB", "journal in the cache", time, 1.25, 1.05},
    Gate{"two cores against one",
         "whole_path.two_cores", "two cores", "one core", speed, 1.5, 1.9},
    Gate{"with 8 rules of intervals : memcpy, 1 k",
         "rules.matching_1k", "8 rules of intervals", "memcpy", time, 3.0, 2.4},
    Gate{"with 8 rules of intervals : memcpy, 100 k",
         "rules.matching_100k", "8 rules of intervals", "memcpy", time, 5.0, 3.5},
    Gate{"with 8 rules of intervals : memcpy, 1 M",
         "rules.matching_1m", "8 rules of intervals", "memcpy", time, 7.5, 5.0},
    Gate{"with 8 rules : memcpy, 1 k",
         "rules.matching_1k", "8 rules", "memcpy", time, 3.0, 2.4, awaited},
    Gate{"with 8 rules : memcpy, 100 k",
         "rules.matching_100k", "8 rules", "memcpy", time, 5.0, 3.5, awaited},
    Gate{"with 8 rules : memcpy, 1 M",
         "rules.matching_1m", "8 rules", "memcpy", time, 7.5, 5.0},
    Gate{"10 k rules of others : 10, 100 k",
         "rules.not_matching_100k", "10000 rules", "10 rules", time, 1.05, 1.0},
    Gate{"10 k rules of others : 10, 1 M",
         "rules.not_matching_1m", "10000 rules", "10 rules", time, 1.05, 1.0},
    Gate{"from memory against a kernel program, 100 k",
         "kernel_rival.in_memory_100k", "roda", "kernel program", speed, 5.0, 8.0},
    Gate{"no-drop rate against a kernel program",
         "kernel_rival.no_drop_rate", "roda", "kernel program", speed, 1.2, 3.0},
    Gate{"one-way hand-off : line round trip",
         "hand_off.latency", "journal one way, ring 4 KB", "bare line round trip",
         time, 1.3, 0.9},
    Gate{"hand-off in bursts : each by itself",
         "hand_off.rate", "claim 128, publish", "append each", speed, 2.0, 3.0},
    Gate{"hop: send, one stage, receive, p50",
         "hand_off.hop", "send, stage, receive", "p50", nanoseconds, 230, 180},
    Gate{"append, 8 bytes",
         "journal.append_8", "append each", "", nanoseconds, 1.7, 1.0},
    Gate{"append, 128 bytes",
         "journal.append_128", "append each", "", nanoseconds, 4.7, 3.5},
    Gate{"sensor_test, two threads",
         "seeds.sensor_test", "two threads", "", rate, 102, 150},
    Gate{"sensor_test, fused",
         "seeds.sensor_test_fused", "one core", "", rate, 102, 150},
    Gate{"service_health, two threads",
         "seeds.service_health", "two threads", "", rate, 13, 40},
    Gate{"service_health, fused",
         "seeds.service_health_fused", "one core", "", rate, 13, 40},
    Gate{"longest step of a reload, 100 k",
         "rules.reload_100k", "longest step", "", nanoseconds, 10e6, 1e6},
    Gate{"longest step of a reload, 1 M",
         "rules.reload_1m", "longest step", "", nanoseconds, 10e6, 1e6},
    // clang-format on
};

}  // namespace roda::bench
