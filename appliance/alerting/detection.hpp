// SPDX-License-Identifier: Apache-2.0
// The pipeline that every reading runs through: start reading here.
#pragma once

#include <cstdint>
#include <utility>

#include "appliance/alerting/judge.hpp"
#include "appliance/alerting/sensor_state.hpp"
#include "appliance/config/config.hpp"
#include "pipeline/op/keyed_by.hpp"
#include "proto/records.hpp"

namespace roda::appliance {

/// A member of keyed_by(): folds each reading into its sensor's state and, where it is not quiet,
/// has it judged. Hands every reading on; alerts leave by the judge's writer.
class JudgedMember {
  public:
    using Output = proto::Reading;
    using Part = SensorState;

    static constexpr bool one_to_one = true;
    static constexpr std::uint32_t prefetch_steps = 4;  // two cells of windows

    explicit JudgedMember(Judge& judge) : judge_(&judge), weights_(judge.weights()) {}

    /// Cost: while a value lies in its sensor's quiet interval and time goes forward, a few
    /// comparisons, however many rules there are.
    template <class Next>
    [[gnu::always_inline]] void apply(
        const proto::Reading& reading, SensorState& sensor, bool first, Cause cause, Next& next) {
        // A comparison with not-a-number is false: nothing that is no number is quiet.
        const bool quiet = reading.value >= static_cast<double>(sensor.quiet_low) &&
                           reading.value <= static_cast<double>(sensor.quiet_high) &&
                           reading.timestamp_ns >= sensor.newest_ns;
        const bool may_be_still = !first && quiet;
        if (may_be_still && (!sensor.has(sensor_watched) || judge_->is_still(reading, sensor)))
            [[likely]] {
            sensor.add(reading.value, reading.timestamp_ns, weights_);
        } else if (!may_be_still || !judge_->watch(reading, sensor)) {
            judge_->take(reading, sensor, first, cause);
        }
        next(reading, cause);
    }

    bool prefetches() const noexcept { return judge_->keeps_lines(); }

    template <std::uint32_t step>
    [[gnu::always_inline]] void prefetch(const SensorState& sensor) const noexcept {
        judge_->prefetch<step>(sensor);
    }

  private:
    Judge* judge_;
    EwmaWeights weights_;
};

/// Spec of a JudgedMember.
struct Judged {
    Judge* judge;

    template <class In>
    requires std::is_same_v<In, proto::Reading> JudgedMember bind_member()
    const { return JudgedMember(*judge); }
};

/// From readings to judged readings: the sensor's line is fetched ahead, folded, and looked at.
///
/// Shape: one cache line for each sensor.
inline auto detection(const PipelineConfig& config, Judge& judge) {
    // A lambda, not a member pointer: that is data, and forces the whole record into memory.
    auto sensor = [](const proto::Reading& reading) { return reading.sensor_id; };
    auto by_sensor =
        keyed_by({.max_keys = config.max_sensors}, sensor, Judged{&judge}).bind<proto::Reading>();
    static_assert(decltype(by_sensor)::slot_lines == 1,
                  "a sensor's state is one cache line: the first parameter of the hot path's cost");
    return by_sensor;
}

using Detection =
    decltype(detection(std::declval<const PipelineConfig&>(), std::declval<Judge&>()));

}  // namespace roda::appliance
