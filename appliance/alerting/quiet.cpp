// SPDX-License-Identifier: Apache-2.0
//
// Why an interval stays true: the mean and the average of values that lie in an interval move
// towards them and so stay in it, if they are in it now. A condition that is the same for all
// figures of an interval is therefore the same after any number of readings of it.
#include "appliance/alerting/quiet.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace roda::appliance {
namespace {

constexpr double infinity = QuietInterval::infinity;
constexpr double greatest_double = std::numeric_limits<double>::max();
constexpr float greatest_float = std::numeric_limits<float>::max();

double finite_magnitude(double bound) noexcept {
    return std::isinf(bound) ? 0.0 : std::abs(bound);
}

// The average's two weights and products are rounded, so it may settle outside of its values: by
// less than 4 * 2^-53 / weight of them. The running mean's steps never overshoot.
double slack_of(const QuietInterval& figures) noexcept {
    constexpr double relative = 1e-9;
    const double most = std::max(finite_magnitude(figures.low), finite_magnitude(figures.high));
    return most == 0.0 ? 0.0 : most * relative + std::numeric_limits<double>::min();
}

// Values that keep this figure among `figures`.
QuietInterval values_keeping(Figure figure,
                             const QuietInterval& figures,
                             const SensorState& state) noexcept {
    if (figure == Figure::value) {
        return figures;
    }
    const double slack = figure == Figure::average ? slack_of(figures) : 0.0;
    const QuietInterval values = {figures.low + slack, figures.high - slack};
    return values.has(figure_of(state, figure)) ? values : QuietInterval::none();
}

// Figures for which a limit's condition stays.
QuietInterval half_line(const AlarmPoint& point, double limit, bool held) noexcept {
    const bool high = is_high(point.level);
    if (!held) {
        if (std::isnan(limit)) {
            return QuietInterval::all();
        }
        return high ? QuietInterval{-infinity, limit} : QuietInterval{limit, infinity};
    }
    const double clear = clear_limit(point, limit);
    if (high && clear < infinity) {
        return {std::nextafter(clear, infinity), infinity};
    }
    if (!high && clear > -infinity) {
        return {-infinity, std::nextafter(clear, -infinity)};
    }
    return QuietInterval::none();  // no figure is beyond infinity, or NaN
}

/// What a step of a figure must not be beyond: a share of the figure, and an amount.
struct StillStep {
    double margin;
    double absolute;
};

// A mean or an average steps by a share of its distance from the value: where it is compared with
// itself before the reading, values may be as much further away. Not where steps are so small that
// their rounding counts.
StillStep still_step(const AlarmPoint& point, const SensorState& state, double weight) noexcept {
    constexpr double off_rounding = 1e-9;
    constexpr double least_step = 1e-6;
    double share = 1.0;
    if (point.of == reference_of(point)) {
        share = point.of == Figure::average ? weight
                : point.of == Figure::mean  ? 1.0 / static_cast<double>(state.count())
                                            : 1.0;
    }
    const double times = share < 1.0 ? (1.0 - off_rounding) / share : 1.0;
    const double size = std::abs(figure_of(state, point.of));
    return {point.margin * (point.margin < least_step ? 1.0 : times),
            point.absolute * (point.absolute < least_step * size ? 1.0 : times)};
}

// Whether no two figures of the interval are a jump: its width is none from its figure nearest to
// zero, and judge_jump() rounds as this does.
bool is_without_jumps(const StillStep& step, const QuietInterval& figures) noexcept {
    const double nearest = std::abs(std::clamp(0.0, figures.low, figures.high));
    return !moves_beyond(figures.low, figures.high, step.absolute, 1.0) ||
           !moves_beyond(figures.low, figures.high, step.margin, nearest);
}

// Figures around `centre` of which none is a jump from another. c - reach to c + reach is the
// widest for the ratio where 2 * reach = margin * (c - reach).
QuietInterval still_around(const StillStep& step, double centre) noexcept {
    constexpr double off_rounding = 1e-12;
    constexpr double most_margin = 1e15;  // more gives no more
    const double margin = std::min(step.margin, most_margin);
    const double size = std::abs(centre);
    const double widest = std::max(0.5 * step.absolute, size * (margin / (2.0 + margin)));
    const double epsilon = std::numeric_limits<double>::epsilon();
    const double reach = widest * (1.0 - off_rounding) - 2.0 * epsilon * size;
    const QuietInterval figures = {std::max(centre - reach, -greatest_double),
                                   std::min(centre + reach, greatest_double)};
    if (figures.low <= figures.high && is_without_jumps(step, figures)) {
        return figures;
    }
    return {centre, centre};
}

// Of a value the last one does not matter: it is compared no more, but where it is the reference.
QuietInterval quiet_of_jump(const AlarmPoint& point,
                            const SensorState& state,
                            double weight) noexcept {
    const Figure from = reference_of(point);
    const QuietInterval figures =
        still_around(still_step(point, state, weight), figure_of(state, from));
    return values_keeping(point.of, figures, state) & values_keeping(from, figures, state);
}

// The least float that is not below; bound <= the greatest one.
float float_above(double bound) noexcept {
    if (bound < -static_cast<double>(greatest_float)) {
        return -greatest_float;
    }
    const auto nearest = static_cast<float>(bound);
    return static_cast<double>(nearest) < bound
               ? std::nextafter(nearest, std::numeric_limits<float>::infinity())
               : nearest;
}

}  // namespace

QuietInterval quiet_interval(const AlarmPoint& point,
                             const InventoryEntry* entry,
                             const SensorState& state,
                             bool held,
                             double weight) noexcept {
    if (state.count() == 0) {
        return QuietInterval::none();
    }
    if (is_of_window(point.of)) {
        return QuietInterval::all();
    }
    switch (point.kind) {
        case RuleKind::limits:
            return values_keeping(point.of, half_line(point, limit_of(point, entry), held), state);
        case RuleKind::jump:
            return held ? QuietInterval::none() : quiet_of_jump(point, state, weight);
        case RuleKind::quality:
            return held ? QuietInterval::none() : QuietInterval{point.least, point.greatest};
        case RuleKind::rate:
        case RuleKind::deviation:
            return held ? QuietInterval::none() : QuietInterval::all();
        case RuleKind::flatline:
        case RuleKind::absence:
        case RuleKind::group:
            break;
    }
    return QuietInterval::all();
}

void set_quiet(SensorState& state, const QuietInterval& interval) noexcept {
    constexpr double most = greatest_float;
    state.quiet_low = greatest_float;
    state.quiet_high = -greatest_float;
    if (interval.low <= most && interval.high >= -most) {
        state.quiet_low = float_above(interval.low);
        state.quiet_high = -float_above(-interval.high);
    }
}

}  // namespace roda::appliance
