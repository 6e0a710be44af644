// SPDX-License-Identifier: Apache-2.0
// The judge against its plain model: random rules, sensors, readings, acknowledgements, and reloads
// that change nothing.
#include "tests/appliance/alerting/judge_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/appliance/alerting/judge_bench.hpp"

namespace roda::appliance {
namespace {

constexpr std::uint64_t tick = 10;  // of the receive clock, in milliseconds
constexpr std::uint64_t rounds = 60;

class RandomPlant {
  public:
    explicit RandomPlant(std::uint64_t seed) : random_(seed), step_(below(3) == 0 ? 7 : tick) {
        sensors_.resize(10 + below(30));
        for (Sensor& sensor : sensors_) {
            sensor.skew_ms = below(3) == 0 ? below(100) * tick : 0;
            sensor.at_ms = below(5) * step_;
        }
        const std::uint64_t count = 1 + below(5);
        for (std::uint64_t i = 0; i < count; ++i) {
            rules_.push_back(rule("rule_" + std::string(1, static_cast<char>('a' + i))));
        }
    }

    const std::vector<Rule>& rules() const { return rules_; }

    /// The same to both, and then the end of all delays.
    void run(JudgeBench& bench, JudgeModel& model) {
        bool is_migrating = false;
        std::uint64_t passed = 0;
        const auto pass = [&](std::uint64_t to_ms) {
            for (; passed + tick <= to_ms; passed += tick) {
                model.pass(JudgeBench::of_ms(static_cast<double>(passed + tick)));
            }
            bench.pass(static_cast<double>(to_ms));
        };
        for (std::uint64_t now = 0; now < rounds * step_;) {
            const std::size_t id = next_sensor();
            now = sensors_[id].at_ms + sensors_[id].skew_ms;
            pass(now);
            if (below(60) == 0 && now % tick == 0) {
                acknowledge(bench, model, now);
            }
            if (below(120) == 0) {
                is_migrating = !is_migrating;
                is_migrating ? reload(bench) : bench.settle();
            }
            read(bench, model, id);
        }
        bench.settle();
        pass(passed + 3000);
    }

  private:
    struct Sensor {
        std::uint64_t skew_ms = 0;
        std::uint64_t at_ms = 0;
        double value = 0.0;
    };

    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

    double one_of(std::initializer_list<double> values) {
        return values.begin()[below(values.size())];
    }

    std::uint64_t steps_ns(std::initializer_list<double> steps) {
        return static_cast<std::uint64_t>(one_of(steps)) * step_ * ms;
    }

    Rule rule(std::string name) {
        Rule rule;
        rule.name = std::move(name);
        rule.kind = static_cast<RuleKind>(below(static_cast<std::uint64_t>(RuleKind::group)));
        if (rule.kind == RuleKind::quality && has_absence_) {
            rule.kind = RuleKind::limits;
        }
        rule.life = life(rule.kind);
        if (below(3) == 0) {
            rule.match.sensors = {{below(10), 10 + below(20)}};
        }
        const bool may_be_of_window = rule.kind == RuleKind::limits || rule.kind == RuleKind::jump;
        if (may_be_of_window && below(3) == 0) {
            const auto first = static_cast<std::uint64_t>(Figure::window_count);
            rule.of = static_cast<Figure>(first + below(10));
            rule.window.slide_ns = steps_ns({1, 2, 4});
            rule.window.width_ns = rule.window.slide_ns * (1 + below(4));
            rule.window.lateness_ns = steps_ns({0, 0, 1, 3});
        } else if (may_be_of_window) {
            rule.of = static_cast<Figure>(below(3));
        }
        // What is no sum of values is compared exactly at its limits.
        const double off = rule.of == Figure::value || rule.of >= Figure::window_p50 ? 0.0 : 0.137;
        set_limits(rule, off);
        rule.per_second = one_of({100, 200, 1000.0 / 7.0, 50});
        rule.against = static_cast<Reference>(is_of_window(rule.of) ? 0 : below(3));
        rule.ratio = one_of({1.0, 1.5, 2.0, 3.0}) + off;
        rule.absolute = one_of({0, 1, 2}) + off;
        rule.direction = static_cast<Direction>(below(3));
        rule.sigmas = one_of({1.1, 2.3, 3.7});
        rule.min_readings = static_cast<std::uint32_t>(1 + below(20));
        rule.for_ns = steps_ns({2, 3, 10});
        rule.tolerance = one_of({0, 1, 2});
        if (rule.kind == RuleKind::absence) {
            rule.for_ns = 80 * tick * ms;
            has_absence_ = true;
        }
        if (below(2) == 0) {
            rule.least = one_of({-4, -2});
            rule.greatest = one_of({3, 5});
        }
        return rule;
    }

