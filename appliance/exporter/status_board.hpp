// SPDX-License-Identifier: Apache-2.0
// The running appliance's side of what `roda status` reads: one page of counters, the rules, and
// for each queue the devices, which its worker shows by itself.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "appliance/config/config.hpp"
#include "appliance/exporter/rule_figures.hpp"
#include "appliance/exporter/status.hpp"
#include "appliance/exporter/status_page.hpp"
#include "appliance/ingest/device_record.hpp"

namespace roda::appliance {

/// Thread: one; a device store belongs to its queue's worker while that runs.
class StatusBoard {
  public:
    /// Files of an earlier run are emptied, or replaced where they do not fit.
    ///
    /// Errors: StartupError when a file cannot be had, or another process writes it.
    StatusBoard(const Config& config, std::size_t queues);

    /// Shape: queue < the constructor's `queues`.
    DeviceStore& devices(std::size_t queue) noexcept { return *devices_[queue]; }

    /// Shows the figures, and that this process lives. Readers take silence for death: call it some
    /// ten times a second. Cost: a copy of some kilobytes, a page of strings, and of each rule a
    /// look at its figures.
    void show(const Status& status) { show(status, state_of(status)); }

    /// The last figures: whoever reads them sees that this process ended as it should.
    void show_end(const Status& status) { show(status, RunState::stopped); }

  private:
    static RunState state_of(const Status& status) noexcept {
        return status.port_events.removed ? RunState::port_removed
               : status.ready             ? RunState::receiving
                                          : RunState::starting;
    }

    void show(const Status& status, RunState state);
    void show_rules(const Status& status);

    StatusStore page_;
    RuleStore rules_;
    std::vector<RuleFigures> rules_shown_;
    std::vector<std::unique_ptr<DeviceStore>> devices_;
};

}  // namespace roda::appliance
