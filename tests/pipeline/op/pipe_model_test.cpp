// SPDX-License-Identifier: Apache-2.0
// The fused pipe against the same words written slowly with std::map, on random input.
#include <gtest/gtest.h>
#include <limits>
#include <map>
#include <random>

#include "pipeline/op/dedup_by.hpp"
#include "pipeline/op/delta.hpp"
#include "pipeline/op/filter.hpp"
#include "pipeline/op/map.hpp"
#include "pipeline/op/pipe.hpp"
#include "pipeline/op/stateful.hpp"
#include "tests/pipeline/op/run_pipe.hpp"

namespace roda {
namespace {

struct Summary {
    std::uint64_t sensor_id;
    double sum;
    double count;
};

struct Alert {
    std::uint64_t sensor_id;
    std::uint64_t severity;

    friend bool operator==(const Alert&, const Alert&) = default;
};

constexpr std::uint32_t max_sensors = 60;
constexpr std::uint32_t max_zones = 5;

Summary start(const Reading& r) {
    return {r.sensor_id, r.value, 1};
}

void add(Summary& s, const Reading& r) {
    s.sum += r.value;
    s.count += 1;
}

double mean_of(const Summary& s) {
    return s.sum / s.count;
}

std::optional<Alert> compare(const Summary& now, const double* previous_mean) {
    if (previous_mean == nullptr || mean_of(now) == *previous_mean) {
        return std::nullopt;
    }
    return Alert{now.sensor_id, mean_of(now) > *previous_mean ? 2u : 1u};
}

std::uint64_t zone_of(const Alert& alert) {
    return alert.sensor_id / 10;
}

/// The obvious way: a map per operator.
class Model {
  public:
    std::optional<Alert> step(const Reading& reading) {
        if (!(reading.value == reading.value)) {
            return std::nullopt;
        }
        const auto known = summaries_.find(reading.sensor_id);
        if (known == summaries_.end() && summaries_.size() == max_sensors) {
            ++refused_;
            return std::nullopt;
        }
        Summary summary = start(reading);
        if (known != summaries_.end()) {
            summary = known->second;
            add(summary, reading);
        }
        summaries_.insert_or_assign(reading.sensor_id, summary);

        const auto mean = means_.find(reading.sensor_id);
        const std::optional<Alert> alert =
            compare(summary, mean != means_.end() ? &mean->second : nullptr);
        means_[reading.sensor_id] = mean_of(summary);
        if (!alert) {
            return std::nullopt;
        }
        const auto severity = severities_.find(reading.sensor_id);
        if (severity != severities_.end() && severity->second == alert->severity) {
            return std::nullopt;
        }
        severities_[reading.sensor_id] = alert->severity;
        return pass_zone(*alert);
    }

    std::uint64_t refused() const { return refused_; }

    std::size_t keys() const { return summaries_.size() + zones_.size(); }

  private:
    /// The second table: whole alerts, one zone for ten sensors.
    std::optional<Alert> pass_zone(const Alert& alert) {
        const auto zone = zones_.find(zone_of(alert));
        if (zone == zones_.end()) {
            if (zones_.size() == max_zones) {
                ++refused_;
                return std::nullopt;
            }
        } else if (zone->second == alert) {
            return std::nullopt;
        }
        zones_.insert_or_assign(zone_of(alert), alert);
        return alert;
    }

    std::map<std::uint64_t, Summary> summaries_;
    std::map<std::uint64_t, double> means_;
    std::map<std::uint64_t, std::uint64_t> severities_;
    std::map<std::uint64_t, Alert> zones_;
    std::uint64_t refused_ = 0;
};

std::vector<Reading> random_readings(std::uint32_t seed, std::size_t count) {
    std::mt19937 random(seed);
    std::vector<Reading> readings;
    for (std::size_t i = 0; i < count; ++i) {
        const double value = random() % 50 == 0 ? std::numeric_limits<double>::quiet_NaN()
                                                : static_cast<double>(random() % 4);
        readings.push_back({random() % 70, value, i});
    }
    return readings;
}

class AgainstModel : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(AgainstModel, PipeGivesTheSameAlertsCausesAndCounts) {
    const std::vector<Reading> readings = random_readings(GetParam(), 20'000);
    Model model;
    std::vector<Emission<Alert>> expected;
    for (std::size_t i = 0; i < readings.size(); ++i) {
        if (const std::optional<Alert> alert = model.step(readings[i])) {
            expected.push_back({*alert, i});
        }
    }
    const auto is_number = [](const Reading& r) { return r.value == r.value; };
    auto bound = pipe(filter(is_number),
                      keyed_by({.max_keys = max_sensors},
                               &Reading::sensor_id,
                               stateful(start, add),
                               delta(mean_of, compare),
                               dedup_by(&Alert::severity)),
                      dedup_by({.max_keys = max_zones}, zone_of))
                     .bind<Reading>();
    const auto out = run_bound(bound, readings, 57);
    EXPECT_EQ(out, expected);
    EXPECT_EQ(bound.counts().refused, model.refused());
    EXPECT_EQ(bound.counts().keys, model.keys());
    EXPECT_GT(expected.size(), 1'000u);
    EXPECT_GT(model.refused(), 100u);
}

INSTANTIATE_TEST_SUITE_P(Pipe, AgainstModel, ::testing::Range(1u, 6u));

}  // namespace
}  // namespace roda
