// SPDX-License-Identifier: Apache-2.0
// What happens to a port while it runs: restarts under load, a device that asks for a reset, one
// that goes. No driver here raises those events, so the test does it in a driver's place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rte_ethdev.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <thread>
#include <vector>

#include "dpdk/eal_arguments.hpp"
#include "dpdk/network_namespace.hpp"
#include "dpdk/port.hpp"
#include "tests/dpdk/eal_environment.hpp"
#include "tests/dpdk/flows.hpp"

struct rte_eth_dev;

// A driver's side of DPDK: exported, in no header that is installed.
extern "C" rte_eth_dev* rte_eth_dev_get_by_name(const char* name);
extern "C" int rte_eth_dev_callback_process(rte_eth_dev* device,
                                            rte_eth_event_type event,
                                            void* result);

namespace roda::dpdk {
namespace {

using test::EalEnvironment;
using test::FlowPolls;
using test::Flows;

void raise_event(const std::string& device, rte_eth_event_type event) {
    rte_eth_dev_callback_process(
        rte_eth_dev_get_by_name(device_name(device).c_str()), event, nullptr);
}

PortOptions options_for(const std::string& device, const proto::IpAddress& address) {
    PortOptions options;
    options.device = device;
    options.addresses = {address};
    options.rx_descriptors = 256;
    options.buffers = 1024;
    return options;
}

/// A worker for each queue and senders, all at full speed until stop().
class Load {
  public:
    Load(Port& port, const std::string& address) : flows_(8, address) {
        for (std::size_t i = 0; i < port.queues(); ++i) {
            workers_.emplace_back([this, &port, i] {
                while (!end_.load() || polls_.poll(port.rx_queue(i), i)) {
                    if (!polls_.poll(port.rx_queue(i), i)) {
                        port.rx_queue(i).wait();
                    }
                }
            });
        }
        sender_ = std::thread([this] {
            for (std::size_t i = 0; !sent_enough_.load(); ++i) {
                if (!flows_.send(i % flows_.count()) || i % 64 == 0) {
                    std::this_thread::sleep_for(std::chrono::microseconds(500));
                }
            }
        });
    }

    ~Load() { stop(); }

    void stop() {
        sent_enough_.store(true);
        if (sender_.joinable()) {
            sender_.join();
        }
        end_.store(true);
        for (auto& worker : workers_) {
            worker.join();
        }
        workers_.clear();
    }

