// SPDX-License-Identifier: Apache-2.0
// The readers' side of a slot store: from the writer's process or from another, which maps the file
// read-only and cannot hold the writer back. The ordering is seqlock_cell.hpp's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "pipeline/store/seqlock_cell.hpp"
#include "pipeline/store/slot_layout.hpp"

namespace roda {

template <SharedPod T>
class SlotStore;

/// Thread: any; a reader holds no place of its own, so that several threads may share one.
template <SharedPod T>
class SlotReader {
  public:
    static constexpr int default_attempts = 1'000;

    /// Maps an existing store; how many slots it has is in its header.
    ///
    /// Errors: StartupError that says what is wrong with the file (shared_layout.hpp).
    SlotReader(const std::string& path, std::uint64_t schema)
        : region_(attach_layout(
              path,
              [schema](MappedBytes file) { return SlotShape::mismatch(file, sizeof(T), schema); })),
          header_(reinterpret_cast<const SlotHeader*>(region_->data())),
          slots_(header_->prefix.records) {
        // Once more on the copy, which nobody can change now.
        if (const std::string fault =
                extent_fault(bytes_of(*region_), slots_, slot_bytes_for(sizeof(T)));
            !fault.empty()) {
            refuse_layout(path, fault);
        }
    }

    /// The value in slot `at`: present, absent, or busy when `attempts` copies met a change. A
    /// slot beyond the last was never written: absent, version 0.
    ///
    /// Cost: sizeof(T) / 8 + 2 loads when the writer is elsewhere.
    Snapshot<T> read(std::uint64_t at, int attempts = default_attempts) const noexcept {
        if (at >= slots_) [[unlikely]] {
            return {.state = SnapshotState::absent};
        }
        return cell(at).load(attempts);
    }

    /// Differs from what read() told as soon as the slot has changed again. Only equality means
    /// something; 0 before the first value.
    ///
    /// Cost: one load, for those who poll many slots that seldom change.
    std::uint64_t version(std::uint64_t at) const noexcept {
        return at < slots_ ? cell(at).version() : 0;
    }

    std::uint64_t slots() const noexcept { return slots_; }

    /// Slots that a writer died in and the next one made absent, since the store was made.
    std::uint64_t repaired() const noexcept {
        return header_->repaired.load(std::memory_order_relaxed);
    }

    /// Changes when the writer was started again.
    std::uint64_t epoch() const noexcept { return header_->epoch.load(std::memory_order_acquire); }

    /// Units: Unix time of the writer's last sign of life.
    std::uint64_t heartbeat_ns() const noexcept {
        return header_->heartbeat_ns.load(std::memory_order_relaxed);
    }

  private:
    friend class SlotStore<T>;

    SlotReader(const SlotHeader* header, std::uint64_t slots) : header_(header), slots_(slots) {}

    const SeqlockCell<T>& cell(std::uint64_t at) const noexcept {
        const auto* first = reinterpret_cast<const std::byte*>(header_) + layout_data_offset;
        return *reinterpret_cast<const SeqlockCell<T>*>(first + at * slot_bytes_for(sizeof(T)));
    }

    std::optional<Region> region_;  // empty when the store's own process reads
    const SlotHeader* header_;
    std::uint64_t slots_;
};

}  // namespace roda
