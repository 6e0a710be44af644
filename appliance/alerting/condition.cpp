// SPDX-License-Identifier: Apache-2.0
#include "appliance/alerting/condition.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace roda::appliance {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr double ns_per_second = 1e9;

bool goes(Direction direction, double from, double to) noexcept {
    switch (direction) {
        case Direction::rising:
            return to > from;
        case Direction::falling:
            return to < from;
        case Direction::either:
            break;
    }
    return true;
}

// What a record calls the limit of a jump.
double ratio_of(const AlarmPoint& point) noexcept {
    return 1.0 + point.margin;
}

Verdict judge_rate(const AlarmPoint& point,
                   const SensorState& before,
                   const SensorState& after) noexcept {
    const double from = before.last;
    const double to = after.last;
    if (before.count() == 0 || after.newest_ns <= before.newest_ns) {
        return {false, nothing, before.count() == 0 ? nothing : from, point.limit};
    }
    const double seconds = static_cast<double>(after.newest_ns - before.newest_ns) / ns_per_second;
    return {moves_beyond(from, to, point.limit, seconds) && goes(point.direction, from, to),
            (to - from) / seconds,
            from,
            point.limit};
}

// An average of equal values is not that value to the last bit.
bool is_of_rounding(double off, double value, double average) noexcept {
    constexpr double relative = 1e-9;
    return std::abs(off) <= relative * std::max(std::abs(value), std::abs(average));
}

// Not less than the sensor's variance: a float rounds what is below its least normal number down,
// to 0 at last. Infinite near the greatest one, where it may have been cut (SensorState::add()) and
// a few steady values since have made it less.
double variance_above(float variance) noexcept {
    using Float = std::numeric_limits<float>;
    constexpr float surely_whole = Float::max() / 100.0F;
    return variance < surely_whole ? static_cast<double>(std::max(variance, Float::min()))
                                   : std::numeric_limits<double>::infinity();
}

Verdict judge_deviation(const AlarmPoint& point,
                        const SensorState& before,
                        const SensorState& after) noexcept {
    if (before.count() == 0) {
        return {false, after.last, nothing, point.limit};
    }
    const double off = after.last - before.average;
    // What is off here is beyond Judge::passes_test().
    const bool is_off = off * off > point.limit * point.limit * variance_above(before.variance) &&
                        !is_of_rounding(off, after.last, before.average);
    return {
        is_off && before.count() >= point.min_readings, after.last, before.average, point.limit};
}

}  // namespace

Verdict judge_reading(const AlarmPoint& point,
                      const InventoryEntry* entry,
                      const SensorState& before,
                      const SensorState& after,
                      bool held) noexcept {
    if (!is_of_window(point.of)) {
        switch (point.kind) {
            case RuleKind::limits:
                return judge_limit(point, entry, figure_of(after, point.of), held);
            case RuleKind::rate:
                return judge_rate(point, before, after);
            case RuleKind::jump:
                return judge_jump(
                    point,
                    figure_of(after, point.of),
                    before.count() == 0 ? nothing : figure_of(before, reference_of(point)));
            case RuleKind::deviation:
                return judge_deviation(point, before, after);
            case RuleKind::flatline:
            case RuleKind::quality:
            case RuleKind::absence:
            case RuleKind::group:
                break;
        }
    }
    return {false, nothing, nothing, nothing};
}

Verdict judge_limit(const AlarmPoint& point,
                    const InventoryEntry* entry,
                    double figure,
                    bool held) noexcept {
    const double limit = limit_of(point, entry);
    const double bound = held ? clear_limit(point, limit) : limit;
    return {is_high(point.level) ? figure > bound : figure < bound, figure, limit, limit};
}

Verdict judge_jump(const AlarmPoint& point, double figure, double reference) noexcept {
    return {moves_beyond(reference, figure, point.margin, std::abs(reference)) &&
                moves_beyond(reference, figure, point.absolute, 1.0) &&
                goes(point.direction, reference, figure),
            figure,
            reference,
            ratio_of(point)};
}

}  // namespace roda::appliance
