// SPDX-License-Identifier: Apache-2.0
// The pipeline that every reading runs through: start reading here.
#pragma once

#include <cmath>
#include <optional>

#include "appliance/alerting/rules.hpp"
#include "appliance/alerting/summary.hpp"
#include "pipeline/op/dedup_by.hpp"
#include "pipeline/op/delta.hpp"
#include "pipeline/op/filter.hpp"
#include "pipeline/op/keyed_by.hpp"
#include "pipeline/op/pipe.hpp"
#include "pipeline/op/stateful.hpp"
#include "proto/records.hpp"

namespace roda::appliance {

/// Rules of one sensor that began or ceased to hold with one reading.
struct RuleChange {
    std::uint64_t sensor_id;
    RuleMask raised;
    RuleMask cleared;
    Figures before;
    Figures now;
};

/// From readings to rule changes: drop what is no number, keep the sensor's summary, judge it by
/// the rules, drop repeats of the same judgement, say what changed.
///
/// `non_finite` counts the readings dropped. Shape: one cache line for each sensor.
inline auto detection(const PipelineConfig& config,
                      const RuleSet& rules,
                      std::uint64_t& non_finite) {
    auto is_finite = [&non_finite](const proto::Reading& reading) {
        if (std::isfinite(reading.value)) [[likely]] {
            return true;
        }
        ++non_finite;
        return false;
    };
    auto fold = [weights = EwmaWeights(config.ewma_weight)](Summary& summary,
                                                            const proto::Reading& reading) {
        summary.add(reading.value, weights);
    };
    auto judge = [rules](
                     const Summary* before, const Summary& after, const proto::Reading& reading) {
        return rules.judge(before, after, reading);
    };
    auto changes = [](const Judgement& now, const RuleMask* before) -> std::optional<RuleChange> {
        const RuleMask was = before == nullptr ? RuleMask{0} : *before;
        const auto raised = static_cast<RuleMask>(now.firing & ~was);
        const auto cleared = static_cast<RuleMask>(was & ~now.firing);
        if (raised == 0 && cleared == 0) {
            return std::nullopt;
        }
        return RuleChange{now.sensor_id, raised, cleared, now.before, now.now};
    };

    // Lambdas, not member pointers: those are data, and force the whole record into memory.
    auto sensor = [](const proto::Reading& reading) { return reading.sensor_id; };
    auto firing = [](const Judgement& judgement) { return judgement.firing; };

    auto by_sensor = keyed_by({.max_keys = config.max_sensors},
                              sensor,
                              stateful(&Summary::first, fold, judge),
                              dedup_by(firing),
                              delta(firing, changes));
    static_assert(decltype(by_sensor.template bind<proto::Reading>())::slot_lines == 1,
                  "a sensor's state is one cache line: the first parameter of the hot path's cost");

    return pipe(filter(is_finite), by_sensor);
}

using Detection = decltype(detection(std::declval<const PipelineConfig&>(),
                                     std::declval<const RuleSet&>(),
                                     std::declval<std::uint64_t&>())
                               .bind<proto::Reading>());

}  // namespace roda::appliance
