// SPDX-License-Identifier: Apache-2.0
// The windows of one sensor and shape, as they lie in memory:
//
//   0             64              112               192; without quantiles 112
//   | WindowState | ClosedFigures | ClosedQuantiles | pane | pane | ...
//
// Pane i of event time has place i mod panes. Window i is made of panes i, i + 1, ... as many as
// its width has slides.
#pragma once

#include <cstddef>
#include <cstdint>

#include "appliance/windows/window_pane.hpp"

namespace roda::appliance {

/// Of the window before the oldest that is open. count 0: without readings, or not known.
struct ClosedFigures {
    std::uint64_t count;
    double mean;
    double minimum;
    double maximum;
    double deviation;
    double rate;
};

struct ClosedQuantiles {
    double p50;
    double p90;
    double p95;
    double p99;
};

/// Shape: a cache line, and behind it the rest.
class WindowState {
  public:
    static constexpr std::uint64_t none = ~std::uint64_t{0};
    static constexpr std::uint32_t most_panes = 0x7fff'ffff;

    std::uint64_t slide_ns;
    std::uint64_t lateness_ns;
    std::uint64_t first;          // the oldest window that is open
    std::uint64_t oldest;         // the oldest pane with readings; none
    std::uint64_t closing_ns;     // no event time before it closes anything; 0: not known
    std::uint64_t pane_start_ns;  // of the pane in `place`; unless closing_ns is 0
    std::uint32_t place;
    std::uint32_t window_panes;   // of a window
    std::uint32_t panes;          // places
    std::uint32_t gap_left : 31;  // windows without readings that this gap may yet tell
    std::uint32_t has_quantiles : 1;

    static std::uint64_t bytes(std::uint64_t panes, bool quantiles) noexcept {
        return panes_at(quantiles) + panes * pane_bytes(quantiles);
    }

    std::uint64_t width_ns() const noexcept { return slide_ns * window_panes; }

    ClosedFigures& closed() noexcept { return at<ClosedFigures>(sizeof(WindowState)); }

    /// Only with quantiles.
    ClosedQuantiles& closed_quantiles() noexcept {
        return at<ClosedQuantiles>(sizeof(WindowState) + sizeof(ClosedFigures));
    }

    WindowPane& pane(std::uint32_t of_place) noexcept {
        const bool quantiles = has_quantiles != 0;
        return at<WindowPane>(panes_at(quantiles) + of_place * pane_bytes(quantiles));
    }

    /// Only with quantiles.
    QuantileSketch& sketch(std::uint32_t of_place) noexcept {
        return at<SketchedPane>(panes_at(true) + of_place * pane_bytes(true)).sketch;
    }

    std::uint32_t place_of(std::uint64_t pane_number) const noexcept {
        return static_cast<std::uint32_t>(pane_number % panes);
    }

    std::uint32_t place_after(std::uint32_t of_place) const noexcept {
        return of_place + 1 == panes ? 0 : of_place + 1;
    }

  private:
    static constexpr std::size_t panes_at(bool quantiles) noexcept {
        return quantiles ? 3 * sizeof(WindowState) : sizeof(WindowState) + sizeof(ClosedFigures);
    }

    static constexpr std::size_t pane_bytes(bool quantiles) noexcept {
        return quantiles ? sizeof(SketchedPane) : sizeof(WindowPane);
    }

    template <class Part>
    Part& at(std::size_t offset) noexcept {
        return *reinterpret_cast<Part*>(reinterpret_cast<std::byte*>(this) + offset);
    }
};

static_assert(sizeof(WindowState) == 64 &&
              sizeof(ClosedFigures) + sizeof(ClosedQuantiles) <= 2 * sizeof(WindowState));

}  // namespace roda::appliance
