// SPDX-License-Identifier: Apache-2.0
// window: folds the items of a key by event time, into windows that begin at multiples of a slide.
//
//   width 30, slide 10      w0 |------------------------------|
//                           w1           |------------------------------|
//                           w2                     |------------------------------|
//   an item of time 25      is folded into w0, w1 and w2
//
// The key's watermark is its greatest event time less the lateness. A window whose end it has
// reached is closed: handed on, and never opened again. The windows that may be open lie side by
// side, so window i has its place at i mod open_windows of the key's part:
//
//   first | count state | count state | ...     first: the oldest window that is not closed
//
// The watermark itself is not kept: what it would say of an item, `first` says as well.
//
// Window i is open when  watermark - width < i * slide <= watermark + lateness.  A half-open
// interval of that length holds at most ceil((width + lateness) / slide) multiples of the slide,
// and holds as many for some watermark: so many places are enough, and one fewer is not.
#pragma once

#include <algorithm>
#include <array>
#include <limits>

#include "pipeline/base/check.hpp"
#include "pipeline/op/keyed_by.hpp"

namespace roda {

struct WindowOptions {
    std::uint64_t width_ns = 0;
    std::uint64_t slide_ns = 0;     // between the starts of two windows; 0: the width (tumbling)
    std::uint64_t lateness_ns = 0;  // how far behind its key's newest item one may come
};

/// A closed window: items of start_ns <= time < end_ns.
template <class StateType>
struct Window {
    std::uint64_t start_ns;
    std::uint64_t end_ns;
    std::uint64_t count;
    StateType state;

    friend bool operator==(const Window&, const Window&) = default;
};

/// Places that a key needs for the windows that may be open at a time.
constexpr std::uint64_t open_windows_for(const WindowOptions& options) noexcept {
    const std::uint64_t slide_ns = options.slide_ns != 0 ? options.slide_ns : options.width_ns;
    return (options.width_ns + options.lateness_ns - 1) / slide_ns + 1;
}

/// What is done with late items when the user does not say: they are counted.
struct IgnoreLate {
    template <class In>
    void operator()(const In&) const noexcept {}
};

template <std::uint32_t open_windows, class Time, class Init, class Fold, class OnLate, class In>
class WindowMember {
  public:
    using State = ResultOf<Init, const In&>;
    using Output = Window<State>;

    static_assert(Pod<State>, "window(): the state is a Pod: it lies in a key's slot");
    static_assert(std::is_same_v<ResultOf<Time, const In&>, std::uint64_t>,
                  "window(): the time of an item is nanoseconds in a std::uint64_t");

    /// Shape: zero is the part of a key that has seen nothing.
    struct Part {
        struct Open {
            std::uint64_t count;
            State state;
        };

        std::uint64_t first;
        std::array<Open, open_windows> open;
    };

    static constexpr bool one_to_one = false;

    WindowMember(const WindowOptions& options, Time time, Init init, Fold fold, OnLate on_late)
        : width_ns_(options.width_ns),
          slide_ns_(options.slide_ns != 0 ? options.slide_ns : options.width_ns),
          lateness_ns_(options.lateness_ns),
          time_(std::move(time)),
          init_(std::move(init)),
          fold_(std::move(fold)),
          on_late_(std::move(on_late)) {}

    template <class Next>
    [[gnu::always_inline]] void apply(const In& item, Part& part, bool, Cause cause, Next& next) {
        const std::uint64_t time_ns = std::invoke(time_, item);
        advance(part, time_ns, cause, next);
        fold_into_windows(item, time_ns, part);
    }

    /// Closes what is due at event time `now_ns`, as an item of that time would.
    template <class Next>
    [[gnu::always_inline]] void advance(
        Part& part, std::uint64_t now_ns, Cause cause, Next& next) {
        const std::uint64_t watermark_ns = now_ns - std::min(now_ns, lateness_ns_);
        if (is_closed(part.first, watermark_ns)) [[unlikely]] {
            close_windows(part, watermark_ns, cause, next);
        }
    }

    /// Items, of all keys, that came after every window of theirs had closed: folded nowhere.
    std::uint64_t late() const noexcept { return late_; }

    /// Items that missed some of their windows and were folded into the others.
    std::uint64_t partly_late() const noexcept { return partly_late_; }

  private:
    bool is_closed(std::uint64_t window, std::uint64_t watermark_ns) const noexcept {
        const std::uint64_t start_ns = window * slide_ns_;
        return watermark_ns >= start_ns && watermark_ns - start_ns >= width_ns_;
    }

    /// Oldest first. However far time jumped, no more than open_windows windows hold anything.
    template <class Next>
    [[gnu::noinline]] void close_windows(
        Part& part, std::uint64_t watermark_ns, Cause cause, Next& next) {
        for (std::uint32_t i = 0; i < open_windows && is_closed(part.first, watermark_ns); ++i) {
            auto& open = part.open[part.first % open_windows];
            if (open.count != 0) {
                const std::uint64_t start_ns = part.first * slide_ns_;
                const Output window{start_ns, start_ns + width_ns_, open.count, open.state};
                open.count = 0;
                next(window, cause);
            }
            ++part.first;
        }
        if (is_closed(part.first, watermark_ns)) {
            part.first = (watermark_ns - width_ns_) / slide_ns_ + 1;
        }
    }

