// SPDX-License-Identifier: Apache-2.0
// Judges the readings of one shard by the rules: what happens when a reading is not quiet, when
// time passes without one, when the rules change and when a person speaks.
//
// Three paths, by how often they are taken: a quiet reading is folded into its sensor's state and
// that is all (detection.hpp); a quiet one of a watched sensor passes a few tests more (watch());
// any other is judged by each of its sensor's points (take()).
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "appliance/alarms/alarm_cells.hpp"
#include "appliance/alarms/alarm_life.hpp"
#include "appliance/alarms/timer_wheel.hpp"
#include "appliance/alerting/alert_writer.hpp"
#include "appliance/alerting/explanation.hpp"
#include "appliance/alerting/quiet.hpp"
#include "appliance/alerting/rule_edition.hpp"
#include "appliance/alerting/sensor_state.hpp"
#include "appliance/config/config.hpp"
#include "appliance/control/control.hpp"
#include "appliance/rules/rule_sets.hpp"
#include "appliance/windows/windows.hpp"
#include "pipeline/op/operator.hpp"
#include "proto/records.hpp"

namespace roda::appliance {

/// Where a reading came from, as the record needs it.
struct ReadingOrigin {
    std::uint64_t sequence = 0;  // in its shard's inbox from `queue`
    std::uint64_t device_id = 0;
    std::uint64_t receive_ns = 0;
    std::uint16_t queue = 0;
};

/// Tells where the readings of the burst in hand came from. Order: causes never go back.
class OriginSource {
  public:
    virtual ReadingOrigin origin_of(Cause cause) noexcept = 0;

  protected:
    ~OriginSource() = default;
};

/// What a judge counts besides alerts.
struct JudgeCounters {
    std::uint64_t non_finite = 0;
    std::uint64_t late = 0;             // older than their sensor's newest: only windows took them
    std::uint64_t clock_steps = 0;      // sensors whose clock was set back
    std::uint64_t points_left_out = 0;  // matched beyond max_points_per_sensor
};

/// Thread: the shard's. Cost: no allocation, no lock, no clock.
class Judge {
  public:
    /// The first edition is the one of the first install().
    Judge(const Config& config, AlertWriter& writer, std::uint16_t shard, std::uint16_t shards);

    /// Whose readings come next.
    void take_from(OriginSource& origins) noexcept { origins_ = &origins; }

    /// A reading within its sensor's quiet interval, of a watched sensor: it is quiet, and nothing
    /// but the state has to follow it. False: watch() it. Cost: three multiplications.
    [[gnu::always_inline]] bool is_still(const proto::Reading& reading,
                                         const SensorState& sensor) const noexcept {
        return (sensor.alarms | old_edition_of(sensor)) == 0 && passes_test(reading, sensor);
    }

    /// A reading within its sensor's quiet interval, of a sensor that is watched. True: it is quiet
    /// and taken into the state. False: take() it.
    bool watch(const proto::Reading& reading, SensorState& sensor) noexcept;

    /// Any other reading.
    void take(const proto::Reading& reading, SensorState& sensor, bool first, Cause cause) noexcept;

    /// Sensors may have flat lines or windows, whose memory lies beside their states.
    bool keeps_lines() const noexcept { return keeps_lines_; }

    /// Asks for what watch() needs of it: of the first cells of its list `step` + 1, as far as what
    /// was asked for in the steps before says where they are.
    template <std::uint32_t step>
    [[gnu::always_inline]] void prefetch(const SensorState& sensor) const noexcept {
        std::uint32_t at = sensor.has(sensor_watched) ? sensor.alarms : 0;
        for (std::uint32_t depth = 0; depth < step && at != 0; ++depth) {
            const AlarmCell& cell = cells_[at - 1];
            if ((cell.point & window_mark) != 0 && depth + 1 == step) {
                windows_.prefetch(cell.place);
            } else if ((cell.point & window_mark) != 0 && depth + 2 == step) {
                windows_.prefetch_pane(cell.place);
            }
            at = cell.next;
        }
        if (at != 0) {
            cells_.prefetch(at - 1);
        }
    }

    const EwmaWeights& weights() const noexcept { return weights_; }

    // Time (judge_time.cpp). Units: the receive clock.

