// SPDX-License-Identifier: Apache-2.0
#include "appliance/rules/rule_book.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <tuple>
#include <utility>

#include "appliance/rules/group_forms.hpp"
#include "appliance/rules/point_forms.hpp"
#include "appliance/rules/rule_index.hpp"
#include "pipeline/base/error.hpp"

namespace roda::appliance {

namespace {

double limit_in(const SensorLimits& limits, Level level) noexcept {
    switch (level) {
        case Level::hihi:
            return limits.hihi;
        case Level::hi:
            return limits.hi;
        case Level::lo:
            return limits.lo;
        case Level::lolo:
            return limits.lolo;
        case Level::none:
            break;
    }
    return SensorLimits::none;
}

constexpr bool is_quantile(Figure figure) noexcept {
    return figure >= Figure::window_p50;
}

/// Whether the point could ever hold for a sensor that its rule selects.
bool can_hold(const AlarmPoint& point, const InventoryEntry* entry) noexcept {
    if (point.of_inventory) {
        return !std::isnan(limit_of(point, entry));
    }
    return point.kind != RuleKind::absence || silence_ns(point, entry) != 0;
}

/// From a sensor's inner low limit to its inner high one; NaN: it has not both. `levels`: of one
/// rule, from the outer high to the outer low.
double apart(std::span<const AlarmPoint> levels, const InventoryEntry& entry) noexcept {
    double above = SensorLimits::none;
    double below = SensorLimits::none;
    for (const AlarmPoint& level : levels) {
        const double limit = limit_of(level, &entry);
        const bool is_high = level.level == Level::hihi || level.level == Level::hi;
        if (is_high && !std::isnan(limit)) {
            above = limit;
        } else if (!is_high && std::isnan(below)) {
            below = limit;
        }
    }
    return above - below;
}

/// The lowest points of those that come in any order.
class LowestPoints {
  public:
    explicit LowestPoints(std::span<std::uint32_t, max_points_per_sensor> points) noexcept
        : points_(points) {}

    void add(std::uint32_t point) noexcept {
        if (size_ == max_points_per_sensor) {
            ++left_out_;
            if (point > points_.back()) {
                return;
            }
            --size_;
        }
        std::size_t at = size_++;
        for (; at > 0 && points_[at - 1] > point; --at) {
            points_[at] = points_[at - 1];
        }
        points_[at] = point;
    }

    std::size_t size() const noexcept { return size_; }

    std::uint64_t left_out() const noexcept { return left_out_; }

  private:
    std::span<std::uint32_t, max_points_per_sensor> points_;
    std::size_t size_ = 0;
    std::uint64_t left_out_ = 0;
};

std::vector<std::pair<std::uint64_t, std::uint32_t>> sorted_identities(const RuleBook& book) {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> identities;
    identities.reserve(book.points().size());
    for (std::uint32_t i = 0; i < book.points().size(); ++i) {
        identities.emplace_back(book.identity_of(i), i);
    }
    std::sort(identities.begin(), identities.end());
    return identities;
}

}  // namespace

double limit_of(const AlarmPoint& point, const InventoryEntry* entry) noexcept {
    if (!point.of_inventory) {
        return point.limit;
    }
    return entry == nullptr ? SensorLimits::none : limit_in(entry->limits, point.level);
}

std::uint64_t silence_ns(const AlarmPoint& point, const InventoryEntry* entry) noexcept {
    if (!(point.intervals > 0.0)) {
        return point.for_ns;
    }
    if (entry == nullptr || entry->expected_interval_ns == 0) {
        return 0;
    }
    constexpr std::uint64_t longest = std::uint64_t{1} << 62;  // added to a time, it does not wrap
    const double silence = point.intervals * static_cast<double>(entry->expected_interval_ns);
    return silence < static_cast<double>(longest)
               ? std::max<std::uint64_t>(static_cast<std::uint64_t>(silence), 1)
               : longest;
}

struct RuleBook::Index {
    Index(std::span<const Rule> rules, const Inventory& inventory) : by_sensor(rules, inventory) {}

