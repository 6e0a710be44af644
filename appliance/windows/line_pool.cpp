// SPDX-License-Identifier: Apache-2.0
#include "appliance/windows/line_pool.hpp"

#include <algorithm>
#include <bit>

#include "appliance/rules/alarm_point.hpp"

namespace roda::appliance {

namespace {

// Runs of one bin of unequal lengths that are looked at before a longer one is cut.
constexpr std::uint32_t looked_at = 16;

std::uint32_t lines_of(std::uint64_t memory_bytes) {
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(memory_bytes / LinePool::line_bytes, no_index - 1));
}

}  // namespace

LinePool::LinePool(std::uint64_t memory_bytes)
    : region_(Region::anonymous(std::max<std::uint64_t>(memory_bytes, line_bytes))),
      size_(lines_of(memory_bytes)),
      ends_(size_ / 64 + 1) {
    heads_.fill(no_index);
    if (size_ != 0) {
        link(0, size_);
    }
}

std::uint32_t LinePool::take(std::uint32_t lines) noexcept {
    const std::uint32_t first = find(lines);
    if (first == no_index) {
        return no_index;
    }
    const std::uint32_t found = run_at(first).lines;
    unlink(first);
    if (found > lines) {
        link(first + lines, found - lines);
    }
    return first;
}

void LinePool::give_back(std::uint32_t first, std::uint32_t lines) noexcept {
    if (first != 0 && is_end(first - 1)) {
        const std::uint32_t before = lines_up_to(first - 1);
        unlink(first - before);
        first -= before;
        lines += before;
    }
    const std::uint32_t next = first + lines;
    if (next < size_ && is_end(next)) {
        lines += run_at(next).lines;
        unlink(next);
    }
    link(first, lines);
}

std::uint32_t LinePool::bin_of(std::uint32_t lines) noexcept {
    constexpr auto exact_bits = static_cast<std::uint32_t>(std::bit_width(exact_bins));
    return lines < exact_bins
               ? lines
               : exact_bins + static_cast<std::uint32_t>(std::bit_width(lines)) - exact_bits;
}

LinePool::FreeRun& LinePool::run_at(std::uint32_t line) const noexcept {
    return *reinterpret_cast<FreeRun*>(at(line));
}

std::uint32_t& LinePool::lines_up_to(std::uint32_t last) const noexcept {
    return *reinterpret_cast<std::uint32_t*>(at(last) + line_bytes - sizeof(std::uint32_t));
}

bool LinePool::is_end(std::uint32_t line) const noexcept {
    return (ends_[line / 64] >> line % 64 & 1) != 0;
}

void LinePool::put_end(std::uint32_t line, bool on) noexcept {
    const std::uint64_t bit = std::uint64_t{1} << line % 64;
    ends_[line / 64] = on ? ends_[line / 64] | bit : ends_[line / 64] & ~bit;
}

void LinePool::link(std::uint32_t first, std::uint32_t lines) noexcept {
    const std::uint32_t bin = bin_of(lines);
    const std::uint32_t next = heads_[bin];
    run_at(first) = {.lines = lines, .next = next, .previous = no_index};
    lines_up_to(first + lines - 1) = lines;
    if (next != no_index) {
        run_at(next).previous = first;
    }
    heads_[bin] = first;
    occupied_[bin / 64] |= std::uint64_t{1} << bin % 64;
    put_end(first, true);
    put_end(first + lines - 1, true);
    free_lines_ += lines;
}

void LinePool::unlink(std::uint32_t first) noexcept {
    const FreeRun run = run_at(first);
    const std::uint32_t bin = bin_of(run.lines);
    if (run.next != no_index) {
        run_at(run.next).previous = run.previous;
    }
    if (run.previous != no_index) {
        run_at(run.previous).next = run.next;
    } else {
        heads_[bin] = run.next;
        if (run.next == no_index) {
            occupied_[bin / 64] &= ~(std::uint64_t{1} << bin % 64);
        }
    }
    put_end(first, false);
    put_end(first + run.lines - 1, false);
    free_lines_ -= run.lines;
}

std::uint32_t LinePool::find(std::uint32_t lines) const noexcept {
    std::uint32_t bin = bin_of(lines);
    std::uint32_t run = heads_[bin];
    for (std::uint32_t i = 0; i < looked_at && run != no_index; ++i) {
        if (run_at(run).lines >= lines) {
            return run;
        }
        run = run_at(run).next;
    }
    for (++bin; bin < bins; bin = (bin / 64 + 1) * 64) {
        const std::uint64_t longer = occupied_[bin / 64] >> bin % 64;
        if (longer != 0) {
            return heads_[bin + static_cast<std::uint32_t>(std::countr_zero(longer))];
        }
    }
    return no_index;
}

}  // namespace roda::appliance
