// SPDX-License-Identifier: Apache-2.0
#include "appliance/windows/windows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

#include "pipeline/base/check.hpp"

namespace roda::appliance {

namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
constexpr double greatest = std::numeric_limits<double>::max();

std::uint64_t saturating_sum(std::uint64_t left, std::uint64_t right) noexcept {
    return left + std::min(right, ~left);
}

/// The event time at which a window closes.
std::uint64_t closing_of(const WindowState& state, std::uint64_t window) noexcept {
    return saturating_sum(saturating_sum(window * state.slide_ns, state.width_ns()),
                          state.lateness_ns);
}

/// The first window that a pane is in, of those that are open.
std::uint64_t first_window_of(const WindowState& state, std::uint64_t pane) noexcept {
    const std::uint64_t before = state.window_panes - 1;
    return std::max(state.first, pane - std::min(pane, before));
}

double rate_of(const WindowPane& all) noexcept {
    if (all.first_ns == all.last_ns) {
        return not_known;
    }
    const double seconds = static_cast<double>(all.last_ns - all.first_ns) * 1e-9;
    // Halved, so that the difference of two finite numbers stays finite.
    const double rate = (0.5 * all.last - 0.5 * all.first) / seconds * 2.0;
    return std::clamp(rate, -greatest, greatest);
}

/// Hands each pane of window `first` that has readings to `visit(place)`, oldest first.
template <class Visit>
void each_pane(WindowState& state, Visit&& visit) noexcept {
    std::uint32_t place = state.place_of(state.oldest);
    for (std::uint64_t i = state.oldest - state.first; i < state.window_panes; ++i) {
        if (state.pane(place).count != 0) {
            visit(place);
        }
        place = state.place_after(place);
    }
}

WindowPane joined_panes(WindowState& state) noexcept {
    WindowPane all{};
    each_pane(state, [&](std::uint32_t place) noexcept {
        if (all.count == 0) {
            all = state.pane(place);
        } else {
            all.join(state.pane(place));
        }
    });
    return all;
}

QuantileSketch joined_sketches(WindowState& state) noexcept {
    QuantileSketch all;
    each_pane(state, [&](std::uint32_t place) noexcept { all.merge(state.sketch(place)); });
    return all;
}

/// Of window `first`, which has readings.
void remember_figures(WindowState& state) noexcept {
    const WindowPane all = joined_panes(state);
    const double variance = all.off_squares / static_cast<double>(all.count);
    state.closed() = {.count = all.count,
                      .mean = std::clamp(all.mean, all.minimum, all.maximum),
                      .minimum = all.minimum,
                      .maximum = all.maximum,
                      .deviation = std::min(std::sqrt(std::max(variance, 0.0)), greatest),
                      .rate = rate_of(all)};
    if (state.has_quantiles != 0) {
        const QuantileSketch sketch = joined_sketches(state);
        const auto at = [&](std::uint32_t percent) {
            return std::clamp(sketch.percentile(percent), all.minimum, all.maximum);
        };
        state.closed_quantiles() = {.p50 = at(50), .p90 = at(90), .p95 = at(95), .p99 = at(99)};
    }
}

/// The window before `first`, as it was remembered.
WindowFigures last_closed(WindowState& state) noexcept {
    WindowFigures window;
    const ClosedFigures& figures = state.closed();
    const bool is_empty = figures.count == 0;
    if (state.first != 0) {
        window.start_ns = (state.first - 1) * state.slide_ns;
        window.end_ns = window.start_ns + state.width_ns();
    }
    window.count = figures.count;
    window.mean = is_empty ? not_known : figures.mean;
    window.minimum = is_empty ? not_known : figures.minimum;
    window.maximum = is_empty ? not_known : figures.maximum;
    window.deviation = is_empty ? not_known : figures.deviation;
    window.rate = is_empty ? not_known : figures.rate;
    window.p50 = window.p90 = window.p95 = window.p99 = not_known;
    if (!is_empty && state.has_quantiles != 0) {
        const ClosedQuantiles& quantiles = state.closed_quantiles();
        window.p50 = quantiles.p50;
        window.p90 = quantiles.p90;
        window.p95 = quantiles.p95;
        window.p99 = quantiles.p99;
    }
    return window;
}

/// Lines of the pool; more than it ever has where they do not fit 32 bits.
std::uint32_t lines_of(std::uint64_t panes, bool quantiles) noexcept {
    const std::uint64_t lines =
        (WindowState::bytes(panes, quantiles) + LinePool::line_bytes - 1) / LinePool::line_bytes;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(lines, no_index));
}

/// Window `first` is closed: pane `first` is in no other.
void free_first_pane(WindowState& state) noexcept {
    if (state.oldest != state.first) {
        return;
    }
    std::uint32_t place = state.place_of(state.first);
    state.pane(place).count = 0;
    state.oldest = WindowState::none;
    for (std::uint32_t i = 1; i < state.panes; ++i) {
        place = state.place_after(place);
        if (state.pane(place).count != 0) {
            state.oldest = state.first + i;
            return;
        }
    }
}

}  // namespace

