// SPDX-License-Identifier: Apache-2.0
// How a journal lies in memory. Everything that a second process or the next start must know is
// in the mapping itself; the layout is an ABI with a version.
//
//   offset
//   0      | magic 8 | version 4 | record_bytes 4 | ring_records 8 | schema 8 |
//   32     | capacity_records 8 | overhang_records 8 | data_offset 8 | created_ns 8 |
//   64     | epoch 8 | policy 8 : full_policy.hpp, 0 unknown | (rest unused)     |
//   128    | claimed 8     : sequences below it may be under change (lap only)   |
//   256    | published 8   : sequences below it are complete                     |
//   384    | heartbeat_ns 8 : the writer's clock when it last showed itself      |
//   512    | dropped 8     : records refused because the journal was full        |
//   640    | gates: 8 blocks of 128, each | position 8 | in_use 8 |              |
//   4096   | records: ring_records + overhang_records of record_bytes            |
//
// A record's sequence is its position since the journal began; it lies in slot
// sequence & (ring_records - 1). The overhang keeps a claim contiguous across the ring's end;
// publish() copies what spilled to the front, and readers only ever look there.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pipeline/base/cache_line.hpp"
#include "pipeline/store/shared_layout.hpp"

namespace roda {

inline constexpr std::uint64_t journal_magic = journal_kind.magic;
inline constexpr std::uint32_t journal_version = journal_kind.version;
inline constexpr std::size_t journal_gate_count = 8;
inline constexpr std::size_t journal_data_offset = layout_data_offset;

/// A named reader's place: the writer of a gated journal never passes it.
struct alignas(contention_block_bytes) JournalGate {
    SharedCounter position;
    SharedCounter in_use;
};

struct JournalHeader {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t record_bytes;
    std::uint64_t ring_records;
    std::uint64_t schema;
    std::uint64_t capacity_records;
    std::uint64_t overhang_records;
    std::uint64_t data_offset;
    std::uint64_t created_ns;
    SharedCounter epoch;
    std::uint64_t policy;

    alignas(contention_block_bytes) SharedCounter claimed;
    alignas(contention_block_bytes) SharedCounter published;
    alignas(contention_block_bytes) SharedCounter heartbeat_ns;
    alignas(contention_block_bytes) SharedCounter dropped;
    JournalGate gates[journal_gate_count];
};

static_assert(offsetof(JournalHeader, ring_records) == offsetof(LayoutPrefix, records));
static_assert(offsetof(JournalHeader, capacity_records) == sizeof(LayoutPrefix));
static_assert(offsetof(JournalHeader, epoch) == 64);
static_assert(offsetof(JournalHeader, claimed) == 128);
static_assert(offsetof(JournalHeader, published) == 256);
static_assert(offsetof(JournalHeader, heartbeat_ns) == 384);
static_assert(offsetof(JournalHeader, dropped) == 512);
static_assert(offsetof(JournalHeader, gates) == 640);
static_assert(sizeof(JournalHeader) <= journal_data_offset);

}  // namespace roda