    void set_limits(Rule& rule, double off) {
        const double hi = one_of({1, 2, 4}) + off;
        rule.hi = LevelLimit{hi};
        rule.deadband = one_of({0, 0, 1, 2.5});
        if (below(2) == 0) {
            rule.hihi = LevelLimit{hi + one_of({1, 3})};
        }
        if (below(2) == 0) {
            rule.lo = LevelLimit{-one_of({0, 1, 3}) - off};
            rule.lolo = LevelLimit{-4.0 - off};
        }
    }

    AlertLife life(RuleKind kind) {
        AlertLife life;
        life.on_delay_ns = steps_ns({0, 0, 1, 2, 5});
        if (kind == RuleKind::absence) {
            return life;
        }
        life.latching = below(4) == 0;
        if (below(4) == 0) {
            life.of_last = static_cast<std::uint32_t>(1 + below(6));
            life.at_least = static_cast<std::uint32_t>(1 + below(life.of_last));
        }
        // A flat line is told of when it is over already: only its beginning may wait.
        if (kind != RuleKind::flatline) {
            life.off_delay_ns = steps_ns({0, 0, 1, 3});
            life.min_interval_ns = steps_ns({0, 0, 0, 8});
            if (below(4) == 0) {
                life.flap_changes = static_cast<std::uint32_t>(2 + below(4));
                life.flap_within_ns = steps_ns({5, 20});
            }
        }
        return life;
    }

    std::size_t next_sensor() const {
        const auto arrival = [](const Sensor& sensor) { return sensor.at_ms + sensor.skew_ms; };
        const auto next = std::min_element(
            sensors_.begin(), sensors_.end(), [&](const Sensor& a, const Sensor& b) {
                return arrival(a) < arrival(b);
            });
        return static_cast<std::size_t>(next - sensors_.begin());
    }

    void read(JudgeBench& bench, JudgeModel& model, std::size_t id) {
        Sensor& sensor = sensors_[id];
        const std::uint64_t received = sensor.at_ms + sensor.skew_ms;
        const auto both = [&](double value, std::uint64_t at) {
            bench.read(id, value, static_cast<double>(at), static_cast<double>(received));
            model.read(id,
                       value,
                       JudgeBench::of_ms(static_cast<double>(at)),
                       JudgeBench::of_ms(static_cast<double>(received)));
        };
        move(sensor.value);
        both(sensor.value, sensor.at_ms);
        if (below(25) == 0) {
            both(one_of({-5, 0, 6}), sensor.at_ms - std::min(sensor.at_ms, below(6) * step_));
        }
        if (below(40) == 0 && !has_absence_) {
            both(one_of({std::nan(""), std::numeric_limits<double>::infinity()}), sensor.at_ms);
        }
        const std::uint64_t gap = below(100);
        sensor.at_ms += step_ * (gap < 10 ? 0 : gap < 80 ? 1 : gap < 95 ? 2 : gap < 98 ? 10 : 0);
        sensor.at_ms += gap >= 98 ? 150 * tick : 0;
    }

    void move(double& value) {
        const std::uint64_t how = below(20);
        if (how < 8) {
            return;
        }
        if (how < 15) {
            value = std::clamp(value + one_of({-1, -0.5, 0.5, 1}), -6.0, 7.0);
        } else if (how < 19) {
            value = static_cast<double>(below(13)) - 5.0;
        } else {
            value = one_of({0, 0, 50, -1e6});
        }
    }

    void acknowledge(JudgeBench& bench, JudgeModel& model, std::uint64_t now) {
        const Rule& rule = rules_[below(rules_.size())];
        // What is told of when it is over already has a clock of its own until the next reading.
        if (rule.kind == RuleKind::absence || rule.kind == RuleKind::flatline) {
            return;
        }
        ControlRequest request;
        request.verb = ControlVerb::acknowledge;
        request.alarms.rule = rule.name;
        bench.order(request);
        model.acknowledge(rule.name, JudgeBench::of_ms(static_cast<double>(now)));
    }

