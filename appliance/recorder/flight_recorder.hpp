// SPDX-License-Identifier: Apache-2.0
// When the last frames are written down: a rule fires, or an operator asks.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>

#include "appliance/alarms/alert_record.hpp"
#include "appliance/config/config.hpp"
#include "appliance/recorder/recorder_counters.hpp"
#include "appliance/recorder/recording_files.hpp"
#include "dpdk/recorder/recording.hpp"
#include "pipeline/fleet/lane_cursor.hpp"

namespace roda::appliance {

/// Follows the alert lanes on a thread of its own, as any local program does, and writes a file
/// where a rule with `record: true` fires, at most one in `quiet_seconds`; at once when asked.
///
/// Thread: constructed, stopped and destroyed by one; ask(), set_rules() and counters() by any.
/// Cost: for the workers none but a wake-up of this thread, once a burst with alerts.
class FlightRecorder {
  public:
    /// Writes the frames to `path`, with a comment; called on the recorder's thread.
    using Write =
        std::function<dpdk::RecordingResult(const std::string& path, const std::string& comment)>;

    /// Order: the lanes are there. Errors: StartupError (RecordingFiles).
    FlightRecorder(const Config& config, Write write);
    ~FlightRecorder();
    FlightRecorder(const FlightRecorder&) = delete;
    FlightRecorder& operator=(const FlightRecorder&) = delete;

    /// A file, now. Asked again before it is begun: one file.
    void ask() noexcept { asked_.store(true, std::memory_order_release); }

    /// From now on these are the rules: a reload. Alerts of the ones before that it has not seen
    /// yet are judged by these.
    ///
    /// Errors: StartupError when the lanes cannot be followed.
    void set_rules(std::span<const Rule> rules);

    /// Does what has been asked for by now, and ends. Order: the workers still poll.
    void stop();

    /// `frames` is the port's to tell.
    RecorderCounters counters() const;

  private:
    using Clock = std::chrono::steady_clock;
    using Cursor = LaneCursor<AlertRecord>;

    void run();
    void take_rules();
    void look();
    void wait();
    void take(const AlertRecord& alert);
    bool write(const std::string& why);

    const Config config_;
    const Write write_;
    const RecordingFiles files_;
    std::unique_ptr<Cursor> cursor_;   // none: no rule records
    std::set<std::string> recording_;  // names of the rules that do
    std::optional<Clock::time_point> quiet_until_;
    std::atomic<bool> asked_{false};
    std::atomic<bool> ending_{false};
    mutable std::mutex mutex_;  // of what follows
    RecorderCounters counters_;
    bool following_ = false;               // there is a cursor, here or the thread's
    std::unique_ptr<Cursor> next_cursor_;  // for the thread to take
    std::optional<std::set<std::string>> next_recording_;
    std::thread thread_;
};

}  // namespace roda::appliance
