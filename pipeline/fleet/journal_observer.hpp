// SPDX-License-Identifier: Apache-2.0
// A look at any journal's file from outside: what its header says, and records as bytes. Knows no
// record type, needs none, and never makes, locks or changes a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "pipeline/memory/region.hpp"
#include "pipeline/store/journal_layout.hpp"

namespace roda {

/// What a journal's header says of it at one moment.
struct JournalState {
    std::uint64_t record_bytes = 0;
    std::uint64_t ring_records = 0;
    std::uint64_t capacity_records = 0;
    std::uint64_t schema = 0;
    std::uint64_t policy = 0;  // policy_name() has the word
    std::uint64_t created_ns = 0;
    std::uint64_t epoch = 0;
    std::uint64_t published = 0;
    std::uint64_t claimed = 0;  // lap only
    std::uint64_t dropped = 0;
    std::uint64_t heartbeat_ns = 0;
    std::uint64_t oldest = 0;  // the first sequence that is still held

    /// By its heartbeat; one that never beat again after its start is dead after that time, too.
    bool is_alive(std::uint64_t now_ns, std::uint64_t silence_ns) const noexcept {
        return now_ns <= heartbeat_ns || now_ns - heartbeat_ns <= silence_ns;
    }
};

/// Thread: one. Cost: a mapping of the file; the writer does not know of it.
class JournalObserver {
  public:
    enum class Copied : std::uint8_t {
        whole,
        not_yet,  // not published
        no_more,  // overwritten, before or while it was copied
        no_room,  // the destination is shorter than a record
    };

    /// Errors: StartupError when there is no such file, or it is no journal of this layout.
    explicit JournalObserver(const std::string& path);

    JournalState state() const noexcept;

    /// Copies the record with this sequence. What `to` holds is meant only after `whole`.
    Copied copy(std::uint64_t sequence, std::span<std::byte> to) const noexcept;

  private:
    const JournalHeader& header() const noexcept {
        return *reinterpret_cast<const JournalHeader*>(region_.data());
    }

    std::uint64_t oldest(std::uint64_t published, std::uint64_t claimed) const noexcept;

    Region region_;
    // As they were checked: a header that is changed later cannot lead a copy out of the file.
    std::uint64_t record_bytes_ = 0;
    std::uint64_t ring_records_ = 0;
    std::uint64_t overhang_records_ = 0;
    std::uint64_t policy_ = 0;
};

}  // namespace roda
