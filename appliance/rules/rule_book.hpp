// SPDX-License-Identifier: Apache-2.0
// All rules and the inventory, compiled: which points a sensor matches, found without looking at
// the rules that it does not match.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "appliance/rules/alarm_point.hpp"
#include "appliance/rules/inventory.hpp"

namespace roda::appliance {

/// A sensor matches at most as many points; a bit of a word for each.
inline constexpr std::size_t max_points_per_sensor = 64;

/// Rule names and severities that were ever configured in this process, each with a number that
/// stays its own when rules are reloaded: a counter that restarts is a lie.
class SeriesRegistry {
  public:
    struct Series {
        std::string rule;
        Severity severity;

        friend bool operator==(const Series&, const Series&) = default;
    };

    static constexpr std::size_t max_series = 32'768;

    /// no_index when max_series are taken. Thread: main.
    std::uint32_t number_of(const std::string& rule, Severity severity);

    const std::vector<Series>& all() const noexcept { return all_; }

  private:
    std::vector<Series> all_;
    std::map<std::pair<std::string, Severity>, std::uint32_t> numbers_;
};

/// Windows of a sensor as points ask for them; those that ask for the same share them. Quantiles,
/// which cost memory and time, make other windows: so what a point's have taken in depends on no
/// other rule.
struct RuleWindow {
    WindowShape shape;
    bool quantiles = false;

    friend bool operator==(const RuleWindow&, const RuleWindow&) = default;
};

/// Of all group points together.
inline constexpr std::size_t max_groups = 1'048'576;

/// A group alarm's subject: the sensors of one value of its label. Of each group point a sensor is
/// in at most one.
struct SensorGroup {
    std::uint32_t point = 0;
    std::string value;  // of the rule's label `by`

    friend bool operator==(const SensorGroup&, const SensorGroup&) = default;
};

/// A sensor of the inventory that must speak, heard or not: of it an absence point is judged from
/// the beginning. Points that want a device are none of these: nobody knows it before it speaks.
struct ExpectedSensor {
    std::uint32_t entry = 0;  // position in the inventory's entries
    std::uint32_t point = 0;
    std::uint64_t silence_ns = 0;

    friend bool operator==(const ExpectedSensor&, const ExpectedSensor&) = default;
};

/// What a limits point compares with: the rule's limit, or the inventory's; NaN: it has none, and
/// the point never holds.
double limit_of(const AlarmPoint& point, const InventoryEntry* entry) noexcept;

/// How long a sensor must be silent for this absence point to hold; 0: never, since the inventory
/// does not say how often the sensor speaks. `entry`: the sensor's, nullptr where it has none.
std::uint64_t silence_ns(const AlarmPoint& point, const InventoryEntry* entry) noexcept;

/// Thread: immutable once made; any.
class RuleBook {
  public:
    /// Errors: StartupError: more than max_rules, max_series or max_groups; a deadband that is
    /// wider than the limits of a sensor in the inventory are apart.
    RuleBook(std::vector<Rule> rules,
             std::shared_ptr<const Inventory> inventory,
             SeriesRegistry& series);
    ~RuleBook();
    RuleBook(const RuleBook&) = delete;
    RuleBook& operator=(const RuleBook&) = delete;

    std::span<const Rule> rules() const noexcept { return rules_; }

    std::span<const AlarmPoint> points() const noexcept { return points_; }

    /// The distinct windows that its points ask for.
    std::span<const RuleWindow> windows() const noexcept { return windows_; }

    const Inventory& inventory() const noexcept { return *inventory_; }

    /// Which points (by position, ascending) judge this sensor. Group points are none of them: no
    /// reading judges those; groups_counting() names them. Points that can never hold for it are
    /// none either: an inventory limit, or an expected interval, that its line does not have.
    ///
    /// Returns how many were written: the first that fit; `left_out` counts the others.
    ///
    /// Cost: no allocation; grows with the rules that match, and with the logarithm of the others.
    std::size_t match(std::uint64_t sensor_id,
                      std::uint64_t device_id,
                      std::span<std::uint32_t, max_points_per_sensor> points,
                      std::uint64_t& left_out) const noexcept;

    /// The absence points of all sensors in the inventory, by entry, then point.
    std::span<const ExpectedSensor> expected() const noexcept { return expected_; }

    /// All groups of all group points, by point, then value. A group's number is its position.
    std::span<const SensorGroup> groups() const noexcept { return groups_; }

    /// The group of this group point that a sensor belongs to; no_index: none, since it is not in
    /// the inventory, or has no such label.
    /// Cost: O(log n), no allocation.
    std::uint32_t group_of(std::uint32_t point, std::uint64_t sensor_id) const noexcept;

    /// The group points, ascending, for which an alert of this point counts. Empty for nearly all.
    std::span<const std::uint32_t> groups_counting(std::uint32_t point) const noexcept;

    /// Whether an alert of point `of` counts for group point `group`. Cost: O(log n).
    bool counts_for(std::uint32_t of, std::uint32_t group) const noexcept;

    /// Of all that decides when the point's alerts come and go: equal hashes, equal behaviour.
    /// Name, kind, level, severity, figures, limits, life, selection; not labels, message, record,
    /// nor what the inventory says: that is looked up whenever it is needed.
    std::uint64_t identity_of(std::uint32_t point) const noexcept;

  private:
    struct Index;  // from ids, devices and labels to points

    void compile();
    std::uint32_t window_of(const RuleWindow& window);
    void check_deadbands() const;
    void gather_groups();
    void gather_expected();
    void register_series(SeriesRegistry& series);
    std::size_t match_entry(std::uint64_t sensor_id,
                            std::uint64_t device_id,
                            const InventoryEntry* entry,
                            std::span<std::uint32_t, max_points_per_sensor> points,
                            std::uint64_t& left_out) const noexcept;

    std::vector<Rule> rules_;
    std::vector<AlarmPoint> points_;
    std::vector<RuleWindow> windows_;
    std::vector<SensorGroup> groups_;
    std::vector<ExpectedSensor> expected_;
    std::shared_ptr<const Inventory> inventory_;
    std::unique_ptr<Index> index_;
};

/// For each point of `before` the point of `after` with the same identity, else no_index. No two
/// are carried to the same one.
std::vector<std::uint32_t> carried_points(const RuleBook& before, const RuleBook& after);

}  // namespace roda::appliance
