// SPDX-License-Identifier: Apache-2.0
#include "appliance/exporter/active_alerts.hpp"

#include <algorithm>
#include <iterator>

#include "appliance/alerting/alert_text.hpp"

namespace roda::appliance {

void ActiveAlerts::set_book(std::shared_ptr<const RuleBook> book) {
    AlertLabels labels(std::move(book));
    const std::lock_guard lock(mutex_);
    std::swap(labels_, labels);
}

void ActiveAlerts::apply(const AlertRecord& record) {
    const std::lock_guard lock(mutex_);
    switch (record.transition) {
        case Transition::firing:
        case Transition::flapping:
        case Transition::acknowledged:
            stand(record);
            break;
        case Transition::resolved:
            end(record);
            break;
        case Transition::shelved:
        case Transition::unshelved:
            hide(record);
            break;
        case Transition::pending:
        case Transition::cancelled:
            break;
    }
}

ActiveAlerts::Key ActiveAlerts::key_of(const AlertRecord& record) {
    const bool is_group = is_of_group(record);
    return {{.rule = std::string(rule_name(record)),
             .level = record.level,
             .is_of_group = is_group,
             .sensor_id = is_group ? 0 : record.sensor_id,
             .group = is_group ? subject_of(record) : std::string()},
            record.shard};
}

/// An alert that was acknowledged or flaps stands, also when its firing was before our time.
void ActiveAlerts::stand(const AlertRecord& record) {
    Entry& entry = entries_[key_of(record)];
    if (!entry.standing || entry.record.id != record.id) {
        entry = {.record = record, .standing = true, .has_series = entry.has_series};
    }
    entry.severity = record.severity;
    entry.shelved = false;
    entry.acknowledged |= record.transition == Transition::acknowledged;
    entry.flapping = record.transition == Transition::flapping;
    give_series(entry);
}

void ActiveAlerts::end(const AlertRecord& record) {
    const auto found = find_occurrence(record);
    if (found == entries_.end()) {
        return;
    }
    Entry& entry = found->second;
    entry.standing = false;
    if (!entry.has_series || entry.scrapes >= scrapes_to_be_seen) {
        take_series(entry);
        entries_.erase(found);
    }
}

void ActiveAlerts::hide(const AlertRecord& record) {
    const auto found = find_occurrence(record);
    if (found == entries_.end() || !found->second.standing) {
        return;
    }
    Entry& entry = found->second;
    entry.shelved = record.transition == Transition::shelved;
    if (entry.shelved) {
        take_series(entry);
    } else {
        give_series(entry);
        entry.scrapes = scrapes_to_be_seen;  // one that ended behind its shelf is nobody's concern
    }
}

ActiveAlerts::Entries::iterator ActiveAlerts::find_occurrence(const AlertRecord& record) {
    const auto found = entries_.find(key_of(record));
    return found != entries_.end() && found->second.record.id == record.id ? found : entries_.end();
}

void ActiveAlerts::give_series(Entry& entry) noexcept {
    if (!entry.has_series && series_ < max_series_) {
        entry.has_series = true;
        ++series_;
    }
}

void ActiveAlerts::take_series(Entry& entry) noexcept {
    series_ -= entry.has_series ? 1 : 0;
    entry.has_series = false;
}

void ActiveAlerts::fill_room() {
    for (std::size_t severity = severity_count; severity-- > 0;) {
        for (auto at = entries_.begin(); at != entries_.end() && series_ < max_series_; ++at) {
            Entry& entry = at->second;
            if (static_cast<std::size_t>(entry.severity) == severity && !entry.shelved) {
                give_series(entry);
            }
        }
    }
}

void ActiveAlerts::forget() {
    const std::lock_guard lock(mutex_);
    entries_.clear();
    series_ = 0;
}

ActiveAlerts::Scrape ActiveAlerts::scrape(For whom) const {
    Scrape scrape;
    scrape.series.reserve(series_);
    for (const auto& [key, entry] : entries_) {
        if (!entry.has_series) {
            scrape.truncated += entry.shelved ? 0 : 1;
            continue;
        }
        if (!entry.standing && whom == For::others) {
            continue;
        }
        if (!scrape.series.empty() && scrape.series.back().name == key.first) {
            // Another shard's: one series, for which the older of them speaks.
            ActiveAlert& shown = scrape.series.back();
            shown.since_ns = std::min(shown.since_ns, entry.record.event_ns);
            continue;
        }
        scrape.series.push_back(
            {.id = entry.record.id,
             .name = key.first,
             .severity = entry.severity,
             .since_ns = entry.record.event_ns,
             .acknowledged = entry.acknowledged,
             .flapping = entry.flapping,
             .labels = labels_.of(key.first, entry.severity),
             .message = whom == For::others ? labels_.message_of(entry.record) : std::string()});
    }
    return scrape;
}

ActiveAlerts::Scrape ActiveAlerts::look() {
    const std::lock_guard lock(mutex_);
    return scrape(For::others);
}

ActiveAlerts::Scrape ActiveAlerts::collect() {
    const std::lock_guard lock(mutex_);
    fill_room();
    Scrape shown = scrape(For::prometheus);
    for (auto at = entries_.begin(); at != entries_.end();) {
        Entry& entry = at->second;
        entry.scrapes += entry.has_series ? 1 : 0;
        if (!entry.standing && entry.scrapes >= scrapes_to_be_seen) {
            take_series(entry);
            at = entries_.erase(at);
        } else {
            ++at;
        }
    }
    return shown;
}

}  // namespace roda::appliance