    std::uint64_t next_tick_ns() const noexcept { return wheel_.next_tick_ns() - set_back_ns_; }

    /// The last tick or receive time that was judged at; 0: none yet.
    std::uint64_t now_ns() const noexcept { return receive_now_ns_; }

    /// To the last tick at or before host_ns. Where the host's clock was set back, ours goes on.
    void pass_time(std::uint64_t host_ns) noexcept;

    // Rules (judge_rules.cpp).

    /// Judges by this edition from now on; the sensors and alarms of the one before go on as far
    /// as migrate() has not seen them. The caller keeps both alive until then.
    /// Order: not while the migration before is under way. Cost: allocates; once a reload.
    void install(RuleEdition& edition);

    /// Brings a sensor over to the edition installed last, if it is not there yet.
    void migrate(std::uint64_t sensor_id, SensorState& sensor) noexcept;

    /// All sensors have been shown to migrate().
    void end_migration() noexcept;

    bool is_migrating() const noexcept { return before_ != nullptr; }

    const RuleEdition* edition() const noexcept { return edition_; }

    /// A sensor of the inventory that some rule expects to speak, heard of or not.
    void expect(const ExpectedSensor& expected, SensorState& sensor) noexcept;

    // People (judge_orders.cpp).

    /// Does it to the alarms among the next cells from `from` on; returns where to go on, or
    /// no_index when all are done. `done` counts alarms.
    std::uint32_t order(const ControlRequest& request,
                        std::uint32_t from,
                        std::uint64_t& done) noexcept;

    /// Shelves an alarm, or all of a rule, that may be at rest. `sensor`: of alarms.sensor_id.
    /// Returns how many alarms or rules.
    std::uint64_t shelve_ahead(const ControlRequest& request, SensorState* sensor) noexcept;

    /// Thread: the shard's; allocates, and is not for the hot path.
    void explain(const SensorState& sensor, SensorExplanation& to) const;

    const JudgeCounters& counters() const noexcept { return counters_; }

    const AlarmCells& cells() const noexcept { return cells_; }

    const RuleSets& sets() const noexcept { return sets_; }

    const Windows& windows() const noexcept { return windows_; }

  private:
    /// What an alarm is told.
    struct Step {
        const Verdict& verdict;
        std::uint64_t event_ns;
        Reason reason;
    };

    /// A sensor's state as a reading found it and as it left it.
    struct Passage {
        const SensorState& before;
        const SensorState& after;
    };

    struct ClosedWindow {
        std::uint32_t shape;
        const WindowFigures& now;
        const WindowFigures& before;
        Reason reason;
    };

    using GaugeNow = std::optional<AlertTally::Gauge>;

    /// 0: its set and its alarms are of the edition that was installed last.
    std::uint32_t old_edition_of(const SensorState& sensor) const noexcept {
        return (sensor.count_and_flags ^ edition_flag_) & sensor_edition;
    }

    bool is_new(const SensorState& sensor) const noexcept { return old_edition_of(sensor) == 0; }

    /// No rate and no deviation may be beyond the least of the sensor's rules.
    [[gnu::always_inline]] bool passes_test(const proto::Reading& reading,
                                            const SensorState& sensor) const noexcept {
        const WatchTest& test = sets_.watch_of(sensor.set);
        // Signed, which one instruction converts.
        const auto elapsed_ns =
            static_cast<double>(static_cast<std::int64_t>(reading.timestamp_ns - sensor.newest_ns));
        const double moved = std::abs(reading.value - sensor.last);
        const double off = reading.value - sensor.average;
        // Not-a-number, of an infinite limit times nothing, is no breach.
        const bool is_beyond_rate = moved > test.rate_per_ns * elapsed_ns;
        const bool is_beyond_deviation =
            off * off > test.variances * static_cast<double>(sensor.variance);
        return !is_beyond_rate && !is_beyond_deviation;
    }

    // Readings (judge.cpp).

    static double last_of(const SensorState& sensor) noexcept {
        return sensor.count() == 0 ? std::numeric_limits<double>::quiet_NaN() : sensor.last;
    }

