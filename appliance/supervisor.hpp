// SPDX-License-Identifier: Apache-2.0
// The running appliance: brings everything up in order, watches it, takes it down in order.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "appliance/alerting/alert_writer.hpp"
#include "appliance/alerting/rule_edition.hpp"
#include "appliance/config/config.hpp"
#include "appliance/control/control_socket.hpp"
#include "appliance/exporter/active_alerts.hpp"
#include "appliance/exporter/status.hpp"
#include "appliance/exporter/status_board.hpp"
#include "appliance/exporter/web_server.hpp"
#include "appliance/recorder/flight_recorder.hpp"
#include "appliance/shard_group.hpp"
#include "dpdk/eal.hpp"
#include "dpdk/port.hpp"
#include "pipeline/engine/workers.hpp"
#include "pipeline/fleet/lane_cursor.hpp"
#include "pipeline/store/broadcast_journal.hpp"

namespace roda::appliance {

/// Up: web server (a taken port shows at once), memory layer, port, for each of its queues an alert
/// lane and a shard; then the port receives, then the workers poll, then it is ready. Down: the
/// workers drain, the port stops, the rest in reverse.
///
/// Thread: constructed, stopped and destroyed by the main thread; status() by any.
/// Errors: StartupError from the constructor; afterwards failure() tells.
class Supervisor {
  public:
    /// `config_path`: what reload() reads; empty: there is nothing to reload.
    explicit Supervisor(const Config& config, std::string config_path = {});
    ~Supervisor();
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    /// Takes in what has arrived, for at most some seconds, and stops receiving. The ledger of
    /// status() is final then.
    void stop();

    Status status() const;

    /// Why a worker ended by itself; empty while all is well.
    std::string failure() const;

    /// What became of the port's device, as of the last beat(). Thread: any.
    dpdk::PortEvents port_events() const { return port_->events(); }

    /// Tells the readers of the alert lanes that their writers live, shows `roda status` the
    /// figures and looks after the port. Call some ten times a second. Thread: main.
    void beat();

    /// Reads the config file again and judges by its rules and inventory from now on; nothing else
    /// of the file changes before the next start. A faulty file changes nothing. Rules that stay as
    /// they were keep their alarms. Thread: any but the workers', one at a time.
    ControlReply reload();

    /// What the control socket asks. Thread: its own.
    ControlReply control(const ControlRequest& request);

    /// Has the flight recorder write its frames down. False: there is none.
    bool record() noexcept;

    std::uint16_t metrics_port() const noexcept;

  private:
    std::shared_ptr<RuleEdition> load_edition(const Config& config);
    void show_edition(std::shared_ptr<RuleEdition> edition);
    void note_reload(bool done, std::uint64_t began_ns);
    ControlReply order(const ControlRequest& request);
    ControlReply explain(const ControlRequest& request);
    void open_lanes();
    void make_shards();
    void check_pages() const;
    void make_recorder();
    std::uint64_t follow_alerts(ActiveAlerts& active);

    Config config_;
    std::string config_path_;
    std::uint64_t started_ns_;
    std::mutex reload_mutex_;  // one reload at a time: the registry and what edition is next
    SeriesRegistry series_;
    mutable std::mutex rules_mutex_;  // what of the rules other threads look at
    std::shared_ptr<RuleEdition> edition_;
    std::shared_ptr<const std::vector<SeriesRegistry::Series>> series_names_;
    ReloadStatus reload_status_;
    std::unique_ptr<dpdk::Eal> eal_;
    std::unique_ptr<dpdk::Port> port_;
    std::vector<std::unique_ptr<BroadcastJournal<AlertRecord>>> lanes_;  // one for each shard
    std::unique_ptr<StatusBoard> board_;
    std::unique_ptr<ShardGroup<dpdk::RxQueue>> shards_;
    std::unique_ptr<LaneCursor<AlertRecord>> exporter_cursor_;
    std::unique_ptr<FlightRecorder> recorder_;  // none: not configured
    Workers workers_{true};                     // an operator who names cores of two nodes means it
    mutable std::mutex device_mutex_;           // the port's counters have one reader at a time
    bool stopped_ = false;                      // under device_mutex_, written by the main thread
    std::atomic<bool> ready_{false};            // set once: everything below status() stands
    std::unique_ptr<WebServer> web_;
    std::unique_ptr<ControlSocket> control_socket_;
};

}  // namespace roda::appliance
