// SPDX-License-Identifier: Apache-2.0
// The configured rules in the form that the hot path evaluates.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include "appliance/alerting/summary.hpp"
#include "appliance/config/config.hpp"
#include "pipeline/base/check.hpp"

namespace roda::appliance {

/// One bit for each rule, by its position in the config.
using RuleMask = std::uint16_t;

static_assert(max_rules <= 16, "a RuleMask has a bit for each rule");

/// The figures that rules compare.
struct Figures {
    double value;
    double mean;

    static Figures of(const Summary& summary) noexcept { return {summary.last, summary.mean}; }

    double watched(Watched figure) const noexcept {
        return figure == Watched::value ? value : mean;
    }
};

/// What the rules say about a sensor after a reading.
struct Judgement {
    std::uint64_t sensor_id;
    RuleMask firing;
    Figures before;
    Figures now;
};

/// Right for zero and negative figures: from 0, any change is a jump; a fall counts as a rise does.
/// `margin` is a rule's ratio - 1.
inline bool is_jump(double before, double now, double margin) noexcept {
    return std::abs(now - before) > margin * std::abs(before);
}

/// Shape: a value, copied into the pipe: the rules lie beside the code that reads them.
class RuleSet {
  public:
    explicit RuleSet(std::span<const JumpRule> rules) : count_(rules.size()) {
        check(rules.size() <= max_rules, "the config holds at most max_rules rules");
        for (std::size_t i = 0; i < rules.size(); ++i) {
            rules_[i] = {rules[i].ratio - 1.0, rules[i].of};
            double& least =
                rules[i].of == Watched::value ? least_value_margin_ : least_mean_margin_;
            least = std::min(least, rules_[i].margin);
        }
    }

    /// `before` is nullptr for a sensor's first reading: nothing to compare with, nothing fires.
    ///
    /// Cost: two multiplications, however many rules there are, while none fires.
    [[gnu::always_inline]] Judgement judge(const Summary* before,
                                           const Summary& after,
                                           const proto::Reading& reading) const noexcept {
        const Figures now = Figures::of(after);
        if (before == nullptr) {
            return {reading.sensor_id, 0, now, now};
        }
        const Figures then = Figures::of(*before);
        if (!is_jump(then.value, now.value, least_value_margin_) &&
            !is_jump(then.mean, now.mean, least_mean_margin_)) [[likely]] {
            return {reading.sensor_id, 0, then, now};
        }
        return {reading.sensor_id, firing_mask(then, now), then, now};
    }

  private:
    /// Rule by rule: the rare case.
    [[gnu::noinline]] RuleMask firing_mask(Figures then, Figures now) const noexcept {
        RuleMask firing = 0;
        for (std::size_t i = 0; i < count_; ++i) {
            const Rule& rule = rules_[i];
            const bool fires = is_jump(then.watched(rule.of), now.watched(rule.of), rule.margin);
            firing = static_cast<RuleMask>(firing | RuleMask{fires} << i);
        }
        return firing;
    }

    struct Rule {
        double margin;  // ratio - 1
        Watched of;
    };

    std::size_t count_;
    std::array<Rule, max_rules> rules_{};
    // The most sensitive rule of each figure; none: no change is a jump.
    double least_value_margin_ = std::numeric_limits<double>::infinity();
    double least_mean_margin_ = std::numeric_limits<double>::infinity();
};

}  // namespace roda::appliance
