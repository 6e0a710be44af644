// SPDX-License-Identifier: Apache-2.0
// The appliance as Prometheus metric families, made anew at each scrape: no registry, no counter
// of its own. The list of names is README.md's.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "appliance/config/config.hpp"
#include "appliance/exporter/active_alerts.hpp"
#include "appliance/exporter/status.hpp"

namespace roda::appliance {

/// Applies what was written to the alert journal since the last call, and returns how many records
/// it has missed so far in all. Where some were missed it calls ActiveAlerts::forget() before it
/// applies the later ones.
///
/// Thread: called by the web server's threads, one at a time.
using AlertFollower = std::function<std::uint64_t(ActiveAlerts&)>;

/// Thread: any. Status source and follower are called one at a time, under one mutex.
class Metrics final : public prometheus::Collectable {
  public:
    Metrics(const Config& config, StatusSource status, AlertFollower follow_alerts);

    /// One scrape. Every series that is known in advance is there, at 0 if nothing happened.
    std::vector<prometheus::MetricFamily> Collect() const override;

    /// The same figures for other readers; no scrape.
    Status status() const;

    /// The alerts that stand, for other readers; no scrape.
    ActiveAlerts::Scrape active_alerts() const;

    /// From now on alerts have the labels of these rules and this inventory.
    void set_book(std::shared_ptr<const RuleBook> book) { active_.set_book(std::move(book)); }

  private:
    StatusSource status_;
    AlertFollower follow_alerts_;
    mutable std::mutex mutex_;
    mutable ActiveAlerts active_;  // Collect() is const by its interface, but it follows a journal
};

}  // namespace roda::appliance
