// SPDX-License-Identifier: Apache-2.0
// Metric families made anew for one scrape; knows no metric of ours.
#pragma once

#include <prometheus/metric_family.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roda::appliance {

using MetricLabels = std::vector<prometheus::ClientMetric::Label>;

/// Prometheus's unit of time.
inline double seconds(std::uint64_t nanoseconds) {
    return static_cast<double>(nanoseconds) / 1e9;
}

/// One family under construction; valid until the next one is begun.
class Family {
  public:
    explicit Family(prometheus::MetricFamily& family) : family_(family) {}

    Family& sample(double value, MetricLabels labels = {}) {
        prometheus::ClientMetric metric;
        metric.label = std::move(labels);
        if (family_.type == prometheus::MetricType::Counter) {
            metric.counter.value = value;
        } else {
            metric.gauge.value = value;
        }
        family_.metric.push_back(std::move(metric));
        return *this;
    }

    /// Units: exact up to 2^53; Prometheus itself counts in doubles.
    Family& sample(std::uint64_t value, MetricLabels labels = {}) {
        return sample(static_cast<double>(value), std::move(labels));
    }

    Family& sample(bool value, MetricLabels labels = {}) {
        return sample(value ? 1.0 : 0.0, std::move(labels));
    }

    /// One sample per reason.
    template <std::size_t count>
    Family& reasons(const std::array<std::string_view, count>& names,
                    const std::array<std::uint64_t, count>& values) {
        for (std::size_t i = 0; i < count; ++i) {
            sample(values[i], {{"reason", std::string(names[i])}});
        }
        return *this;
    }

  private:
    prometheus::MetricFamily& family_;
};

class Families {
  public:
    Family counter(std::string name, std::string help) {
        return begin(prometheus::MetricType::Counter, std::move(name), std::move(help));
    }

    Family gauge(std::string name, std::string help) {
        return begin(prometheus::MetricType::Gauge, std::move(name), std::move(help));
    }

    /// All of them in order, without those that have no sample.
    std::vector<prometheus::MetricFamily> take() {
        std::erase_if(families_, [](const auto& family) { return family.metric.empty(); });
        return std::move(families_);
    }

  private:
    Family begin(prometheus::MetricType type, std::string name, std::string help) {
        return Family(families_.emplace_back(
            prometheus::MetricFamily{std::move(name), std::move(help), type, {}}));
    }

    std::vector<prometheus::MetricFamily> families_;
};

}  // namespace roda::appliance
