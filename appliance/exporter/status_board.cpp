// SPDX-License-Identifier: Apache-2.0
#include "appliance/exporter/status_board.hpp"

#include <utility>

#include "appliance/exporter/status_files.hpp"
#include "pipeline/base/clock.hpp"

namespace roda::appliance {
namespace {

std::unique_ptr<DeviceStore> open_devices(const Config& config, std::size_t queue) {
    auto store = std::make_unique<DeviceStore>(
        devices_path(config.alerts.directory, config.instance, queue),
        SlotOptions{.slots = config.ingest.max_devices, .schema = device_record_schema});
    if (store->existing()) {
        for (std::uint64_t slot = 0; slot < store->slots(); ++slot) {
            store->set(slot, DeviceRecord{});
        }
    }
    return store;
}

}  // namespace

StatusBoard::StatusBoard(const Config& config, std::size_t queues)
    : page_(status_path(config.alerts.directory, config.instance),
            SlotOptions{.slots = 1, .schema = status_page_schema()}),
      rules_(rules_path(config.alerts.directory, config.instance),
             SlotOptions{.slots = SeriesRegistry::max_series, .schema = rule_figures_schema}) {
    for (std::size_t queue = 0; queue < queues; ++queue) {
        devices_.push_back(open_devices(config, queue));
    }
    Status status;
    status.started_ns = unix_now_ns();
    status.device = config.port.options.device;
    show(status, RunState::starting);
}

void StatusBoard::show(const Status& status, RunState state) {
    show_rules(status);  // before the page, which says how many there are
    page_.set(0, status_page(status, state));
    const std::uint64_t now_ns = unix_now_ns();
    page_.beat(now_ns);
    rules_.beat(now_ns);
    for (const auto& store : devices_) {
        store->beat(now_ns);
    }
}

void StatusBoard::show_rules(const Status& status) {
    std::vector<RuleFigures> rules = rule_figures(status);
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (i >= rules_shown_.size() || rules[i] != rules_shown_[i]) {
            rules_.set(i, rules[i]);
        }
    }
    rules_shown_ = std::move(rules);
}

}  // namespace roda::appliance
