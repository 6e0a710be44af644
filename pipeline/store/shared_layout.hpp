// SPDX-License-Identifier: Apache-2.0
// What all layouts in shared memory have in common: how they begin, how one is opened, and the
// sentence that says why bytes are not what a program expects. Knows the geometry of none.
//
//   offset
//   0      | magic 8 | version 4 | record_bytes 4 | records 8 | schema 8 |
//   32     | the layout's own 16 | data_offset 8 | created_ns 8 |
//   64     | epoch 8 : the writer's start, in Unix time; grows with each |
//   384    | heartbeat_ns 8 : the writer's clock when it last showed itself |
//   4096   | records |
//
// | label | operation             | order   | pairs with                                      |
// |-------|-----------------------|---------|-------------------------------------------------|
// | M1    | magic := the layout's | release | M2: the header that it stands for is complete   |
// | M2    | load of the magic     | acquire | M1                                              |
#pragma once

#include <unistd.h>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "pipeline/base/error.hpp"
#include "pipeline/memory/region.hpp"

namespace roda {

using SharedCounter = std::atomic<std::uint64_t>;
static_assert(SharedCounter::is_always_lock_free);

struct LayoutPrefix {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t record_bytes;
    std::uint64_t records;
    std::uint64_t schema;  // what the records are; compared, never interpreted
};

static_assert(sizeof(LayoutPrefix) == 32);

/// The header is the first page; records begin on the next.
inline constexpr std::size_t layout_data_offset = 4096;

/// Eight letters as they stand in memory, legible in a hex dump.
constexpr std::uint64_t layout_magic(const char (&letters)[9]) {
    std::uint64_t magic = 0;
    for (unsigned i = 0; i < 8; ++i) {
        magic |= std::uint64_t{static_cast<unsigned char>(letters[i])} << (8 * i);
    }
    return magic;
}

struct LayoutKind {
    std::uint64_t magic;
    std::uint32_t version;
    std::string_view name;  // with its article, as messages have it
};

inline constexpr LayoutKind journal_kind{layout_magic("RODAJRNL"), 1, "a journal"};
inline constexpr LayoutKind slot_store_kind{layout_magic("RODASLOT"), 1, "a slot store"};

/// For messages: what a file is when it is not what was expected.
inline constexpr LayoutKind layout_kinds[] = {journal_kind, slot_store_kind};

using MappedBytes = std::span<const std::byte>;

/// Why `file` does not begin as this layout with such records; empty when it does.
///
/// Order: M2.
std::string prefix_fault(MappedBytes file,
                         const LayoutKind& kind,
                         std::uint64_t record_bytes,
                         std::uint64_t schema);

/// A fault of a header that contradicts itself.
std::string impossible_geometry(const std::string& contradiction);

/// Why `file` cannot hold `records` of `stride_bytes` behind its header; empty when it can.
std::string extent_fault(MappedBytes file, std::uint64_t records, std::uint64_t stride_bytes);

/// Writes all of the prefix but the magic: until finish_header() nobody takes it for a layout.
void write_prefix(std::byte* at,
                  const LayoutKind& kind,
                  std::uint64_t record_bytes,
                  std::uint64_t records,
                  std::uint64_t schema) noexcept;

/// To be called when all of the header is written, after start_epoch(): who can attach finds a
/// writer that has started and lives. Order: M1.
void finish_header(std::byte* at, const LayoutKind& kind) noexcept;

/// The epoch of a writer that starts now, and his first sign of life. The epoch grows even when the
/// clock was set back.
///
/// Order: the heartbeat comes first: who sees the new epoch (acquire) finds its writer alive.
void start_epoch(SharedCounter& epoch, SharedCounter& heartbeat_ns, std::uint64_t now_ns) noexcept;

/// Refuses a file for `fault`, which is one of the sentences above.
[[noreturn]] void refuse_layout(const std::string& path, const std::string& fault);

inline MappedBytes bytes_of(const Region& region) noexcept {
    return {region.data(), region.bytes()};
}

/// A reader's way in: maps an existing file read-only. `fault_of(MappedBytes)` says why it is not
/// what the reader expects; empty when it is.
///
/// Errors: StartupError with that sentence, or when there is no such file.
template <class FaultOf>
Region attach_layout(const std::string& path, const FaultOf& fault_of) {
    Region region = Region::attach_read_only(path);
    if (const std::string fault = fault_of(bytes_of(region)); !fault.empty()) {
        refuse_layout(path, fault);
    }
    return region;
}

/// A writer's way in: a file of `bytes` under this process's lock. `existing()` tells that what
/// lies there passed `can_go_on(MappedBytes)`. A file of another kind is replaced by a new one and
/// never rewritten in place: a reader that has it mapped would take new bytes for old.
///
/// Errors: StartupError when the file cannot be had or another process writes it.
template <class CanGoOn>
Region open_layout(const std::string& path, std::size_t bytes, const CanGoOn& can_go_on) {
    Region region = Region::shared_file(path, bytes);
    if (region.existing() && !can_go_on(bytes_of(region))) {
        ::unlink(path.c_str());
        region = Region::shared_file(path, bytes);  // the old lock is held until it is ours
    }
    return region;
}

}  // namespace roda
