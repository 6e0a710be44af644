// SPDX-License-Identifier: Apache-2.0
#include "appliance/exporter/status_board.hpp"

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
    : config_(config),
      page_(status_path(config.alerts.directory, config.instance),
            SlotOptions{.slots = 1, .schema = status_page_schema()}) {
    for (std::size_t queue = 0; queue < queues; ++queue) {
        devices_.push_back(open_devices(config, queue));
    }
    Status status;
    status.started_ns = unix_now_ns();
    status.device = config.port.options.device;
    show(status, RunState::starting);
}

void StatusBoard::show(const Status& status, RunState state) {
    page_.set(0, status_page(config_, status, state));
    const std::uint64_t now_ns = unix_now_ns();
    page_.beat(now_ns);
    for (const auto& store : devices_) {
        store->beat(now_ns);
    }
}

}  // namespace roda::appliance
