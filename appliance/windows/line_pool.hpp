// SPDX-License-Identifier: Apache-2.0
// Memory in lines of 64 bytes, taken and given back in runs of any length: what lies beside each
// other and is free is one run again, so that other shapes fit after a reload.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "pipeline/memory/region.hpp"

namespace roda::appliance {

/// Thread: the shard's. Shape: lines are numbered from 0. Cost: constant, no allocation after
/// construction.
class LinePool {
  public:
    static constexpr std::size_t line_bytes = 64;

    explicit LinePool(std::uint64_t memory_bytes);

    /// The first of so many lines (at least 1), of any content; no_index: there is no such run.
    std::uint32_t take(std::uint32_t lines) noexcept;

    /// What take() gave, whole.
    void give_back(std::uint32_t first, std::uint32_t lines) noexcept;

    std::byte* at(std::uint32_t line) const noexcept { return region_.data() + line * line_bytes; }

    std::uint32_t free_lines() const noexcept { return free_lines_; }

  private:
    // At the start of a free run's first line; the last four bytes of its last line say how long it
    // is, too.
    struct FreeRun {
        std::uint32_t lines;
        std::uint32_t next;
        std::uint32_t previous;
    };

    static constexpr std::uint32_t exact_bins = 64;  // one for each length below
    static constexpr std::size_t bins = exact_bins + 26;

    static std::uint32_t bin_of(std::uint32_t lines) noexcept;
    FreeRun& run_at(std::uint32_t line) const noexcept;
    std::uint32_t& lines_up_to(std::uint32_t last) const noexcept;
    bool is_end(std::uint32_t line) const noexcept;
    void put_end(std::uint32_t line, bool on) noexcept;
    void link(std::uint32_t first, std::uint32_t lines) noexcept;
    void unlink(std::uint32_t first) noexcept;
    std::uint32_t find(std::uint32_t lines) const noexcept;

    Region region_;
    std::uint32_t size_;
    std::uint32_t free_lines_ = 0;
    std::array<std::uint32_t, bins> heads_;
    std::array<std::uint64_t, 2> occupied_{};  // a bit for each bin
    std::vector<std::uint64_t> ends_;          // a bit for each line: first or last of a free run
};

}  // namespace roda::appliance
