// SPDX-License-Identifier: Apache-2.0
#include "appliance/rules/point_forms.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace roda::appliance {

namespace {

/// FNV-1a over one byte string in which no two different sequences of fields are the same.
class Fingerprint {
  public:
    void add(std::uint64_t number) noexcept {
        for (int i = 0; i < 8; ++i) {
            add_byte(static_cast<unsigned char>(number >> (8 * i)));
        }
    }

    void add(double number) noexcept { add(std::bit_cast<std::uint64_t>(number)); }

    void add(std::string_view text) noexcept {
        add(std::uint64_t{text.size()});
        for (const char character : text) {
            add_byte(static_cast<unsigned char>(character));
        }
    }

    template <class Word>
    requires std::is_enum_v<Word>

    void add(Word word) noexcept { add(static_cast<std::uint64_t>(word)); }

    std::uint64_t value() const noexcept { return value_; }

  private:
    void add_byte(unsigned char byte) noexcept { value_ = (value_ ^ byte) * 0x100'0000'01b3u; }

    std::uint64_t value_ = 0xcbf2'9ce4'8422'2325u;
};

void add(Fingerprint& sum, const AlarmPoint& point) noexcept {
    sum.add(point.kind);
    sum.add(point.level);
    sum.add(point.of);
    sum.add(point.against);
    sum.add(point.direction);
    sum.add(point.severity);  // series count and show by it: what stands cannot move
    sum.add(std::uint64_t{point.of_inventory});
    for (const double number : {point.limit,
                                point.deadband,
                                point.margin,
                                point.absolute,
                                point.tolerance,
                                point.least,
                                point.greatest,
                                point.intervals}) {
        sum.add(number);
    }
    sum.add(point.for_ns);
    sum.add(std::uint64_t{point.min_readings});
    sum.add(std::uint64_t{point.at_least_sensors});
}

void add(Fingerprint& sum, const AlertLife& life) noexcept {
    for (const std::uint64_t number : {life.on_delay_ns,
                                       life.off_delay_ns,
                                       life.min_interval_ns,
                                       std::uint64_t{life.latching},
                                       std::uint64_t{life.flap_changes},
                                       life.flap_within_ns,
                                       std::uint64_t{life.at_least},
                                       std::uint64_t{life.of_last}}) {
        sum.add(number);
    }
}

void add(Fingerprint& sum, const Selector& selector) noexcept {
    sum.add(std::uint64_t{selector.is_by_id()});
    sum.add(std::uint64_t{selector.ids().size()});
    for (const IdRange& range : selector.ids()) {
        sum.add(range.first);
        sum.add(range.last);
    }
    sum.add(std::uint64_t{selector.is_by_device()});
    sum.add(std::uint64_t{selector.devices().size()});
    for (const std::uint64_t device : selector.devices()) {
        sum.add(device);
    }
    sum.add(std::uint64_t{selector.labels().size()});
    for (const auto& [name, value] : selector.labels()) {
        sum.add(std::string_view(name));
        sum.add(std::string_view(value));
    }
}

std::vector<AlarmPoint> levels_of(const Rule& rule, const AlarmPoint& common) {
    std::vector<AlarmPoint> points;
    const auto add_level = [&](Level level, const std::optional<LevelLimit>& limit, Severity of) {
        if (limit) {
            AlarmPoint& point = points.emplace_back(common);
            point.level = level;
            point.severity = of;
            point.of_inventory = limit->of_inventory;
            point.limit = limit->of_inventory ? 0.0 : limit->value;
            point.deadband = rule.deadband;
        }
    };
    add_level(Level::hihi, rule.hihi, rule.outer_severity);
    add_level(Level::hi, rule.hi, rule.severity);
    add_level(Level::lo, rule.lo, rule.severity);
    add_level(Level::lolo, rule.lolo, rule.outer_severity);
    return points;
}

}  // namespace

std::vector<AlarmPoint> points_of(const Rule& rule, std::uint32_t number) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    AlarmPoint point;
    point.rule = number;
    point.kind = rule.kind;
    point.severity = rule.severity;
    point.record = rule.record;
    point.life = rule.life;
    switch (rule.kind) {
        case RuleKind::limits:
            point.of = rule.of;
            return levels_of(rule, point);
        case RuleKind::rate:
            point.limit = rule.per_second;
            point.direction = rule.direction;
            break;
        case RuleKind::jump:
            point.of = rule.of;
            point.against = rule.against;
            point.margin = rule.ratio - 1.0;
            point.absolute = rule.absolute;
            point.direction = rule.direction;
            break;
        case RuleKind::deviation:
            point.limit = rule.sigmas;
            point.min_readings = rule.min_readings;
            break;
        case RuleKind::flatline:
            point.for_ns = rule.for_ns;
            point.tolerance = rule.tolerance;
            break;
        case RuleKind::quality:
            point.least = rule.least.value_or(-infinity);
            point.greatest = rule.greatest.value_or(infinity);
            break;
        case RuleKind::absence:
            point.for_ns = rule.intervals > 0.0 ? 0 : rule.for_ns;
            point.intervals = rule.intervals;
            break;
        case RuleKind::group:
            point.at_least_sensors = rule.at_least_sensors;
            break;
    }
    return {point};
}

std::uint64_t identity_of(const AlarmPoint& point,
                          const Rule& rule,
                          const Selector& selector,
                          const WindowShape& window) {
    Fingerprint sum;
    sum.add(std::string_view(rule.name));
    add(sum, point);
    add(sum, point.life);
    if (is_of_window(point.of)) {
        sum.add(window.width_ns);
        sum.add(window.slide_ns);
        sum.add(window.lateness_ns);
    }
    if (rule.kind == RuleKind::group) {
        std::vector<std::string> members = rule.rules;
        std::sort(members.begin(), members.end());
        members.erase(std::unique(members.begin(), members.end()), members.end());
        sum.add(std::string_view(rule.by));
        sum.add(std::uint64_t{members.size()});
        for (const std::string& member : members) {
            sum.add(std::string_view(member));
        }
    } else {
        add(sum, selector);
    }
    return sum.value();
}

}  // namespace roda::appliance