    /// Waits until so many more datagrams have come.
    bool see_more(std::uint64_t count) {
        const std::uint64_t goal = polls_.datagrams() + count;
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        while (polls_.datagrams() < goal) {
            if (std::chrono::steady_clock::now() > deadline) {
                return false;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return true;
    }

    const FlowPolls& polls() const { return polls_; }

    const Flows& flows() const { return flows_; }

  private:
    Flows flows_;
    FlowPolls polls_;
    std::atomic<bool> sent_enough_{false};
    std::atomic<bool> end_{false};
    std::vector<std::thread> workers_;
    std::thread sender_;
};

class EventfulTap : public testing::Test {
  protected:
    void SetUp() override {
        if (EalEnvironment::network().empty()) {
            GTEST_SKIP() << EalEnvironment::why_no_network();
        }
    }

    void open(const std::string& device, const char* interface, const char* net) {
        const NetworkNamespace scope(EalEnvironment::network());
        in_addr address{};
        ::inet_pton(AF_INET, (std::string(net) + ".2").c_str(), &address);
        const auto octets = ntohl(address.s_addr);
        auto options = options_for(device,
                                   proto::IpAddress::v4(static_cast<std::uint8_t>(octets >> 24),
                                                        static_cast<std::uint8_t>(octets >> 16),
                                                        static_cast<std::uint8_t>(octets >> 8),
                                                        static_cast<std::uint8_t>(octets)));
        port.emplace(EalEnvironment::eal(), options);
        port->start();
        const std::string add =
            "ip -n " + EalEnvironment::network() + " addr add " + net + ".1/24 dev " + interface;
        ASSERT_EQ(std::system(add.c_str()), 0);
    }

    std::optional<Port> port;
};

TEST_F(EventfulTap, RestartsUnderLoadAndCountsEveryFrame) {
    const auto device = EalEnvironment::tap_events_device();
    open(device, EalEnvironment::tap_events_interface, "10.13.0");
    Load load(*port, "10.13.0.2");
    ASSERT_TRUE(load.see_more(200));
    for (std::uint64_t round = 1; round <= 3; ++round) {
        raise_event(device, RTE_ETH_EVENT_INTR_RESET);
        EXPECT_EQ(port->events().restarts, round - 1) << "not in the driver's thread";
        port->tend();
        EXPECT_EQ(port->events().restarts, round);
        port->tend();
        EXPECT_EQ(port->events().restarts, round) << "one wish, one restart";
        ASSERT_TRUE(load.see_more(200)) << "receiving resumes after restart " << round;
    }
    load.stop();
    const std::uint64_t handed_out = test::frames_handed_out(EalEnvironment::tap_events_interface);
    EXPECT_EQ(load.polls().frames(), handed_out) << "all that the driver took was polled";
    EXPECT_EQ(load.polls().duplicates(), 0u);
    EXPECT_LE(load.polls().datagrams(), load.flows().sent());
    EXPECT_EQ(port->counters().received, handed_out);
    port->stop();
    const PortCounters counters = port->counters();
    EXPECT_EQ(counters.received + counters.left_at_stop, handed_out);
    EXPECT_EQ(counters.left_at_stop, 0u) << "a tap's frames wait in the kernel";
}

TEST_F(EventfulTap, AWorkerThatDoesNotPollKeepsARestartFromHappening) {
    open(EalEnvironment::tap_stuck_device(), EalEnvironment::tap_stuck_interface, "10.14.0");
    raise_event(EalEnvironment::tap_stuck_device(), RTE_ETH_EVENT_INTR_RESET);
    port->tend();
    EXPECT_EQ(port->events().restarts, 0u);
    Load load(*port, "10.14.0.2");
    ASSERT_TRUE(load.see_more(20));
    port->tend();
    EXPECT_EQ(port->events().restarts, 1u) << "the wish is not forgotten";
    EXPECT_TRUE(load.see_more(20));

    // The interface goes; the device has no word for it.
    const std::string remove =
        "ip -n " + EalEnvironment::network() + " link del " + EalEnvironment::tap_stuck_interface;
    ASSERT_EQ(std::system(remove.c_str()), 0);
    port->tend();
    EXPECT_TRUE(port->events().removed);
    EXPECT_FALSE(port->link_up());
    load.stop();
    port->stop();
    EXPECT_EQ(port->counters().received, load.polls().frames());
}

TEST(PortEvents, AnUnpluggedDeviceIsNotRestarted) {
    const auto device = EalEnvironment::unplugged_device();
    Port port(EalEnvironment::eal(), options_for(device, proto::IpAddress::v4(10, 9, 0, 2)));
    port.start();
    EXPECT_TRUE(port.link_up());
    FlowPolls polls;
    std::atomic<bool> end{false};
    std::thread worker([&] {
        while (!end.load()) {
            polls.poll(port.rx_queue(), 0);
        }
    });
    while (port.counters().received < 100) {  // all of the capture
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    raise_event(device, RTE_ETH_EVENT_INTR_RMV);
    raise_event(device, RTE_ETH_EVENT_INTR_RESET);
    port.tend();
    EXPECT_EQ(port.events(), (PortEvents{.link_changes = 1, .restarts = 0, .removed = true}));
    EXPECT_FALSE(port.link_up());
    end.store(true);
    worker.join();
    port.stop();
    EXPECT_EQ(port.counters().received, 100u);
    EXPECT_EQ(polls.frames(), 100u);
}

}  // namespace
}  // namespace roda::dpdk
