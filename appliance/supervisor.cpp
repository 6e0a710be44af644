// SPDX-License-Identifier: Apache-2.0
#include "appliance/supervisor.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <system_error>

#include "appliance/alerting/lane_path.hpp"
#include "dpdk/network_namespace.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/base/error.hpp"

namespace roda::appliance {
namespace {

constexpr std::chrono::seconds drain_patience(2);

std::string make_lane_path(const Config& config) {
    std::error_code failure;
    std::filesystem::create_directories(config.alerts.directory, failure);
    if (failure) {
        throw StartupError("cannot make the directory: " + failure.message(),
                           config.alerts.directory,
                           "set alerts.directory");
    }
    return lane_path(config);
}

std::optional<std::uint32_t> core_at(const Config& config, std::size_t position) {
    return position < config.pipeline.cores.size() ? std::optional(config.pipeline.cores[position])
                                                   : std::nullopt;
}

}  // namespace

Supervisor::Supervisor(const Config& config) : config_(config), started_ns_(unix_now_ns()) {
    web_ = std::make_unique<WebServer>(
        config_,
        [this] { return status(); },
        [this](ActiveAlerts& active) { return follow_alerts(active); });
    {
        const dpdk::NetworkNamespace scope(config_.port.network_namespace);
        eal_ =
            std::make_unique<dpdk::Eal>(dpdk::EalOptions{.devices = {config_.port.options.device},
                                                         .hugepages = config_.hugepages,
                                                         .memory_mb = config_.memory_mb,
                                                         .extra_args = config_.eal_args});
        port_ = std::make_unique<dpdk::Port>(*eal_, config_.port.options);
        open_lane();  // after all that may fail for outside reasons: a failed start leaves no trace
        shard_ = std::make_unique<Shard<dpdk::RxQueue>>(
            config_, port_->rx_queue(), *lane_, EmitClock::wall);
        check_pages();
        port_->start();
    }
    start_workers();
    ready_.store(true, std::memory_order_release);
}

Supervisor::~Supervisor() {
    stop();
}

void Supervisor::open_lane() {
    lane_ = std::make_unique<BroadcastJournal<AlertRecord>>(
        make_lane_path(config_),
        JournalOptions{.capacity_records = config_.alerts.journal_records,
                       .schema = alert_record_schema});
    exporter_cursor_ = std::make_unique<LaneCursor<AlertRecord>>(
        lane_prefix(config_), alert_record_schema, LaneCursor<AlertRecord>::From::head);
}

/// `hugepages: require` is meant for the journals as well; transparent ones serve as well there.
void Supervisor::check_pages() const {
    if (config_.hugepages == dpdk::Hugepages::require && shard_->pages() == Pages::small) {
        throw StartupError("the reading journal lies on 4 KiB pages",
                           "hugepages: require",
                           "reserve more: echo 512 > /proc/sys/vm/nr_hugepages");
    }
}

/// Fused on one core unless the config names two: then decode and detection each have one.
void Supervisor::start_workers() {
    Shard<dpdk::RxQueue>& shard = *shard_;
    if (config_.pipeline.cores.size() < 2) {
        workers_.add({.name = "rd:shard0", .core = core_at(config_, 0)},
                     [&shard] { return shard.step(); });
    } else {
        workers_.add({.name = "rd:ingest0", .core = core_at(config_, 0)},
                     [&shard] { return shard.ingest_turn(); });
        workers_.add({.name = "rd:detect0", .core = core_at(config_, 1)},
                     [&shard] { return shard.detect_step(); });
    }
    workers_.start();
}

void Supervisor::stop() {
    if (!ready_.load(std::memory_order_acquire) || stopped_) {
        return;
    }
    workers_.stop(drain_patience);  // ingest before detection
    const std::lock_guard lock(device_mutex_);
    port_->stop();
    stopped_ = true;
}

Status Supervisor::status() const {
    Status status;
    status.started_ns = started_ns_;
    status.device = config_.port.options.device;
    status.alerts_by_rule.resize(config_.rules.size());
    if (!ready_.load(std::memory_order_acquire)) {
        return status;  // still starting: the rest is not there yet
    }
    status.driver = port_->driver();
    status.memory = eal_->memory() + " for frames, ";
    status.memory += pages_name(shard_->pages());
    status.memory += " for journals";
    // Downstream first: what a level has received is then never less than what became of it.
    const DetectStatus detect = shard_->detect_status();
    status.ledger.detect = detect.ledger;
    status.ledger.ingest = shard_->ingest_ledger();
    std::copy_n(detect.alerts.begin(), status.alerts_by_rule.size(), status.alerts_by_rule.begin());
    const WorkerCounters counters = workers_.counters();
    status.busy_steps = counters.busy_turns;
    status.idle_steps = counters.idle_turns;
    status.step_max_ns = counters.turn_max_ns;
    const std::lock_guard lock(device_mutex_);
    status.ready = !stopped_;
    status.ledger.port = port_->counters();
    status.link_up = !stopped_ && port_->link_up();
    status.xstats = port_->xstats();
    return status;
}

std::string Supervisor::failure() const {
    return workers_.failure();
}

void Supervisor::beat() noexcept {
    lane_->beat(unix_now_ns());
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
