// SPDX-License-Identifier: Apache-2.0
// How large a journal is, and whether bytes in a mapping are one of that shape. Knows no record
// type.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>

#include "pipeline/base/check.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/store/full_policy.hpp"
#include "pipeline/store/journal_layout.hpp"

namespace roda {

struct JournalOptions {
    std::uint64_t capacity_records = 1024;  // rings round it up to a power of two; gated: >= 2
    std::uint32_t max_claim_records = 1;    // the longest contiguous claim(); gated with readers by
                                            // next(): shorter than the ring
    std::uint64_t schema = 0;               // what the records are; compared, never interpreted
    std::string path = {};                  // a file that goes on at the next start; empty: none
};

/// Writes and checks headers; knows nothing of T, so that layouts have one home.
struct JournalShape {
    std::uint64_t ring_records;
    std::uint64_t overhang_records;
    std::uint64_t record_bytes;

    static JournalShape of(const JournalOptions& options,
                           std::size_t record_bytes,
                           FullPolicy policy) {
        check(options.capacity_records > 0, "a journal holds at least one record");
        // So far below the end that no sum or product of these overflows.
        check(options.capacity_records < (std::uint64_t{1} << 60) / record_bytes,
              "the journal's size is a size of memory");
        check(options.max_claim_records > 0, "a claim holds at least one record");
        check(options.max_claim_records <= options.capacity_records, "a claim fits the journal");
        // A gated reader keeps the record of its last next() until there is another: in a ring of
        // one, it and an append() would wait for each other for ever. For longer claims that use
        // up the ring, Reader::next() sees to it: readers by peek() and advance() may have them.
        const bool is_gated = policy == FullPolicy::wait || policy == FullPolicy::drop_newest;
        const std::uint64_t fewest = is_gated ? 2 : 1;
        return {std::bit_ceil(std::max(options.capacity_records, fewest)),
                options.max_claim_records - 1u,
                record_bytes};
    }

    std::size_t region_bytes() const {
        return journal_data_offset + (ring_records + overhang_records) * record_bytes;
    }

    /// `policy`: policy_code(); 0 says nothing.
    JournalHeader* write_header(std::byte* at,
                                const JournalOptions& options,
                                std::uint64_t policy = 0) const {
        auto* header = new (at) JournalHeader{};
        write_prefix(at, journal_kind, record_bytes, ring_records, options.schema);
        header->capacity_records = options.capacity_records;
        header->overhang_records = overhang_records;
        header->policy = policy;
        header->data_offset = journal_data_offset;
        header->created_ns = unix_now_ns();
        start_epoch(header->epoch, header->heartbeat_ns, header->created_ns);  // then the magic
        finish_header(at, journal_kind);
        return header;
    }

    /// Why the mapped bytes are no journal of such records; empty when they are. The geometry is
    /// the header's own.
    std::string mismatch(const std::byte* at, std::size_t bytes, std::uint64_t schema) const {
        const MappedBytes file(at, bytes);
        std::string fault = prefix_fault(file, journal_kind, record_bytes, schema);
        return fault.empty() ? geometry_fault(file) : fault;
    }

    /// True when a writer with these options and this policy may append to what lies there. Only
    /// `stop` ends at its capacity; to the others it is no more than what the ring was made from.
    bool can_go_on(const std::byte* at,
                   std::size_t bytes,
                   const JournalOptions& options,
                   FullPolicy policy) const {
        if (!mismatch(at, bytes, options.schema).empty()) {
            return false;
        }
        const auto* header = reinterpret_cast<const JournalHeader*>(at);
        if (header->ring_records != ring_records || header->overhang_records != overhang_records ||
            header->policy != policy_code(policy)) {
            return false;
        }
        return policy != FullPolicy::stop ||
               (header->capacity_records == options.capacity_records &&
                header->published.load(std::memory_order_relaxed) <= options.capacity_records);
    }

  private:
    static std::string geometry_fault(MappedBytes file) {
        const auto* header = reinterpret_cast<const JournalHeader*>(file.data());
        const std::uint64_t ring = header->ring_records;
        if (!std::has_single_bit(ring)) {
            return impossible_geometry("a ring of " + std::to_string(ring) +
                                       " records, not a power of two");
        }
        if (header->overhang_records >= ring) {
            return impossible_geometry("an overhang of " +
                                       std::to_string(header->overhang_records) +
                                       " records in a ring of " + std::to_string(ring));
        }
        if (header->data_offset != journal_data_offset) {
            return impossible_geometry("records at offset " + std::to_string(header->data_offset) +
                                       ", not " + std::to_string(journal_data_offset));
        }
        // Both are below 2^63 and 2^64: the sum cannot overflow.
        return extent_fault(file, ring + header->overhang_records, header->record_bytes);
    }
};

}  // namespace roda
