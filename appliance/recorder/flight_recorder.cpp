// SPDX-License-Identifier: Apache-2.0
#include "appliance/recorder/flight_recorder.hpp"

#include <pthread.h>

#include <array>
#include <cstdio>
#include <utility>

#include "appliance/alerting/alert_text.hpp"
#include "appliance/alerting/lane_path.hpp"
#include "pipeline/base/clock.hpp"

namespace roda::appliance {

namespace {

// How long a request or the end may wait for this thread.
constexpr std::chrono::milliseconds look_every(50);

std::set<std::string> names_of_recording(std::span<const Rule> rules) {
    std::set<std::string> names;
    for (const Rule& rule : rules) {
        if (rule.record) {
            names.insert(rule.name);
        }
    }
    return names;
}

}  // namespace

FlightRecorder::FlightRecorder(const Config& config, Write write)
    : config_(config), write_(std::move(write)), files_(config) {
    set_rules(config_.rules);
    thread_ = std::thread([this] { run(); });
    ::pthread_setname_np(thread_.native_handle(), "rd:recorder");
}

FlightRecorder::~FlightRecorder() {
    stop();
}

void FlightRecorder::stop() {
    ending_.store(true, std::memory_order_release);
    if (thread_.joinable()) {
        thread_.join();
    }
}

void FlightRecorder::set_rules(std::span<const Rule> rules) {
    std::set<std::string> recording = names_of_recording(rules);
    const std::lock_guard lock(mutex_);
    // From this moment on, not from when the thread comes to it.
    if (!recording.empty() && !following_) {
        next_cursor_ =
            std::make_unique<Cursor>(lane_prefix(config_), alert_record_schema, Cursor::From::head);
    }
    following_ = !recording.empty();
    next_recording_ = std::move(recording);
}

void FlightRecorder::take_rules() {
    const std::lock_guard lock(mutex_);
    if (!next_recording_) {
        return;
    }
    recording_ = std::move(*next_recording_);
    next_recording_.reset();
    if (next_cursor_ != nullptr) {
        cursor_ = std::move(next_cursor_);
    } else if (recording_.empty()) {
        cursor_.reset();
    }
}

RecorderCounters FlightRecorder::counters() const {
    const std::lock_guard lock(mutex_);
    return counters_;
}

void FlightRecorder::run() {
    while (!ending_.load(std::memory_order_acquire)) {
        look();
        wait();
    }
    look();  // at what came up to the end
}

void FlightRecorder::wait() {
    if (cursor_ != nullptr) {
        cursor_->wait(look_every);
    } else {
        std::this_thread::sleep_for(look_every);
    }
}

void FlightRecorder::look() {
    take_rules();
    if (asked_.exchange(false, std::memory_order_acquire) && write("on request")) {
        const std::lock_guard lock(mutex_);
        ++counters_.by_request;
    }
    if (cursor_ == nullptr) {
        return;
    }
    std::array<AlertRecord, 64> alerts;
    while (const std::size_t count = cursor_->poll(alerts).records) {
        for (std::size_t i = 0; i < count; ++i) {
            take(alerts[i]);
        }
    }
}

void FlightRecorder::take(const AlertRecord& alert) {
    const std::string rule(rule_name(alert));
    if (alert.transition != Transition::firing || !recording_.contains(rule)) {
        return;
    }
    const auto now = Clock::now();
    if (quiet_until_ && now < *quiet_until_) {
        const std::lock_guard lock(mutex_);
        ++counters_.skipped;
        return;
    }
    // One that fails as well: a full disk is not tried once an alert.
    quiet_until_ = now + std::chrono::seconds(config_.recorder.quiet_seconds);
    if (write("rule " + rule + " fired for sensor " + std::to_string(alert.sensor_id))) {
        const std::lock_guard lock(mutex_);
        ++counters_.by_rule;
    }
}

bool FlightRecorder::write(const std::string& why) {
    const std::string path = files_.path_at(unix_now_ns());
    const dpdk::RecordingResult result = write_(path, why);
    if (!result.error.empty()) {
        std::fprintf(stderr, "roda: %s: not recorded: %s\n", path.c_str(), result.error.c_str());
        const std::lock_guard lock(mutex_);
        ++counters_.failed;
        return false;
    }
    std::fprintf(stderr,
                 "roda: %s: %llu frames recorded, %s\n",
                 path.c_str(),
                 static_cast<unsigned long long>(result.frames),
                 why.c_str());
    if (result.queues_absent != 0) {
        std::fprintf(stderr,
                     "roda: %s: %zu queues are missing, their workers did not answer\n",
                     path.c_str(),
                     result.queues_absent);
    }
    files_.keep_newest();
    return true;
}

}  // namespace roda::appliance
