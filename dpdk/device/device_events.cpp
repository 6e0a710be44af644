// SPDX-License-Identifier: Apache-2.0
#include "dpdk/device/device_events.hpp"

#include <rte_dev.h>
#include <rte_ethdev.h>

namespace roda::dpdk::detail {

struct DeviceEvents::Callback {
    static int run(std::uint16_t, rte_eth_event_type type, void* argument, void*) {
        auto& events = *static_cast<DeviceEvents*>(argument);
        if (type == RTE_ETH_EVENT_INTR_RESET) {
            events.wants_reset_.store(true, std::memory_order_relaxed);
        } else if (type == RTE_ETH_EVENT_INTR_RMV) {
            events.removed_.store(true, std::memory_order_relaxed);
        }
        return 0;
    }

    static void hear_bus(const char*, rte_dev_event_type type, void* argument) {
        if (type == RTE_DEV_EVENT_REMOVE) {
            static_cast<DeviceEvents*>(argument)->removed_.store(true, std::memory_order_relaxed);
        }
    }
};

DeviceEvents::DeviceEvents(std::uint16_t port_id) : port_id_(port_id) {
    for (const auto type : {RTE_ETH_EVENT_INTR_RESET, RTE_ETH_EVENT_INTR_RMV}) {
        rte_eth_dev_callback_register(port_id, type, &Callback::run, this);
    }
    rte_eth_dev_info info{};
    if (rte_eth_dev_info_get(port_id, &info) == 0 && info.device != nullptr) {
        name_ = rte_dev_name(info.device);
        rte_dev_event_callback_register(name_.c_str(), &Callback::hear_bus, this);
    }
}

void DeviceEvents::ignore() noexcept {
    if (!hears_) {
        return;
    }
    hears_ = false;
    for (const auto type : {RTE_ETH_EVENT_INTR_RESET, RTE_ETH_EVENT_INTR_RMV}) {
        rte_eth_dev_callback_unregister(port_id_, type, &Callback::run, this);
    }
    if (!name_.empty()) {
        rte_dev_event_callback_unregister(name_.c_str(), &Callback::hear_bus, this);
    }
}

}  // namespace roda::dpdk::detail