    void reload(JudgeBench& bench) {
        std::vector<Rule> rules = rules_;
        Rule other = rule("other");
        other.hi = LevelLimit{1e300};
        other.hihi = other.lo = other.lolo = std::nullopt;
        other.kind = RuleKind::limits;
        ask_of_a_window(other);
        rules.push_back(other);
        std::shuffle(rules.begin(), rules.end(), random_);
        bench.install(bench.edition_of(rules));
    }

    /// Of a shape that some rule has, where there is one: that rule's windows go on.
    void ask_of_a_window(Rule& other) {
        other.of = Figure::value;
        for (const Rule& rule : rules_) {
            if (is_of_window(rule.of)) {
                other.window = rule.window;
                other.of = below(2) == 0 ? Figure::window_p90 : Figure::window_count;
            }
        }
    }

    std::mt19937_64 random_;
    std::uint64_t step_;
    bool has_absence_ = false;
    std::vector<Sensor> sensors_;
    std::vector<Rule> rules_;
};

bool is_like(double a, double b) {
    return (std::isnan(a) && std::isnan(b)) || a == b ||
           std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b)) + 1e-12;
}

bool is_like(const ModelRecord& a, const ModelRecord& b) {
    return a.transition == b.transition && a.event_ns == b.event_ns &&
           a.occurrence == b.occurrence && is_like(a.value, b.value) &&
           is_like(a.reference, b.reference) && is_like(a.limit, b.limit);
}

std::string text(const std::vector<ModelRecord>& records) {
    std::string all;
    for (const ModelRecord& record : records) {
        all += std::string(transition_names[static_cast<std::size_t>(record.transition)]) + ' ' +
               std::to_string(record.occurrence) + " @" +
               std::to_string((record.event_ns - bench_epoch_ns) / ms) + " (" +
               std::to_string(record.value) + ", " + std::to_string(record.reference) + ", " +
               std::to_string(record.limit) + ") ";
    }
    return all;
}

JudgeModel::Alarms by_alarm(const std::vector<AlertRecord>& records) {
    JudgeModel::Alarms all;
    std::map<std::pair<std::string, std::uint64_t>, std::vector<std::uint64_t>> ids;
    for (const AlertRecord& record : records) {
        std::string name = record.rule_name.data();
        if (record.level != Level::none) {
            name += '.' + std::string(level_names[static_cast<std::size_t>(record.level)]);
        }
        const std::pair key(name, record.sensor_id);
        std::vector<std::uint64_t>& known = ids[key];
        if (known.empty() || known.back() != record.id) {
            known.push_back(record.id);
        }
        all[key].push_back({record.transition,
                            record.event_ns,
                            known.size(),
                            record.value,
                            record.reference,
                            record.limit});
    }
    return all;
}

TEST(JudgeModel, SaysTheSameWithoutAQuietInterval) {
    std::uint64_t records = 0;
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        RandomPlant plant(seed);
        PipelineConfig pipeline = JudgeBench::small();
        pipeline.window_memory_mb = 8;
        pipeline.max_sensors = 64;
        JudgeBench bench(plant.rules(), {}, pipeline);
        JudgeModel model(plant.rules(), pipeline.ewma_weight);
        plant.run(bench, model);
        const JudgeModel::Alarms told = by_alarm(bench.records());
        for (const auto& [alarm, expected] : model.alarms()) {
            const auto found = told.find(alarm);
            const auto actual = found == told.end() ? std::vector<ModelRecord>{} : found->second;
            records += actual.size();
            const bool same = std::equal(
                actual.begin(),
                actual.end(),
                expected.begin(),
                expected.end(),
                [](const ModelRecord& a, const ModelRecord& b) { return is_like(a, b); });
            ASSERT_TRUE(same) << "seed " << seed << ", " << alarm.first << " of " << alarm.second
                              << "\n  judge " << text(actual) << "\n  model " << text(expected);
        }
        for (const auto& [alarm, extra] : told) {
            ASSERT_TRUE(model.alarms().contains(alarm)) << alarm.first << text(extra);
        }
        ASSERT_EQ(bench.judge().windows().refused(), 0u);
        ASSERT_EQ(bench.judge().cells().refused(), 0u);
    }
    EXPECT_GT(records, 50'000u);
}

}  // namespace
}  // namespace roda::appliance
