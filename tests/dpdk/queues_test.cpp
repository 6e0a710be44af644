// SPDX-License-Identifier: Apache-2.0
// Two receive queues of the kernel's virtual devices: each frame once, each flow on one queue.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <set>
#include <thread>

#include "dpdk/network_namespace.hpp"
#include "dpdk/port.hpp"
#include "pipeline/base/error.hpp"
#include "tests/dpdk/eal_environment.hpp"
#include "tests/dpdk/flows.hpp"

namespace roda::dpdk {
namespace {

using test::EalEnvironment;
using test::FlowPolls;
using test::Flows;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

PortOptions options_for(const std::string& device, std::uint16_t queues) {
    PortOptions options;
    options.device = device;
    options.queues = queues;
    options.rx_descriptors = 256;
    options.buffers = 1024;
    return options;
}

std::string error_of(const std::string& device, std::uint16_t queues) {
    const NetworkNamespace scope(EalEnvironment::network());
    try {
        const Port port(EalEnvironment::eal(), options_for(device, queues));
    } catch (const StartupError& error) {
        return error.what();
    }
    return "no error";
}

// Polls both queues until `done` or some seconds have gone.
template <typename Done>
bool poll_until(Port& port, FlowPolls& polls, Done done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(3);
    while (!done()) {
        bool any = false;
        for (std::size_t i = 0; i < port.queues(); ++i) {
            any = polls.poll(port.rx_queue(i), i) || any;
        }
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        if (!any) {
            std::this_thread::sleep_for(std::chrono::microseconds(50));
        }
    }
    return true;
}

void expect_each_flow_on_one_queue(Port& port, const std::string& address) {
    constexpr std::size_t flow_count = 32;
    Flows flows(flow_count, address);
    FlowPolls polls;
    for (int portion = 0; portion < 20; ++portion) {
        for (std::size_t i = 0; i < 3 * flow_count; ++i) {
            ASSERT_TRUE(flows.send(i % flow_count));
        }
        ASSERT_TRUE(poll_until(port, polls, [&] { return polls.datagrams() >= flows.sent(); }))
            << polls.datagrams() << " of " << flows.sent();
    }
    poll_until(
        port, polls, [deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(50)] {
            return std::chrono::steady_clock::now() > deadline;
        });
    EXPECT_EQ(polls.datagrams(), flows.sent());
    EXPECT_EQ(polls.duplicates(), 0u);
    EXPECT_EQ(polls.out_of_order(), 0u);
    std::set<unsigned> used;
    for (const auto& [flow, queues] : polls.queues_of_flows()) {
        used.insert(queues);
    }
    EXPECT_EQ(polls.queues_of_flows().size(), flow_count);
    EXPECT_EQ(used, (std::set<unsigned>{0b01, 0b10})) << "one queue each, and both in use";

    EXPECT_EQ(port.counters().received, polls.frames());
    port.stop();
    const PortCounters counters = port.counters();
    EXPECT_EQ(counters.received, polls.frames());
    EXPECT_EQ(counters.missed + counters.errors + counters.no_buffer + counters.left_at_stop, 0u);
}

TEST(Queues, MoreThanTheDeviceHasAreRefusedWithWhatToDo) {
    if (EalEnvironment::network().empty()) {
        GTEST_SKIP() << EalEnvironment::why_no_network();
    }
    EXPECT_EQ(error_of(EalEnvironment::tap_queues_device(), 17),
              EalEnvironment::tap_queues_device() +
                  ": has 16 receive queues, and port.queues is 17 (port.queues: at most 16)");
    EXPECT_EQ(error_of(EalEnvironment::packet_mtu_device(), 2),
              EalEnvironment::packet_mtu_device() +
                  ": has 1 receive queues, and port.queues is 2 (qpairs=2 in port.device)");
    EXPECT_EQ(error_of(EalEnvironment::mtu_device(), 2),
              EalEnvironment::mtu_device() +
                  ": has 1 receive queues, and port.queues is 2 (one rx_pcap= in port.device for "
                  "each queue)");
}

TEST(Queues, FewerThanTheKernelSpreadsOverAreRefused) {
    if (EalEnvironment::network().empty()) {
        GTEST_SKIP() << EalEnvironment::why_no_network();
    }
    EXPECT_EQ(error_of(EalEnvironment::packet_queues_device(), 1),
              EalEnvironment::packet_queues_device() +
                  ": has 2 receive queues, and port.queues is 1 (port.queues: 2)");
}

TEST(Queues, ATapsFlowsComeToOneQueueEachAndEveryFrameOnce) {
    if (EalEnvironment::network().empty()) {
        GTEST_SKIP() << EalEnvironment::why_no_network();
    }
    std::optional<Port> port;
    {
        const NetworkNamespace scope(EalEnvironment::network());
        auto options = options_for(EalEnvironment::tap_queues_device(), 2);
        options.addresses = {proto::IpAddress::v4(10, 11, 0, 2)};
        port.emplace(EalEnvironment::eal(), options);
        port->start();
    }
    EXPECT_THAT(port->notes(),
                Contains(AllOf(HasSubstr("net_tap has no hash of port.spread"),
                               HasSubstr("the kernel's hash of addresses and ports"))));
    const std::string add = "ip -n " + EalEnvironment::network() + " addr add 10.11.0.1/24 dev " +
                            EalEnvironment::tap_queues_interface;
    ASSERT_EQ(std::system(add.c_str()), 0);
    expect_each_flow_on_one_queue(*port, "10.11.0.2");
}

TEST(Queues, TheFanoutsFlowsComeToOneQueueEachAndEveryFrameOnce) {
    if (EalEnvironment::network().empty()) {
        GTEST_SKIP() << EalEnvironment::why_no_network();
    }
    std::optional<Port> port;
    {
        const NetworkNamespace scope(EalEnvironment::network());
        auto options = options_for(EalEnvironment::packet_queues_device(), 2);
        options.addresses = {proto::IpAddress::v4(10, 12, 0, 2)};
        port.emplace(EalEnvironment::eal(), options);
        port->start();
    }
    EXPECT_THAT(port->notes(), Contains(HasSubstr("net_af_packet has no hash of port.spread")));
    expect_each_flow_on_one_queue(*port, "10.12.0.2");
}

}  // namespace
}  // namespace roda::dpdk
