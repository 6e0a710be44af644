// SPDX-License-Identifier: Apache-2.0
// Which alerts stand now, as far as a bounded number of series can show them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "appliance/alarms/alert_record.hpp"
#include "appliance/exporter/alert_labels.hpp"

namespace roda::appliance {

struct ActiveAlert {
    std::uint64_t id = 0;  // NetId64 of the occurrence
    AlertName name;
    Severity severity = Severity::info;
    std::uint64_t since_ns = 0;  // event time of its firing
    bool acknowledged = false;
    bool flapping = false;
    Labels labels;
    std::string message;  // in words, of its firing; only look() makes it

    friend bool operator==(const ActiveAlert&, const ActiveAlert&) = default;
};

/// Fed with the transitions of the alert journal, read once per scrape.
///
/// An alert is active from its firing to its resolution, whatever it does between them, but while
/// it is shelved. One that is pending is not yet.
///
/// An alert stays for at least two scrapes after it appeared, so that one that resolves within
/// milliseconds is seen. Beyond max_series alerts are only counted; when there is room again, those
/// that still stand get it, the most severe first.
///
/// Thread: any. Cost: one mutex; not for the hot path. Shape: keeps as many as there are alarms
/// that stand (pipeline.max_alarms of each shard), and max_series that do not any more.
class ActiveAlerts {
  public:
    struct Scrape {
        std::vector<ActiveAlert> series;  // by rule, level, sensor, group; each of these once
        std::uint64_t truncated = 0;      // active, without a series
    };

    explicit ActiveAlerts(std::uint32_t max_series) : max_series_(max_series) {}

    /// From now on alerts have the labels of these rules and this inventory.
    void set_book(std::shared_ptr<const RuleBook> book);

    void apply(const AlertRecord& record);

    /// Drops every series. To be called where records were missed: an alert whose end was among
    /// them would fire here for ever.
    void forget();

    /// What a scrape shows; counts as one.
    Scrape collect();

    /// What stands at this moment, for other readers; no scrape.
    Scrape look();

  private:
    static constexpr std::uint32_t scrapes_to_be_seen = 2;

    // By shard: where sensors belong to the gateway that they came over, two shards may each have
    // an alarm of this name.
    using Key = std::pair<AlertName, std::uint16_t>;

    struct Entry {
        AlertRecord record{};  // of its firing
        std::uint32_t scrapes = 0;
        Severity severity = Severity::info;
        bool standing = false;
        bool shelved = false;
        bool has_series = false;
        bool acknowledged = false;
        bool flapping = false;
    };

    using Entries = std::map<Key, Entry>;

    static Key key_of(const AlertRecord& record);
    void stand(const AlertRecord& record);
    void end(const AlertRecord& record);
    void hide(const AlertRecord& record);
    Entries::iterator find_occurrence(const AlertRecord& record);
    void give_series(Entry& entry) noexcept;
    void take_series(Entry& entry) noexcept;
    void fill_room();
    enum class For : std::uint8_t { prometheus, others };
    Scrape scrape(For whom) const;

    std::mutex mutex_;
    const std::size_t max_series_;
    std::size_t series_ = 0;  // that entries have
    Entries entries_;
    AlertLabels labels_;
};

}  // namespace roda::appliance
