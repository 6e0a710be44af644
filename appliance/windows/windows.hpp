// SPDX-License-Identifier: Apache-2.0
// Windows of event time over one sensor's values, for rules: what a window's readings came to, once
// it is closed.
//
// A window is made of panes as wide as the slide, so that a reading is folded into one pane however
// many windows it is in; a closed window is its panes, joined.
#pragma once

#include <cstdint>
#include <utility>

#include "appliance/windows/line_pool.hpp"
#include "appliance/windows/window_state.hpp"
#include "appliance/config/rule.hpp"
#include "appliance/rules/alarm_point.hpp"

namespace roda::appliance {

/// What a closed window comes to: readings of start_ns <= time < end_ns.
struct WindowFigures {
    std::uint64_t start_ns = 0;
    std::uint64_t end_ns = 0;
    std::uint64_t count = 0;  // 0: none, and the other figures are NaN
    double mean = 0.0;
    double minimum = 0.0;
    double maximum = 0.0;
    double deviation = 0.0;  // of the population; 0 of one reading
    double rate = 0.0;       // (last - first) a second; NaN where no time passed between them
    double p50 = 0.0;        // within 2 % (quantile_sketch.hpp: of what); NaN: not asked for
    double p90 = 0.0;
    double p95 = 0.0;
    double p99 = 0.0;

    /// A window's figure; NaN of the others.
    double of(Figure figure) const noexcept;
};

/// Figures are those of the readings, in whichever order they came; sums may differ in their last
/// bits, and the rate where two readings of one time are the first or last (the first to come
/// begins, the last to come ends it). Beyond the greatest double: that.
///
/// Thread: the shard's. Cost: no allocation after construction.
class Windows {
  public:
    /// All windows of a shard lie in so much memory.
    explicit Windows(std::uint64_t memory_bytes);

    /// Place for the windows of one sensor and shape, by number; no_index, and counted: there is no
    /// room. `quantiles`: a sketch is kept. Shape: all panes that may be open, and the figures of
    /// the window before them.
    std::uint32_t open(const WindowShape& shape, bool quantiles) noexcept;

    void close(std::uint32_t windows) noexcept;

    /// Closes what event_ns closes, then takes the value in. Late: all its windows have closed;
    /// counted and taken into none. `on_closed(const WindowFigures& window, const WindowFigures&
    /// before)` for each, oldest first; `before` is the window one slide before it (count 0: it was
    /// empty or is not known). Windows without readings are told only between others, and of those
    /// no more than one for each pane, the first of a gap: a gap of a year is not a million calls.
    /// `on_closed` leaves these windows alone.
    /// Cost: a few ns; of a closed window its panes.
    template <class OnClosed>
    void add(std::uint32_t windows, double value, std::uint64_t event_ns, OnClosed&& on_closed) {
        WindowState& state = at(windows);
        if (event_ns >= state.closing_ns || event_ns - state.pane_start_ns >= state.slide_ns)
            [[unlikely]] {
            close_until(state, event_ns, true, on_closed);
            if (!enter_pane(state, event_ns)) {
                ++late_;
                return;
            }
        }
        WindowPane& pane = state.pane(state.place);
        if (pane.count == 0) [[unlikely]] {
            pane.begin(value, event_ns);
        } else {
            pane.add(value, event_ns);
        }
        if (state.has_quantiles != 0) {
            state.sketch(state.place).add(value);
        }
    }

    /// Time has come to event_ns without a reading: closes the windows with readings that it
    /// closes, and those between. Others stay open: what comes next may lie in them.
    template <class OnClosed>
    void pass(std::uint32_t windows, std::uint64_t event_ns, OnClosed&& on_closed) {
        WindowState& state = at(windows);
        if (event_ns >= state.closing_ns) {
            close_until(state, event_ns, false, on_closed);
            state.closing_ns = 0;  // the pane of the last reading may be among the closed
        }
    }

    /// false: add() of this time tells no window, not even an empty one. Cost: one comparison.
    bool may_close(std::uint32_t windows, std::uint64_t event_ns) const noexcept {
        return event_ns >= at(windows).closing_ns;
    }

    /// Asks for what add() needs first.
    [[gnu::always_inline]] void prefetch(std::uint32_t windows) const noexcept {
        __builtin_prefetch(&at(windows), 1);
    }

    /// And then, when that has come.
    [[gnu::always_inline]] void prefetch_pane(std::uint32_t windows) const noexcept {
        WindowState& state = at(windows);
        const auto* const pane = reinterpret_cast<const std::byte*>(&state.pane(state.place));
        __builtin_prefetch(pane, 1);
        __builtin_prefetch(pane + LinePool::line_bytes, 1);
    }

    /// How far behind its sensor's newest a reading may come.
    std::uint64_t lateness_ns(std::uint32_t windows) const noexcept {
        return at(windows).lateness_ns;
    }

    /// The event time at which the oldest window with readings closes; ~0: there is none.
    std::uint64_t due_ns(std::uint32_t windows) const noexcept;

    /// The window that was closed last; count 0: it had no readings, or there was none.
    WindowFigures last(std::uint32_t windows) const noexcept;

    /// Forgets the readings: the sensor's clock was set back.
    void clear(std::uint32_t windows) noexcept;

    std::uint64_t late() const noexcept { return late_; }

    /// Times that open() found no room.
    std::uint64_t refused() const noexcept { return refused_; }

  private:
    WindowState& at(std::uint32_t windows) const noexcept {
        return *reinterpret_cast<WindowState*>(pool_.at(windows));
    }

    template <class OnClosed>
    static void close_until(WindowState& state,
                            std::uint64_t event_ns,
                            bool is_reading,
                            OnClosed& on_closed) {
        const std::uint64_t end = first_open_at(state, event_ns);
        WindowFigures window;
        WindowFigures before;
        while (next_closed(state, end, is_reading, window, before)) {
            on_closed(std::as_const(window), std::as_const(before));
        }
    }

    /// The oldest window that a sensor's greatest event time leaves open.
    static std::uint64_t first_open_at(const WindowState& state, std::uint64_t event_ns) noexcept;

    /// Closes windows before `end` up to one that is told; false: there is none.
    static bool next_closed(WindowState& state,
                            std::uint64_t end,
                            bool is_reading,
                            WindowFigures& window,
                            WindowFigures& before) noexcept;

    /// Makes the pane of this time the current one; false: all its windows are closed.
    static bool enter_pane(WindowState& state, std::uint64_t event_ns) noexcept;

    LinePool pool_;
    std::uint64_t late_ = 0;
    std::uint64_t refused_ = 0;
};

}  // namespace roda::appliance
