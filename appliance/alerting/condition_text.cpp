// SPDX-License-Identifier: Apache-2.0
#include "appliance/alerting/condition_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

#include "appliance/ingest/time_text.hpp"
#include "appliance/ingest/utf8_text.hpp"

namespace roda::appliance {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// All that a condition's words are made of.
struct Case {
    std::uint32_t number;  // of the point
    const AlarmPoint& point;
    const Rule& rule;
    Verdict verdict;  // while it is fulfilled: of the reading that it began with, if no newer one
    const AlarmCell& cell;
    const SensorExplanation& sensor;
    const InventoryEntry* entry;
    const RuleBook& book;
    std::uint64_t now_ns;
};

Verdict newest_verdict(const PointExplanation& point) {
    const AlarmCell& cell = point.cell;
    return point.verdict.fulfilled || (cell.history & 1) == 0
               ? point.verdict
               : Verdict{true, cell.cause.value, cell.cause.reference, cell.cause.limit};
}

std::uint64_t since(std::uint64_t then_ns, std::uint64_t now_ns) {
    return now_ns - std::min(then_ns, now_ns);
}

std::string one_or_more(std::uint64_t number, std::string_view what) {
    return std::to_string(number) + ' ' + std::string(what) + (number == 1 ? "" : "s");
}

/// "value", "window p99 (5 min, every 1 min)".
std::string figure_name(const Case& of) {
    std::string name(figure_names[static_cast<std::size_t>(of.point.of)]);
    std::replace(name.begin(), name.end(), '_', ' ');
    if (is_of_window(of.point.of)) {
        const WindowShape& window = of.rule.window;
        name += " (" + fine_span_text(window.width_ns);
        name += window.slide_ns == window.width_ns
                    ? ")"
                    : ", every " + fine_span_text(window.slide_ns) + ')';
    }
    return name;
}

/// Nothing was judged. A quality that is no number was.
bool is_unjudged(const Case& of) {
    return std::isnan(of.verdict.value) && !of.verdict.fulfilled;
}

std::string limits_text(const Case& of) {
    const double limit = limit_of(of.point, of.entry);
    const std::string level(level_names[static_cast<std::size_t>(of.point.level)]);
    if (std::isnan(limit)) {
        return "the inventory has no " + level + " limit of it: never fires";
    }
    const bool high = is_high(of.point.level);
    const std::string beyond = high ? " above " : " below ";
    const std::string name = figure_name(of);
    if (is_unjudged(of)) {
        return "no " + name + " yet, fires" + beyond + figure_text(limit);
    }
    const std::string figure = name + ' ' + figure_text(of.verdict.value);
    const std::string clear = (high ? "clears at or below " : "clears at or above ") +
                              figure_text(clear_limit(of.point, limit));
    if (high ? of.verdict.value > limit : of.verdict.value < limit) {
        return figure + " is" + beyond + figure_text(limit) + " (" + clear + ')';
    }
    if (of.verdict.fulfilled) {
        return figure + " has not cleared (" + clear + ", fires" + beyond + figure_text(limit) +
               ')';
    }
    return figure + " is not" + beyond + figure_text(limit) +
           (of.point.deadband > 0.0 ? " (" + clear + ')' : "");
}

std::string direction_text(const Case& of) {
    switch (of.point.direction) {
        case Direction::rising:
            return " (rising only)";
        case Direction::falling:
            return " (falling only)";
        case Direction::either:
            break;
    }
    return "";
}

std::string rate_text(const Case& of) {
    const std::string limit = figure_text(of.point.limit) + " a second" + direction_text(of);
    if (is_unjudged(of)) {
        return "fires when value moves by more than " + limit;
    }
    return "value moves by " + figure_text(of.verdict.value) + " a second, " +
           (of.verdict.fulfilled ? "more than " : "not more than ") + limit;
}

/// What the figure must move by from the reference.
std::string jump_size(const Case& of, double reference) {
    const double least = std::max(of.point.margin * std::abs(reference), of.point.absolute);
    return "more than " + figure_text(least);
}

/// Where it does not hold, what the next figure would have to be says most.
std::string jump_text(const Case& of) {
    const std::string name = figure_name(of);
    const std::string from = of.point.against == Reference::previous ? "the one before, "
                             : of.point.against == Reference::mean   ? "the mean, "
                                                                     : "the average, ";
    if (of.verdict.fulfilled) {
        const double reference = of.verdict.reference;
        return name + ' ' + figure_text(of.verdict.value) + " is " +
               figure_text(of.verdict.value - reference) + " from " + from +
               figure_text(reference) + ", " + jump_size(of, reference) + direction_text(of);
    }
    const double reference = is_of_window(of.point.of)
                                 ? of.verdict.value
                                 : figure_of(of.sensor.state, reference_of(of.point));
    if (of.sensor.state.count() == 0 || std::isnan(reference)) {
        return name + " has nothing to compare with yet";
    }
    return "fires when " + name + " is " + jump_size(of, reference) + " from " + from +
           figure_text(reference) + direction_text(of);
}

std::string deviation_text(const Case& of) {
    const std::string sigmas = figure_text(of.point.limit) + " standard deviations";
    if (of.sensor.state.count() < of.point.min_readings && !of.verdict.fulfilled) {
        return "judges to " + sigmas + " after " + one_or_more(of.point.min_readings, "reading") +
               ", has " + std::to_string(of.sensor.state.count());
    }
    return "value " + figure_text(of.verdict.value) + " is " +
           (of.verdict.fulfilled ? "" : "not ") + "further than " + sigmas + " from the average " +
           figure_text(of.verdict.reference);
}

/// By the readings: a sensor that says nothing is not flat but absent.
std::string flatline_text(const Case& of) {
    const std::string limit = fine_span_text(of.point.for_ns);
    if (of.cell.flat_from_ns == 0) {
        return "not followed yet, fires after " + limit + " without a move";
    }
    return "flat for " + fine_span_text(since(of.cell.flat_from_ns, of.sensor.state.newest_ns)) +
           " at " + figure_text(of.cell.flat_at) +
           (of.point.tolerance > 0.0 ? " (within " + figure_text(of.point.tolerance) + ')' : "") +
           (of.verdict.fulfilled ? ", at least " : ", fires at ") + limit;
}

std::string range_text(const AlarmPoint& point) {
    if (point.least > -infinity && point.greatest < infinity) {
        return figure_text(point.least) + " to " + figure_text(point.greatest);
    }
    return point.least > -infinity     ? figure_text(point.least) + " and more"
           : point.greatest < infinity ? figure_text(point.greatest) + " and less"
                                       : "finite numbers";
}

std::string quality_text(const Case& of) {
    if (of.sensor.state.count() == 0 && is_unjudged(of)) {
        return "no value yet, good are " + range_text(of.point);
    }
    const double value = is_unjudged(of) ? of.sensor.state.last : of.verdict.value;
    if (!std::isfinite(value)) {
        return "value " + figure_text(value) + " is not a finite number";
    }
    return "value " + figure_text(value) + (of.verdict.fulfilled ? " is not good" : " is good") +
           ", good are " + range_text(of.point);
}

std::string absence_text(const Case& of) {
    const std::uint64_t limit_ns = silence_ns(of.point, of.entry);
    if (limit_ns == 0) {
        return "the inventory has no expected interval of it: never fires";
    }
    const std::string limit =
        (of.verdict.fulfilled ? ", at least " : ", fires at ") + fine_span_text(limit_ns);
    if (of.sensor.state.newest_ns == 0) {
        return "never heard" + limit;
    }
    return "silent for " + fine_span_text(since(of.sensor.state.newest_ns, of.now_ns)) + limit;
}

std::string group_text(const Case& of) {
    std::string rules;
    for (const std::string& rule : of.rule.rules) {
        rules += (rules.empty() ? "" : ", ") + rule;
    }
    const std::uint32_t group = of.book.group_of(of.number, of.sensor.sensor_id);
    const std::string where = group == no_index
                                  ? "no group"
                                  : of.rule.by + ' ' + utf8_text(of.book.groups()[group].value);
    const std::string limit = one_or_more(of.point.at_least_sensors, "sensor");
    if (is_unjudged(of)) {
        return "fires when " + limit + " of " + where + " have an alert of " + rules;
    }
    return figure_text(of.verdict.value) + " of " + where + " with an alert of " + rules +
           ", fires at " + limit;
}

}  // namespace

