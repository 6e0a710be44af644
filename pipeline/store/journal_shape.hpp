// SPDX-License-Identifier: Apache-2.0
// How large a journal is, and whether bytes in a mapping are one of that shape. Knows no record
// type. The only atomic here is the magic number: M1 stores it last with release, M2 loads it first
// with acquire, so that who sees it sees the header it stands for.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>

#include "pipeline/base/check.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/store/journal_layout.hpp"

namespace roda {

struct JournalOptions {
    std::uint64_t capacity_records = 1024;  // rings round it up to a power of two
    std::uint32_t max_claim_records = 1;    // the longest contiguous claim()
    std::uint64_t schema = 0;               // what the records are; compared, never interpreted
};

/// Writes and checks headers; knows nothing of T, so that layouts have one home.
struct JournalShape {
    std::uint64_t ring_records;
    std::uint64_t overhang_records;
    std::uint64_t record_bytes;

    static JournalShape of(const JournalOptions& options, std::size_t record_bytes) {
        check(options.capacity_records > 0, "a journal holds at least one record");
        check(options.max_claim_records > 0, "a claim holds at least one record");
        check(options.max_claim_records <= options.capacity_records, "a claim fits the journal");
        return {
            std::bit_ceil(options.capacity_records), options.max_claim_records - 1u, record_bytes};
    }

    std::size_t region_bytes() const {
        return journal_data_offset + (ring_records + overhang_records) * record_bytes;
    }

    JournalHeader* write_header(std::byte* at, const JournalOptions& options) const {
        auto* header = new (at) JournalHeader{};
        header->version = journal_version;
        header->record_bytes = static_cast<std::uint32_t>(record_bytes);
        header->ring_records = ring_records;
        header->schema = options.schema;
        header->capacity_records = options.capacity_records;
        header->overhang_records = overhang_records;
        header->data_offset = journal_data_offset;
        header->created_ns = unix_now_ns();
        header->epoch.store(header->created_ns, std::memory_order_relaxed);
        // The magic last: an attaching process takes a file without it for none.
        std::atomic_ref(header->magic).store(journal_magic, std::memory_order_release);
        return header;
    }

    /// Why the mapped bytes are no journal of this shape; empty when they are.
    std::string mismatch(const std::byte* at, std::size_t bytes, std::uint64_t schema) const {
        if (bytes < journal_data_offset) {
            return "the file is shorter than a journal's header";
        }
        const auto* header = reinterpret_cast<const JournalHeader*>(at);
        auto& magic = const_cast<std::uint64_t&>(header->magic);
        if (std::atomic_ref(magic).load(std::memory_order_acquire) != journal_magic) {
            return "no journal (magic number)";
        }
        if (header->version != journal_version) {
            return "layout version " + std::to_string(header->version) + ", this program has " +
                   std::to_string(journal_version);
        }
        if (header->record_bytes != record_bytes || header->schema != schema) {
            return "records of another kind or version";
        }
        if (!std::has_single_bit(header->ring_records) ||
            header->data_offset != journal_data_offset ||
            header->ring_records > bytes / record_bytes ||
            header->overhang_records > bytes / record_bytes ||
            JournalShape{header->ring_records, header->overhang_records, record_bytes}
                    .region_bytes() > bytes) {
            return "the file is truncated";
        }
        return {};
    }

    /// True when a writer with these options may append to what lies there.
    bool can_go_on(const std::byte* at, std::size_t bytes, const JournalOptions& options) const {
        const auto* header = reinterpret_cast<const JournalHeader*>(at);
        return mismatch(at, bytes, options.schema).empty() &&
               header->ring_records == ring_records &&
               header->capacity_records == options.capacity_records;
    }
};

}  // namespace roda