    [[gnu::always_inline]] void fold_into_windows(const In& item,
                                                  std::uint64_t time_ns,
                                                  Part& part) {
        std::uint64_t window = time_ns / slide_ns_;
        std::uint64_t start_ns = window * slide_ns_;
        if (window < part.first) [[unlikely]] {
            ++late_;
            std::invoke(on_late_, item);
            return;
        }
        while (true) {  // from the newest window of the item to its oldest
            fold_into(part.open[window % open_windows], item);
            if (window == 0 || time_ns - start_ns >= width_ns_ - slide_ns_) {
                return;
            }
            if (window == part.first) {
                ++partly_late_;
                return;
            }
            --window;
            start_ns -= slide_ns_;
        }
    }

    [[gnu::always_inline]] void fold_into(typename Part::Open& open, const In& item) {
        if (open.count++ == 0) {
            open.state = std::invoke(init_, item);
        } else {
            std::invoke(fold_, open.state, item);
        }
    }

    std::uint64_t width_ns_;
    std::uint64_t slide_ns_;
    std::uint64_t lateness_ns_;
    std::uint64_t late_ = 0;
    std::uint64_t partly_late_ = 0;
    [[no_unique_address]] Time time_;
    [[no_unique_address]] Init init_;
    [[no_unique_address]] Fold fold_;
    [[no_unique_address]] OnLate on_late_;
};

template <std::uint32_t open_windows, class Time, class Init, class Fold, class OnLate>
struct WindowSpec {
    WindowOptions options;
    Time time;
    Init init;
    Fold fold;
    OnLate on_late;

    template <class In>
        requires std::is_invocable_v<const Time&, const In&> &&
                 std::is_invocable_v<const Init&, const In&> &&
                 std::is_invocable_v<const Fold&, ResultOf<Init, const In&>&, const In&> &&
                 std::is_invocable_v<const OnLate&, const In&>
    WindowMember<open_windows, Time, Init, Fold, OnLate, In> bind_member() const {
        return WindowMember<open_windows, Time, Init, Fold, OnLate, In>(
            options, time, init, fold, on_late);
    }

    template <class In>
    auto bind() const {
        static_assert(!std::is_same_v<In, In>,
                      "window(): stands in keyed_by(): each key has windows of its own");
    }
};

/// A member of keyed_by(): windows of `width_ns` of event time, each handed on as Window<State>
/// once its key's watermark has reached its end, in the order of their ends. The first item of a
/// window makes its state with `init(item)`, each later one changes it with `fold(state, item)`. A
/// window without items is not handed on.
///
///     keyed_by({.max_keys = 65'536}, &Reading::sensor_id,
///              window<2>({.width_ns = minute_ns, .lateness_ns = second_ns},
///                        &Reading::timestamp_ns, init, fold))
///
/// An item that comes after all its windows have closed is late: counted, handed to
/// `on_late(item)`, and folded nowhere. Windows of a key that fell silent close at
/// pipe.advance_time(), whose time counts for each key like that of an item. The cause of a window
/// is what closed it.
///
/// Shape: in the key's slot 8 bytes, and for each of `open_windows` places 8 bytes and the state.
/// One item may close as many windows: outputs_per_record of a stage; twice as many where keys
/// expire. A StageEngine does not call advance_time(): there only items close windows, and expiry.
/// Units: event time in ns; windows begin at 0 at the earliest; one whose end would lie behind
/// 2^64 - 1 never closes.
/// Errors: the programmer's are a width of 0, a slide above the width, and fewer places than
/// open_windows_for(). Cost: a division, and a fold for each window of the item (width / slide); a
/// jump of time costs at most open_windows.
template <std::uint32_t open_windows, class Time, class Init, class Fold, class OnLate = IgnoreLate>
WindowSpec<open_windows, Time, Init, Fold, OnLate> window(
    const WindowOptions& options, Time time, Init init, Fold fold, OnLate on_late = {}) {
    static_assert(open_windows > 0, "window(): a key holds at least one window open: window<1>()");
    check(options.width_ns > 0, "window(): the width is at least 1 ns");
    check(options.slide_ns <= options.width_ns, "window(): the slide is at most the width");
    check(options.lateness_ns <= std::numeric_limits<std::uint64_t>::max() - options.width_ns,
          "window(): width and lateness together fit 64 bits");
    check(open_windows_for(options) <= open_windows,
          "window<open_windows>(): (width + lateness) / slide, rounded up, windows may be open");
    return {options,
            std::move(time),
            std::move(init),
            std::move(fold),
            std::move(on_late)};
}

}  // namespace roda
