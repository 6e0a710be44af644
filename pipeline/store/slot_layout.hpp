// SPDX-License-Identifier: Apache-2.0
// How a slot store lies in memory, how large one is, and whether bytes are one. The layout is an
// ABI with a version. Knows no record type.
//
//   offset
//   0      | magic 8 | version 4 | record_bytes 4 | slots 8 | schema 8 |
//   32     | slot_bytes 8 | unused 8 | data_offset 8 | created_ns 8 |
//   64     | epoch 8 | (rest of the block unused) |
//   128    | repaired 8     : slots that a writer died in, since the store was made |
//   384    | heartbeat_ns 8 : the writer's clock when it last showed itself |
//   4096   | slots: each | version 8 | value record_bytes | unused to slot_bytes |
//
// A slot's version and value are a SeqlockCell. A slot takes a power of two of bytes up to a cache
// line and whole lines above, so that it never lies on more lines than it must.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>

#include "pipeline/base/cache_line.hpp"
#include "pipeline/base/check.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/store/shared_layout.hpp"

namespace roda {

struct SlotOptions {
    std::uint64_t slots = 1024;
    std::uint64_t schema = 0;  // what the values are; compared, never interpreted
};

struct SlotHeader {
    LayoutPrefix prefix;  // `records` are the slots
    std::uint64_t slot_bytes;
    std::uint64_t unused;
    std::uint64_t data_offset;
    std::uint64_t created_ns;
    SharedCounter epoch;

    alignas(contention_block_bytes) SharedCounter repaired;
    // The block between stays free, so that the heartbeat lies where a journal's does.
    alignas(contention_block_bytes) std::byte reserved[contention_block_bytes];
    alignas(contention_block_bytes) SharedCounter heartbeat_ns;
};

static_assert(offsetof(SlotHeader, slot_bytes) == 32);
static_assert(offsetof(SlotHeader, data_offset) == 48);
static_assert(offsetof(SlotHeader, epoch) == 64);
static_assert(offsetof(SlotHeader, repaired) == 128);
static_assert(offsetof(SlotHeader, heartbeat_ns) == 384);
static_assert(sizeof(SlotHeader) <= layout_data_offset);

/// Bytes from one slot to the next.
constexpr std::size_t slot_bytes_for(std::size_t record_bytes) {
    const std::size_t bytes = sizeof(std::uint64_t) + record_bytes;
    return bytes <= cache_line_bytes
               ? std::bit_ceil(bytes)
               : (bytes + cache_line_bytes - 1) / cache_line_bytes * cache_line_bytes;
}

struct SlotShape {
    std::uint64_t slots;
    std::size_t record_bytes;

    static SlotShape of(const SlotOptions& options, std::size_t record_bytes) {
        check(options.slots > 0, "a slot store has at least one slot");
        check(options.slots < (std::uint64_t{1} << 60) / slot_bytes_for(record_bytes),
              "the slot store's size is a size of memory");
        return {options.slots, record_bytes};
    }

    std::size_t slot_bytes() const { return slot_bytes_for(record_bytes); }

    std::size_t region_bytes() const { return layout_data_offset + slots * slot_bytes(); }

    /// Over zeroed memory, which is a store of absent values.
    void write_header(std::byte* at, std::uint64_t schema) const {
        auto* header = new (at) SlotHeader{};
        write_prefix(at, slot_store_kind, record_bytes, slots, schema);
        header->slot_bytes = slot_bytes();
        header->data_offset = layout_data_offset;
        header->created_ns = unix_now_ns();
        start_epoch(header->epoch, header->heartbeat_ns, header->created_ns);  // then the magic
        finish_header(at, slot_store_kind);
    }

    /// Why `file` is no slot store of such values; empty when it is. How many slots it has is the
    /// header's own.
    static std::string mismatch(MappedBytes file, std::size_t record_bytes, std::uint64_t schema) {
        std::string fault = prefix_fault(file, slot_store_kind, record_bytes, schema);
        if (!fault.empty()) {
            return fault;
        }
        const auto* header = reinterpret_cast<const SlotHeader*>(file.data());
        if (header->slot_bytes != slot_bytes_for(record_bytes)) {
            return impossible_geometry("slots of " + std::to_string(header->slot_bytes) +
                                       " bytes, values of " + std::to_string(record_bytes) +
                                       " take " + std::to_string(slot_bytes_for(record_bytes)));
        }
        if (header->data_offset != layout_data_offset) {
            return impossible_geometry("slots at offset " + std::to_string(header->data_offset) +
                                       ", not " + std::to_string(layout_data_offset));
        }
        return extent_fault(file, header->prefix.records, header->slot_bytes);
    }

    /// True when a writer with these options may go on with what lies there.
    bool can_go_on(MappedBytes file, std::uint64_t schema) const {
        const auto* header = reinterpret_cast<const SlotHeader*>(file.data());
        return mismatch(file, record_bytes, schema).empty() && header->prefix.records == slots;
    }
};

}  // namespace roda