    bool is_quiet_line(const AlarmCell& cell, const proto::Reading& reading) const noexcept;
    void follow_line(AlarmCell& cell, const proto::Reading& reading) noexcept;
    void begin(SensorState& sensor) const noexcept;
    void take_non_finite(const proto::Reading& reading, SensorState& sensor) noexcept;
    static void doubt(AlarmCell& cell, std::uint64_t event_ns, const SensorState& sensor) noexcept;
    bool follow_clock(std::uint64_t event_ns, const SensorState& sensor) noexcept;
    void begin_clock(AlarmCell& cell,
                     std::uint64_t event_ns,
                     const SensorState& sensor) const noexcept;
    static void bring_back(AlarmCell& cell, std::uint64_t event_ns) noexcept;
    bool is_within_lateness(const proto::Reading& reading,
                            const SensorState& sensor) const noexcept;
    void take_late(const proto::Reading& reading, SensorState& sensor) noexcept;
    void set_clock_back(const proto::Reading& reading, SensorState& sensor) noexcept;
    void judge_points(const proto::Reading& reading,
                      const SensorState& before,
                      SensorState& sensor) noexcept;
    Verdict verdict_of(const AlarmPoint& point,
                       const InventoryEntry* entry,
                       const Passage& passage,
                       AlarmCell* cell,
                       std::uint64_t& event_ns) noexcept;
    void fold_into_windows(const proto::Reading& reading, SensorState& sensor) noexcept;
    void judge_window(std::uint64_t sensor_id,
                      SensorState& sensor,
                      const ClosedWindow& closed) noexcept;
    static bool is_counting(const AlarmPoint& point, const AlarmCell& cell) noexcept;
    static bool forgets(const AlarmPoint& point, const AlarmCell& cell) noexcept;
    QuietInterval quiet_of(std::uint32_t at,
                           const InventoryEntry* entry,
                           SensorState& sensor) noexcept;
    void find_quiet(SensorState& sensor, const InventoryEntry* entry) noexcept;

    // Alarms (judge_alarms.cpp).

    /// What the alarm counts as now; nothing where no occurrence is under way.
    static GaugeNow gauge_of(const AlarmCell& cell) noexcept;

    /// A group's cells stay with the edition before until the migration ends, sensors' do not.
    const RuleEdition& edition_of(const AlarmCell& cell) const noexcept {
        const bool is_old = before_ != nullptr && (cell.sensor == nullptr || !is_new(*cell.sensor));
        return is_old ? *before_ : *edition_;
    }

    const AlertLife& life_of(const AlarmCell& cell) const noexcept {
        return edition_of(cell).book->points()[cell.point].life;
    }

    std::uint32_t number_of(const AlarmCell& cell) const noexcept {
        return static_cast<std::uint32_t>(&cell - &cells_[0]);
    }

    /// The sensor's clock shows event_ns now.
    void put_clock(AlarmCell& cell, std::uint64_t event_ns) const noexcept;
    /// What it shows now, as it went when it was last put.
    std::uint64_t event_now_ns(const AlarmCell& cell) const noexcept;
    std::uint32_t new_cell(std::uint64_t sensor_id,
                           SensorState& sensor,
                           std::uint32_t point,
                           std::uint64_t event_ns) noexcept;
    void shelve_with_rule(AlarmCell& cell, std::uint64_t event_ns) noexcept;
    /// Tells an alarm that its condition is fulfilled or not. False: no cell was to be had.
    bool feed(std::uint64_t sensor_id,
              SensorState& sensor,
              std::uint32_t point,
              const Step& step) noexcept;
    void advance(std::uint32_t cell, const Step& step) noexcept;
    AlarmCause cause_of(const Step& step) const noexcept;
    /// Writes the changes down. `step`: what brought them about; nullptr: time.
    void tell(AlarmCell& cell,
              const AlarmChanges& changes,
              const Step* step,
              GaugeNow gauge_before) noexcept;
    static void name(AlertRecord& record, const RuleEdition& edition) noexcept;
    bool is_kept(const AlarmCell& cell) const noexcept;
    /// Sets its timer, or drops it if nothing of it must be remembered.
    void settle(std::uint32_t cell, std::uint64_t event_ns) noexcept;
    void drop(std::uint32_t cell) noexcept;

