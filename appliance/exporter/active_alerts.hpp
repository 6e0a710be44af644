// SPDX-License-Identifier: Apache-2.0
// Which alerts fire now, by rule and sensor, as far as a bounded number of series can show them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "appliance/alerting/alert_record.hpp"

namespace roda::appliance {

struct ActiveAlert {
    std::string rule;
    Severity severity;
    std::uint64_t sensor_id;

    friend bool operator==(const ActiveAlert&, const ActiveAlert&) = default;
};

/// Fed with the transitions of the alert journal, read once per scrape.
///
/// An alert stays for at least two scrapes after it appeared, so that one that resolves within
/// milliseconds is seen. When the table is full, an alert that fires anew is only counted; it gets
/// a series when it fires again after there is room.
///
/// Thread: any. Cost: one mutex; not for the hot path.
class ActiveAlerts {
  public:
    struct Scrape {
        std::vector<ActiveAlert> series;  // by rule name, then sensor
        std::uint64_t truncated = 0;      // firing, without a series
    };

    explicit ActiveAlerts(std::uint32_t max_series) : max_series_(max_series) {}

    void apply(const AlertRecord& record);

    /// Drops every series. To be called where records were missed: an alert whose end was among
    /// them would fire here for ever.
    void forget();

    /// What a scrape shows; counts as one.
    Scrape collect();

  private:
    static constexpr std::uint32_t scrapes_to_be_seen = 2;

    using Key = std::pair<std::string, std::uint64_t>;  // rule name, sensor

    struct Series {
        Severity severity;
        bool firing;
        std::uint32_t scrapes;
    };

    std::mutex mutex_;
    const std::size_t max_series_;
    std::map<Key, Series> series_;
    std::uint64_t truncated_ = 0;
};

}  // namespace roda::appliance