double WindowFigures::of(Figure figure) const noexcept {
    switch (figure) {
        case Figure::window_count:
            return static_cast<double>(count);
        case Figure::window_mean:
            return mean;
        case Figure::window_minimum:
            return minimum;
        case Figure::window_maximum:
            return maximum;
        case Figure::window_deviation:
            return deviation;
        case Figure::window_rate:
            return rate;
        case Figure::window_p50:
            return p50;
        case Figure::window_p90:
            return p90;
        case Figure::window_p95:
            return p95;
        case Figure::window_p99:
            return p99;
        case Figure::value:
        case Figure::mean:
        case Figure::average:
            break;
    }
    return not_known;
}

Windows::Windows(std::uint64_t memory_bytes) : pool_(memory_bytes) {}

std::uint32_t Windows::open(const WindowShape& shape, bool quantiles) noexcept {
    check(shape.slide_ns != 0 && shape.width_ns != 0 && shape.width_ns % shape.slide_ns == 0,
          "Windows: the slide divides the width");
    // A window is open for its width and the lateness, and begins with each slide of it.
    const std::uint64_t window_panes = shape.width_ns / shape.slide_ns;
    const std::uint64_t lateness_panes =
        shape.lateness_ns / shape.slide_ns + (shape.lateness_ns % shape.slide_ns != 0);
    const std::uint64_t panes = saturating_sum(window_panes, lateness_panes);
    if (panes > WindowState::most_panes) {
        ++refused_;
        return no_index;
    }
    const std::uint32_t windows = pool_.take(lines_of(panes, quantiles));
    if (windows == no_index) {
        ++refused_;
        return no_index;
    }
    WindowState& state = *new (pool_.at(windows)) WindowState{};
    state.slide_ns = shape.slide_ns;
    state.lateness_ns = shape.lateness_ns;
    state.window_panes = static_cast<std::uint32_t>(window_panes);
    state.panes = static_cast<std::uint32_t>(panes);
    state.has_quantiles = quantiles ? 1 : 0;
    clear(windows);
    return windows;
}

void Windows::close(std::uint32_t windows) noexcept {
    const WindowState& state = at(windows);
    pool_.give_back(windows, lines_of(state.panes, state.has_quantiles != 0));
}

std::uint64_t Windows::due_ns(std::uint32_t windows) const noexcept {
    const WindowState& state = at(windows);
    return state.oldest == WindowState::none
               ? ~std::uint64_t{0}
               : closing_of(state, first_window_of(state, state.oldest));
}

WindowFigures Windows::last(std::uint32_t windows) const noexcept {
    return last_closed(at(windows));
}

void Windows::clear(std::uint32_t windows) noexcept {
    WindowState& state = at(windows);
    state.first = 0;
    state.oldest = WindowState::none;
    state.closing_ns = 0;
    state.gap_left = 0;
    state.closed().count = 0;
    for (std::uint32_t i = 0; i < state.panes; ++i) {
        state.pane(i).count = 0;
    }
}

std::uint64_t Windows::first_open_at(const WindowState& state, std::uint64_t event_ns) noexcept {
    const std::uint64_t watermark_ns = event_ns - std::min(event_ns, state.lateness_ns);
    const std::uint64_t width_ns = state.width_ns();
    return watermark_ns < width_ns ? 0 : (watermark_ns - width_ns) / state.slide_ns + 1;
}

bool Windows::next_closed(WindowState& state,
                          std::uint64_t end,
                          bool is_reading,
                          WindowFigures& window,
                          WindowFigures& before) noexcept {
    while (state.first < end) {
        const bool has_readings = state.oldest != WindowState::none;
        if (!has_readings && !is_reading) {
            return false;
        }
        const bool is_empty = !has_readings || state.oldest - state.first >= state.window_panes;
        if (is_empty && state.gap_left == 0) {
            const std::uint64_t next = has_readings ? first_window_of(state, state.oldest) : end;
            state.first = std::min(next, end);
            state.closed().count = 0;
            continue;
        }
        before = last_closed(state);
        if (is_empty) {
            --state.gap_left;
            state.closed().count = 0;
        } else {
            remember_figures(state);
            state.gap_left = state.panes & WindowState::most_panes;
            free_first_pane(state);
        }
        ++state.first;
        window = last_closed(state);
        return true;
    }
    return false;
}

bool Windows::enter_pane(WindowState& state, std::uint64_t event_ns) noexcept {
    const std::uint64_t pane = event_ns / state.slide_ns;
    if (pane < state.first) {
        return false;
    }
    state.place = state.place_of(pane);
    state.pane_start_ns = pane * state.slide_ns;
    state.oldest = std::min(state.oldest, pane);
    state.closing_ns = closing_of(state, state.first);
    if (state.has_quantiles != 0 && state.pane(state.place).count == 0) {
        state.sketch(state.place) = {};
    }
    return true;
}

}  // namespace roda::appliance