    // Time.
    void pass(std::uint32_t cell) noexcept;
    void pass_life(AlarmCell& alarm, std::uint64_t event_ns) noexcept;
    bool is_in_list(const SensorState& sensor, std::uint32_t cell) const noexcept;
    void pass_window(std::uint32_t cell, std::uint64_t event_ns) noexcept;
    bool is_heard_elsewhere(std::uint64_t sensor_id) const noexcept;
    /// False: the cell is settled.
    bool look_at_silence(std::uint32_t cell) noexcept;
    void leave_silence(std::uint32_t cell) noexcept;
    void end_silence(const proto::Reading& reading, SensorState& sensor) noexcept;
    /// Event time of what was heard last; of what was never heard, when it was expected.
    static std::uint64_t silent_from_ns(const AlarmCell& cell, const SensorState& sensor) noexcept;
    void watch_silence(std::uint32_t cell, const InventoryEntry* entry) noexcept;

    // Rules.
    void shelve_points_anew();
    void set_home(std::uint64_t sensor_id) noexcept;
    void migrate_cell(std::uint32_t cell) noexcept;
    void end_alarm(std::uint32_t cell) noexcept;
    void resolve(std::uint64_t sensor_id, SensorState& sensor, std::uint64_t device_id) noexcept;
    void end_unmatched(SensorState& sensor, std::span<const std::uint32_t> points) noexcept;
    void open_cells(std::uint64_t sensor_id,
                    SensorState& sensor,
                    const InventoryEntry* entry) noexcept;
    void watch_known_silences(std::uint64_t sensor_id, SensorState& sensor) noexcept;
    void open_silence(std::uint64_t sensor_id,
                      SensorState& sensor,
                      std::uint32_t point,
                      const InventoryEntry* entry) noexcept;
    void open_windows(std::uint64_t sensor_id, SensorState& sensor, std::uint32_t shape) noexcept;

    // Groups (judge_groups.cpp).
    void count_for_groups(const AlarmCell& cell, bool stands, std::uint64_t event_ns) noexcept;
    bool has_other_alert_of(const AlarmCell& cell, std::uint32_t group_point) const noexcept;
    void note_in_groups(const AlarmCell& cell, const GroupBoard::Cause& cause) noexcept;
    bool is_own_group(std::uint32_t group) const noexcept;
    bool are_groups_known() const noexcept;
    void judge_groups() noexcept;
    void judge_group(std::uint32_t group) noexcept;
    void carry_groups() noexcept;

    // People.
    bool is_alarm(std::uint32_t cell) const noexcept;
    bool order_one(const ControlRequest& request, std::uint32_t cell) noexcept;
    std::vector<std::uint32_t> known_points(std::uint64_t sensor_id,
                                            const SensorState& sensor) const;
    void explain_group(std::uint32_t point, SensorExplanation& to) const;
    Verdict verdict_now(const AlarmPoint& point,
                        const InventoryEntry* entry,
                        const SensorState& sensor,
                        const AlarmCell& cell) const noexcept;
    std::uint32_t window_place(const SensorState& sensor, std::uint32_t shape) const noexcept;

    EwmaWeights weights_;
    AlertWriter& writer_;
    AlarmLife life_;
    std::uint16_t shard_;
    std::uint16_t shards_;

    RuleEdition* edition_ = nullptr;
    const RuleEdition* before_ = nullptr;  // while sensors of it are left
    const AlarmPoint* points_ = nullptr;
    std::uint32_t edition_flag_ = 0;  // what its sensors have for sensor_edition
    bool keeps_lines_ = false;
    RuleSets sets_;

    AlarmCells cells_;
    TimerWheel wheel_;
    Windows windows_;
    std::vector<std::uint32_t> group_alarms_;  // 1 + the cell of each group; 0: none
    std::vector<std::uint32_t> own_groups_;    // that this shard judges
    std::vector<bool> counted_;                // of each cell: on the edition's board of groups
    std::uint64_t group_changes_seen_ = 0;
    std::vector<std::uint64_t> shelved_until_ns_;  // of each point for all sensors; receive clock

    OriginSource* origins_ = nullptr;
    ReadingOrigin origin_;  // of the reading in hand
    std::uint64_t receive_now_ns_ = 0;
    std::uint64_t set_back_ns_ = 0;    // of the host's clock, in all: ours does not go back
    std::uint64_t passing_to_ns_ = 0;  // the end of the pass_time() under way
    JudgeCounters counters_;
};

}  // namespace roda::appliance
