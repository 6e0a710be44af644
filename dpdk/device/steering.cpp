// SPDX-License-Identifier: Apache-2.0
#include "dpdk/device/steering.hpp"

#include <rte_byteorder.h>
#include <rte_ethdev.h>
#include <rte_flow.h>

#include <numeric>
#include <vector>

namespace roda::dpdk::detail {

namespace {

std::string text_of(const rte_flow_error& error, int result) {
    return error.message != nullptr ? error.message : rte_strerror(-result);
}

}  // namespace

std::string Steering::install(std::uint16_t port_id,
                              std::uint16_t udp_port,
                              std::uint16_t queues,
                              std::uint64_t hash_types) {
    port_id_ = port_id;
    rte_flow_attr attributes{};
    attributes.ingress = 1;
    rte_flow_item_udp wanted{};
    wanted.hdr.dst_port = rte_cpu_to_be_16(udp_port);
    rte_flow_item_udp mask{};
    mask.hdr.dst_port = 0xffff;

    std::vector<std::uint16_t> all(queues);
    std::iota(all.begin(), all.end(), std::uint16_t{0});
    const rte_flow_action_queue only{0};
    rte_flow_action_rss spread{};
    spread.types = hash_types;
    spread.queue_num = queues;
    spread.queue = all.data();
    std::array<rte_flow_action, 2> actions{};
    actions[0] = queues == 1 ? rte_flow_action{RTE_FLOW_ACTION_TYPE_QUEUE, &only}
                             : rte_flow_action{RTE_FLOW_ACTION_TYPE_RSS, &spread};

    const std::array families = {RTE_FLOW_ITEM_TYPE_IPV4, RTE_FLOW_ITEM_TYPE_IPV6};
    for (std::size_t i = 0; i < families.size(); ++i) {
        std::array<rte_flow_item, 4> pattern{};
        pattern[0].type = RTE_FLOW_ITEM_TYPE_ETH;
        pattern[1].type = families[i];
        pattern[2] = {RTE_FLOW_ITEM_TYPE_UDP, &wanted, nullptr, &mask};
        rte_flow_error error{};
        const int result =
            rte_flow_validate(port_id, &attributes, pattern.data(), actions.data(), &error);
        if (result == 0) {
            rules_[i] =
                rte_flow_create(port_id, &attributes, pattern.data(), actions.data(), &error);
        }
        if (rules_[i] == nullptr) {
            remove();  // half of it would spread the two families differently
            return text_of(error, result == 0 ? -rte_errno : result);
        }
    }
    return {};
}

void Steering::remove() noexcept {
    for (rte_flow*& rule : rules_) {
        if (rule != nullptr) {
            rte_flow_error error{};
            rte_flow_destroy(port_id_, rule, &error);
            rule = nullptr;
        }
    }
}

}  // namespace roda::dpdk::detail
