// SPDX-License-Identifier: Apache-2.0
// What the user of a StageEngine may set, and what it answers with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace roda {

struct EngineOptions {
    /// Of the input, and of each stage that names no other. 65,536 records of 64 bytes are 4 MB: so
    /// large a ring lets lines fall into the shared cache, where the next core finds them sooner
    /// than in its neighbour's own (performance.md 2).
    std::uint64_t journal_records = 65'536;
    bool cross_node = false;  // cores of several NUMA nodes are no fault
};

struct StageOptions {
    std::string name;
    std::uint64_t journal_records = 0;                 // of its output; 0: the engine's
    std::optional<std::uint32_t> core = std::nullopt;  // stages that name the same core share one
                                                       // thread; none: a thread, placed by Linux
    std::uint64_t stall_ns = 0;            // a step longer than this is a stall; 0: none
    std::uint32_t outputs_per_record = 1;  // the most that its pipe hands on for one
};

/// How waiting for an engine ended.
enum class DrainResult : std::uint8_t {
    idle,         // all that was sent is processed, and its outputs are there
    output_full,  // the receivers are too slow: what has no room stays in the journals before it
    timed_out,    // the stages still work
    failed,       // a stage failed: failure() says which and why
};

}  // namespace roda
