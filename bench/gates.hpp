// SPDX-License-Identifier: Apache-2.0
// What good means, as numbers: the speed gates and aims of the design's chapter 11. Each is a
// ratio of two variants of one comparison, within one run.
#pragma once

#include <array>
#include <string_view>

namespace roda::bench {

/// What the ratio is: time of `variant` by time of `base` (small is good), or how many times
/// faster `variant` is than `base` (large is good).
enum class GateKind { time, speed };

/// A gate that has `landed` fails a gated run; an `awaited` one waits for work that is planned and
/// shows in a part of its own.
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

/// name: comparison, variant, base; kind, gate, aim. Awaited: a keyed loop of fewer instructions
/// for 1 k sensors, where memory costs nothing, and 100 k (within reach, not yet in every run); for
/// the hand-off, fewer lines moved a hop.
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
    Gate{"generic pipe : hand loop, 1 k",
         "operators.group_1k", "pipe", "hand loop", time, 1.35, 1.05},
    Gate{"generic pipe : hand loop, 100 k",
         "operators.group_100k", "pipe", "hand loop", time, 1.35, 1.05},
    Gate{"generic pipe : hand loop, 1 M",
         "operators.group_1m", "pipe", "hand loop", time, 1.35, 1.05},
    Gate{"whole path : memcpy, 1 k",
         "whole_path.1k", "roda", "memcpy", time, 3.0, 2.2, awaited},
    Gate{"whole path : memcpy, 100 k",
         "whole_path.100k", "roda", "memcpy", time, 5.0, 3.0, awaited},
    Gate{"whole path : memcpy, 1 M",
         "whole_path.1m", "roda", "memcpy", time, 7.5, 4.5},
    Gate{"whole path against three maps, 1 k",
         "whole_path.1k", "roda", "three maps", speed, 2.5, 4.0, awaited},
    Gate{"whole path against three maps, 100 k",
         "whole_path.100k", "roda", "three maps", speed, 8.0, 16.0, awaited},
    Gate{"whole path against three maps, 1 M",
         "whole_path.1m", "roda", "three maps", speed, 8.0, 20.0},
    Gate{"one-way hand-off : line round trip",
         "journal.latency", "journal one way", "bare line round trip", time, 1.3, 0.9, awaited},
    // clang-format on
};

}  // namespace roda::bench
