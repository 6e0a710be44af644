// SPDX-License-Identifier: Apache-2.0
#include "appliance/exporter/active_alerts.hpp"

#include <iterator>

#include "appliance/alerting/alert_text.hpp"

namespace roda::appliance {

void ActiveAlerts::apply(const AlertRecord& record) {
    const std::lock_guard lock(mutex_);
    const Key key(rule_name(record), record.sensor_id);
    const auto found = series_.find(key);
    const bool firing = record.transition == Transition::firing;
    if (found != series_.end()) {
        found->second.firing = firing;
        found->second.severity = record.severity;
    } else if (!firing) {
        // It had no series, or fired before the follower attached.
        truncated_ -= truncated_ > 0 ? 1 : 0;
    } else if (series_.size() < max_series_) {
        series_.emplace(key, Series{record.severity, true, 0});
    } else {
        ++truncated_;
    }
}

void ActiveAlerts::forget() {
    const std::lock_guard lock(mutex_);
    series_.clear();
    truncated_ = 0;
}

ActiveAlerts::Scrape ActiveAlerts::collect() {
    const std::lock_guard lock(mutex_);
    Scrape scrape;
    scrape.truncated = truncated_;
    scrape.series.reserve(series_.size());
    for (auto at = series_.begin(); at != series_.end();) {
        Series& series = at->second;
        scrape.series.push_back({at->first.first, series.severity, at->first.second});
        ++series.scrapes;
        const bool done = !series.firing && series.scrapes >= scrapes_to_be_seen;
        at = done ? series_.erase(at) : std::next(at);
    }
    return scrape;
}

}  // namespace roda::appliance