std::string figure_text(double figure) {
    std::array<char, 32> text{};
    const int length = std::snprintf(text.data(), text.size(), "%.6g", figure);
    return std::string(text.data(), static_cast<std::size_t>(length));
}

std::string condition_text(const PointExplanation& point,
                           const SensorExplanation& sensor,
                           const RuleBook& book,
                           std::uint64_t now_ns) {
    const AlarmPoint& alarm = book.points()[point.point];
    const Case of{.number = point.point,
                  .point = alarm,
                  .rule = book.rules()[alarm.rule],
                  .verdict = newest_verdict(point),
                  .cell = point.cell,
                  .sensor = sensor,
                  .entry = book.inventory().find(sensor.sensor_id),
                  .book = book,
                  .now_ns = now_ns};
    switch (alarm.kind) {
        case RuleKind::limits:
            return limits_text(of);
        case RuleKind::rate:
            return rate_text(of);
        case RuleKind::jump:
            return jump_text(of);
        case RuleKind::deviation:
            return deviation_text(of);
        case RuleKind::flatline:
            return flatline_text(of);
        case RuleKind::quality:
            return quality_text(of);
        case RuleKind::absence:
            return absence_text(of);
        case RuleKind::group:
            break;
    }
    return group_text(of);
}

}  // namespace roda::appliance