    RuleIndex by_sensor;
    std::vector<std::uint32_t> first_points;  // of each rule; at the end the number of points
    std::vector<std::uint64_t> identities;
    std::vector<std::vector<std::uint32_t>> groups_counting;  // of each point
};

RuleBook::RuleBook(std::vector<Rule> rules,
                   std::shared_ptr<const Inventory> inventory,
                   SeriesRegistry& series)
    : rules_(std::move(rules)),
      inventory_(inventory ? std::move(inventory) : std::make_shared<const Inventory>()) {
    if (rules_.size() > max_rules) {
        throw StartupError(std::to_string(rules_.size()) + " rules are too many",
                           "rules",
                           "the most are " + std::to_string(max_rules));
    }
    index_ = std::make_unique<Index>(rules_, *inventory_);
    compile();
    check_deadbands();
    gather_groups();
    gather_expected();
    register_series(series);
}

RuleBook::~RuleBook() = default;

void RuleBook::compile() {
    for (std::uint32_t number = 0; number < rules_.size(); ++number) {
        const Rule& rule = rules_[number];
        index_->first_points.push_back(static_cast<std::uint32_t>(points_.size()));
        for (AlarmPoint& point : points_of(rule, number)) {
            if (is_of_window(point.of)) {
                point.window = window_of({rule.window, is_quantile(point.of)});
            }
            index_->identities.push_back(roda::appliance::identity_of(
                point, rule, index_->by_sensor.selector(number), rule.window));
            points_.push_back(point);
        }
    }
    index_->first_points.push_back(static_cast<std::uint32_t>(points_.size()));
}

std::uint32_t RuleBook::window_of(const RuleWindow& window) {
    const auto known = std::find(windows_.begin(), windows_.end(), window);
    const auto number = static_cast<std::uint32_t>(known - windows_.begin());
    if (known == windows_.end()) {
        windows_.push_back(window);
    }
    return number;
}

/// As the config's check of numbers: a high alert would stand while a low one comes. Not of rules
/// that select by device, which nobody knows yet.
void RuleBook::check_deadbands() const {
    const auto may_be_too_wide = [](const AlarmPoint& point) {
        return point.of_inventory && point.deadband > 0.0;
    };
    if (std::none_of(points_.begin(), points_.end(), may_be_too_wide)) {
        return;
    }
    std::uint32_t first_rule = no_index;
    std::uint64_t first_sensor = 0;
    std::uint64_t others = 0;
    for (const InventoryEntry& entry : inventory_->entries()) {
        index_->by_sensor.find(entry.sensor_id, 0, &entry, [&](std::uint32_t rule) {
            const std::uint32_t first = index_->first_points[rule];
            const std::uint32_t count = index_->first_points[rule + 1] - first;
            const double between = apart(std::span(points_).subspan(first, count), entry);
            if (!(between > 0.0 && rules_[rule].deadband >= between)) {
                return;
            }
            if (first_rule == no_index) {
                first_rule = rule;
                first_sensor = entry.sensor_id;
            } else if (first_rule == rule) {
                ++others;
            }
        });
    }
    if (first_rule != no_index) {
        throw StartupError("deadband is not less than from lo to hi of sensor " +
                               std::to_string(first_sensor) +
                               (others == 0 ? "" : " and " + std::to_string(others) + " more"),
                           "rule " + rules_[first_rule].name,
                           "give a smaller deadband, or limits further apart");
    }
}

void RuleBook::gather_groups() {
    GroupValues values(*inventory_);
    for (std::uint32_t i = 0; i < points_.size(); ++i) {
        if (points_[i].kind != RuleKind::group) {
            continue;
        }
        const Rule& rule = rules_[points_[i].rule];
        for (const std::string_view value : values.of(rule.by)) {
            if (groups_.size() == max_groups) {
                throw StartupError("the inventory has too many values of label " + rule.by,
                                   "rule " + rule.name,
                                   "the most groups are " + std::to_string(max_groups));
            }
            groups_.push_back({i, std::string(value)});
        }
    }
    index_->groups_counting = counting_points(rules_, points_, index_->first_points);
}

void RuleBook::gather_expected() {
    const auto is_absence = [](const AlarmPoint& point) { return point.kind == RuleKind::absence; };
    if (std::none_of(points_.begin(), points_.end(), is_absence)) {
        return;
    }
    std::array<std::uint32_t, max_points_per_sensor> found{};
    for (const InventoryEntry& entry : inventory_->entries()) {
        std::uint64_t left_out = 0;
        const std::size_t count = match_entry(entry.sensor_id, 0, &entry, found, left_out);
        for (const std::uint32_t point : std::span(found).first(count)) {
            if (is_absence(points_[point])) {
                expected_.push_back({static_cast<std::uint32_t>(inventory_->number_of(entry)),
                                     point,
                                     roda::appliance::silence_ns(points_[point], &entry)});
            }
        }
    }
}

/// Last, so that what makes a book impossible takes no numbers.
void RuleBook::register_series(SeriesRegistry& series) {
    for (AlarmPoint& point : points_) {
        const std::string& name = rules_[point.rule].name;
        point.series = series.number_of(name, point.severity);
        if (point.series == no_index) {
            throw StartupError("no counters are left for another rule name",
                               "rule " + name,
                               "names that were ever configured keep theirs: restart to have all " +
                                   std::to_string(SeriesRegistry::max_series) + " again");
        }
    }
}

std::size_t RuleBook::match(std::uint64_t sensor_id,
                            std::uint64_t device_id,
                            std::span<std::uint32_t, max_points_per_sensor> points,
                            std::uint64_t& left_out) const noexcept {
    return match_entry(sensor_id, device_id, inventory_->find(sensor_id), points, left_out);
}

std::size_t RuleBook::match_entry(std::uint64_t sensor_id,
                                  std::uint64_t device_id,
                                  const InventoryEntry* entry,
                                  std::span<std::uint32_t, max_points_per_sensor> points,
                                  std::uint64_t& left_out) const noexcept {
    LowestPoints lowest(points);
    index_->by_sensor.find(sensor_id, device_id, entry, [&](std::uint32_t rule) {
        const std::uint32_t end = index_->first_points[rule + 1];
        for (std::uint32_t point = index_->first_points[rule]; point < end; ++point) {
            if (can_hold(points_[point], entry)) {
                lowest.add(point);
            }
        }
    });
    left_out += lowest.left_out();
    return lowest.size();
}

std::uint32_t RuleBook::group_of(std::uint32_t point, std::uint64_t sensor_id) const noexcept {
    const InventoryEntry* entry = inventory_->find(sensor_id);
    if (entry == nullptr) {
        return no_index;
    }
    const std::string& label = rules_[points_[point].rule].by;
    const auto wanted = std::tuple(point, label_of(entry->labels, label));
    const auto at = std::lower_bound(
        groups_.begin(), groups_.end(), wanted, [](const SensorGroup& group, const auto& key) {
            return std::tuple(group.point, std::string_view(group.value)) < key;
        });
    return at != groups_.end() && std::tuple(at->point, std::string_view(at->value)) == wanted
               ? static_cast<std::uint32_t>(at - groups_.begin())
               : no_index;
}

std::span<const std::uint32_t> RuleBook::groups_counting(std::uint32_t point) const noexcept {
    return index_->groups_counting[point];
}

bool RuleBook::counts_for(std::uint32_t of, std::uint32_t group) const noexcept {
    const std::span<const std::uint32_t> groups = groups_counting(of);
    return std::binary_search(groups.begin(), groups.end(), group);
}

std::uint64_t RuleBook::identity_of(std::uint32_t point) const noexcept {
    return index_->identities[point];
}

std::vector<std::uint32_t> carried_points(const RuleBook& before, const RuleBook& after) {
    std::vector<std::uint32_t> carried(before.points().size(), no_index);
    const auto targets = sorted_identities(after);
    auto target = targets.begin();
    for (const auto& [identity, point] : sorted_identities(before)) {
        while (target != targets.end() && target->first < identity) {
            ++target;
        }
        if (target != targets.end() && target->first == identity) {
            carried[point] = target->second;
            ++target;
        }
    }
    return carried;
}

}  // namespace roda::appliance
