// SPDX-License-Identifier: Apache-2.0
#include "appliance/supervisor.hpp"

#include <array>
#include <chrono>
#include <filesystem>
#include <system_error>

#include "appliance/alerting/lane_path.hpp"
#include "appliance/control/control_path.hpp"
#include "dpdk/network_namespace.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/base/error.hpp"

namespace roda::appliance {
namespace {

constexpr std::chrono::seconds drain_patience(2);

void make_directory(const Config& config) {
    std::error_code failure;
    std::filesystem::create_directories(config.alerts.directory, failure);
    if (failure) {
        throw StartupError("cannot make the directory: " + failure.message(),
                           config.alerts.directory,
                           "set alerts.directory");
    }
}

}  // namespace

Supervisor::Supervisor(const Config& config, std::string config_path)
    : config_(config), config_path_(std::move(config_path)), started_ns_(unix_now_ns()) {
    const auto edition = load_edition(config_);  // its faults show before anything is taken
    reload_status_.last_success_ns = started_ns_;
    web_ = std::make_unique<WebServer>(
        config_,
        [this] { return status(); },
        [this](ActiveAlerts& active) { return follow_alerts(active); });
    show_edition(edition);
    {
        const dpdk::NetworkNamespace scope(config_.port.network_namespace);
        eal_ =
            std::make_unique<dpdk::Eal>(dpdk::EalOptions{.devices = {config_.port.options.device},
                                                         .hugepages = config_.hugepages,
                                                         .memory_mb = config_.memory_mb,
                                                         .extra_args = config_.eal_args});
        port_ = std::make_unique<dpdk::Port>(*eal_, config_.port.options);
        open_lanes();  // after all that may fail for outside reasons: a failed start leaves no
                       // trace
        make_shards();
        check_pages();
        make_recorder();
        port_->start();
    }
    workers_.start();
    control_socket_ = std::make_unique<ControlSocket>(
        control_path(config_.alerts.directory, config_.instance),
        [this](const ControlRequest& request) { return control(request); });
    ready_.store(true, std::memory_order_release);  // last: who sees it may send a command at once
}

Supervisor::~Supervisor() {
    stop();
}

void Supervisor::open_lanes() {
    make_directory(config_);
    for (std::uint32_t shard = 0; shard < port_->queues(); ++shard) {
        lanes_.push_back(std::make_unique<BroadcastJournal<AlertRecord>>(
            lane_path(config_, shard),
            JournalOptions{.capacity_records = config_.alerts.journal_records,
                           .schema = alert_record_schema}));
    }
    board_ = std::make_unique<StatusBoard>(config_, port_->queues());
    exporter_cursor_ = std::make_unique<LaneCursor<AlertRecord>>(
        lane_prefix(config_), alert_record_schema, LaneCursor<AlertRecord>::From::head);
}

void Supervisor::make_shards() {
    std::vector<dpdk::RxQueue*> queues;
    std::vector<AlertLane*> lanes;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        queues.push_back(&port_->rx_queue(i));
        lanes.push_back(lanes_[i].get());
    }
    shards_ = std::make_unique<ShardGroup<dpdk::RxQueue>>(config_, queues, lanes, EmitClock::wall);
    for (std::size_t i = 0; i < shards_->size(); ++i) {
        (*shards_)[i].show_devices_in(&board_->devices(i));
    }
    shards_->install(edition_);
    shards_->add_workers(workers_, config_.pipeline.cores);
}

/// `hugepages: require` is meant for the journals as well; transparent ones serve as well there.
void Supervisor::check_pages() const {
    if (config_.hugepages == dpdk::Hugepages::require && shards_->pages() == Pages::small) {
        throw StartupError("the reading journal lies on 4 KiB pages",
                           "hugepages: require",
                           "reserve more: echo 512 > /proc/sys/vm/nr_hugepages");
    }
}

void Supervisor::make_recorder() {
    if (config_.port.options.recorder_frames != 0) {
        recorder_ = std::make_unique<FlightRecorder>(
            config_, [this](const std::string& path, const std::string& comment) {
                return port_->write_recording(path, comment);
            });
    }
}

bool Supervisor::record() noexcept {
    if (recorder_ != nullptr) {
        recorder_->ask();
    }
    return recorder_ != nullptr;
}

void Supervisor::stop() {
    if (!ready_.load(std::memory_order_acquire) || stopped_) {
        return;
    }
    control_socket_.reset();  // while the workers can answer
    if (recorder_ != nullptr) {
        recorder_->stop();  // while the workers can hand their frames over
    }
    shards_->drain(workers_, drain_patience);
    for (std::size_t i = 0; i < shards_->size(); ++i) {
        (*shards_)[i].show_all_devices();
    }
    {
        const std::lock_guard lock(device_mutex_);
        port_->stop();
        stopped_ = true;
    }
    board_->show_end(status());
}

Status Supervisor::status() const {
    Status status;
    status.started_ns = started_ns_;
    status.device = config_.port.options.device;
    {
        const std::lock_guard lock(rules_mutex_);
        status.series = series_names_;
        status.reload = reload_status_;
    }
    status.alerts.resize(status.series == nullptr ? 0 : status.series->size());
    if (!ready_.load(std::memory_order_acquire)) {
        status.shards.resize(config_.port.options.queues);
        return status;  // still starting: the rest is not there yet
    }
    status.driver = port_->driver();
    status.memory = eal_->memory() + " for frames, ";
    status.memory += pages_name(shards_->pages());
    status.memory += " for journals";
    shards_->add_to(status);
    for (std::size_t i = 0; i < status.shards.size(); ++i) {
        status.shards[i].rests_by_interrupt = port_->rx_queue(i).rests_by_interrupt() ? 1 : 0;
    }
    const WorkerCounters counters = workers_.counters();
    status.busy_steps = counters.busy_turns;
    status.idle_steps = counters.idle_turns;
    status.step_max_ns = counters.turn_max_ns;
    if (recorder_ != nullptr) {
        status.recorder = recorder_->counters();
        status.recorder.frames = port_->frames_recorded();
    }
    const std::lock_guard lock(device_mutex_);
    status.port_events = port_->events();
    status.port_notes = port_->notes();
    status.ready = !stopped_ && !status.port_events.removed;
    status.ledger.port = port_->counters();
    status.link_up = !stopped_ && port_->link_up();
    status.xstats = port_->xstats();
    return status;
}

std::string Supervisor::failure() const {
    return workers_.failure();
}

void Supervisor::beat() {
    port_->tend();
    for (const auto& lane : lanes_) {
        lane->beat(unix_now_ns());
    }
    board_->show(status());
}

std::uint16_t Supervisor::metrics_port() const noexcept {
    return web_->port();
}

/// The exporter follows the lanes as any local program does. One scrape at a time calls this.
std::uint64_t Supervisor::follow_alerts(ActiveAlerts& active) {
    if (!ready_.load(std::memory_order_acquire)) {
        return 0;
    }
    std::array<AlertRecord, 256> alerts;
    for (;;) {
        const auto polled = exporter_cursor_->poll(alerts);
        if (polled.missed != 0) {
            active.forget();
        }
        for (std::size_t i = 0; i < polled.records; ++i) {
            active.apply(alerts[i]);
        }
        if (polled.records == 0) {
            return exporter_cursor_->missed();
        }
    }
}

}  // namespace roda::appliance
