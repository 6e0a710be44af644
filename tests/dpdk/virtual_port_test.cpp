// SPDX-License-Identifier: Apache-2.0
// Ports that the kernel sends to, inside a network namespace of their own: tap and af_packet.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <thread>

#include "dpdk/network_namespace.hpp"
#include "dpdk/port.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/base/error.hpp"
#include "tests/dpdk/eal_environment.hpp"

namespace roda::dpdk {
namespace {

using proto::ChecksumVerdict;
using test::EalEnvironment;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::uint16_t udp_port = 17750;
constexpr std::size_t ipv4_header_bytes = 20;

// A kernel socket inside the namespace, which sends to one address.
class Sender {
  public:
    Sender(int type, int protocol, const std::string& address) {
        const NetworkNamespace scope(EalEnvironment::network());
        descriptor_ = ::socket(AF_INET, type | SOCK_NONBLOCK, protocol);
        to_.sin_family = AF_INET;
        to_.sin_port = htons(udp_port);
        ::inet_pton(AF_INET, address.c_str(), &to_.sin_addr);
    }

    ~Sender() { ::close(descriptor_); }

    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    bool send(std::span<const std::byte> bytes) const {
        return ::sendto(descriptor_,
                        bytes.data(),
                        bytes.size(),
                        0,
                        reinterpret_cast<const sockaddr*>(&to_),
                        sizeof to_) == static_cast<ssize_t>(bytes.size());
    }

    std::optional<std::vector<std::byte>> received() const {
        std::vector<std::byte> bytes(2048);
        const auto length = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
        if (length < 0) {
            return std::nullopt;
        }
        bytes.resize(static_cast<std::size_t>(length));
        return bytes;
    }

  private:
    int descriptor_ = -1;
    sockaddr_in to_{};
};

// Polls until `done` or two seconds have gone; answers neighbours, counts telemetry.
class Receiver {
  public:
    explicit Receiver(Port& port) : queue_(port.rx_queue()) {}

    template <typename Done>
    bool until(Done done) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
        while (!done()) {
            if (std::chrono::steady_clock::now() > deadline) {
                return false;
            }
            if (!poll_once()) {
                std::this_thread::sleep_for(std::chrono::microseconds(50));
            }
        }
        return true;
    }

    void drain() {
        while (poll_once()) {
        }
    }

    std::uint64_t polled = 0;
    std::uint64_t datagrams = 0;
    std::uint64_t datagrams_good = 0;  // by the verdict
    std::uint64_t last_receive_ns = 0;

  private:
    bool poll_once() {
        std::array<proto::FrameView, burst_frames> frames;
        const auto count = queue_.poll(frames);
        for (const auto& frame : std::span(frames).first(count)) {
            const bool telemetry = frame.bytes.size() > 42 && octet(frame, 12) == 0x08 &&
                                   octet(frame, 13) == 0 && octet(frame, 23) == 17 &&
                                   octet(frame, 36) == udp_port >> 8 &&
                                   octet(frame, 37) == (udp_port & 0xff);
            datagrams += telemetry ? 1 : 0;
            datagrams_good += telemetry && frame.checksum == ChecksumVerdict::good ? 1 : 0;
            last_receive_ns = frame.receive_ns;
            if (!telemetry) {
                queue_.answer(frame);
            }
        }
        queue_.release();
        polled += count;
        return count != 0;
    }

    static int octet(const proto::FrameView& frame, std::size_t at) {
        return std::to_integer<int>(frame.bytes[at]);
    }

    RxQueue& queue_;
};

// The sequence: the kernel finds the port by ARP, its ping is answered, every datagram arrives.
// Then nobody polls: the kernel drops what its queue does not hold, and each of those is missed.
void expect_everything_accounted_for(Port& port,
                                     const std::string& address,
                                     std::uint64_t queue_frames) {
    Receiver receiver(port);

    // Echo request with identifier and sequence 0; the kernel checks the reply's checksums.
    std::array<std::byte, 64> echo{};
    echo[0] = std::byte{8};
    echo[2] = std::byte{0xf7};
    echo[3] = std::byte{0xff};
    const Sender ping(SOCK_RAW, IPPROTO_ICMP, address);
    ASSERT_TRUE(ping.send(echo));
    std::optional<std::vector<std::byte>> reply;
    ASSERT_TRUE(receiver.until([&] { return (reply = ping.received()).has_value(); }));
    EXPECT_EQ(reply->size(), ipv4_header_bytes + echo.size());
    EXPECT_EQ(reply->at(8), std::byte{64}) << "time to live";
    EXPECT_EQ(reply->at(ipv4_header_bytes), std::byte{0}) << "echo reply";

    // In portions, so that no queue of the kernel overflows on a busy machine.
    const Sender gateway(SOCK_DGRAM, 0, address);
    const std::array<std::byte, 200> payload{};
    const auto before_ns = unix_now_ns();
    for (std::uint64_t portion = 1; portion <= 20; ++portion) {
        for (int i = 0; i < 100; ++i) {
            ASSERT_TRUE(gateway.send(payload));
        }
        ASSERT_TRUE(receiver.until([&] { return receiver.datagrams >= portion * 100; }));
    }
    receiver.drain();
    EXPECT_EQ(receiver.datagrams, 2000u);
    EXPECT_EQ(receiver.datagrams_good, 2000u);
    EXPECT_GE(receiver.last_receive_ns, before_ns);
    EXPECT_LE(receiver.last_receive_ns, unix_now_ns());

    EXPECT_EQ(port.counters().missed, 0u);

    // More than the queue holds, by 300 or a few more: a tap does not use its last places.
    const auto flood = [&] {
        for (std::uint64_t i = 0; i < queue_frames + 300; ++i) {
            ASSERT_TRUE(gateway.send(payload));
        }
    };
    flood();
    const auto sent = 2000 + queue_frames + 300;
    EXPECT_TRUE(receiver.until([&] { return receiver.datagrams + port.counters().missed == sent; }))
        << receiver.datagrams << " datagrams, " << port.counters().missed << " missed";
    receiver.drain();
    const auto missed = port.counters().missed;
    EXPECT_EQ(receiver.datagrams, sent - missed);
    EXPECT_GE(missed, 300u);

    // What is dropped up to stop() counts; what waits in the kernel's queue then does not.
    flood();
    port.stop();
    const auto counters = port.counters();
    EXPECT_EQ(counters.received, receiver.polled);
    EXPECT_GE(counters.missed, missed + 300);
    EXPECT_LT(counters.missed, missed + 400);
    EXPECT_EQ(counters.errors + counters.no_buffer + counters.left_at_stop, 0u);
}

bool interface_exists(const std::string& network, const char* name) {
    const NetworkNamespace scope(network);
    return ::if_nametoindex(name) != 0;
}

PortOptions options_for(const std::string& device, const proto::IpAddress& address) {
    PortOptions options;
    options.device = device;
    options.addresses = {address};
    options.rx_descriptors = 256;
    options.buffers = 1024;
    return options;
}

std::string error_of(const std::string& device, std::uint16_t mtu) {
    auto options = options_for(device, proto::IpAddress::v4(10, 9, 0, 2));
    options.mtu = mtu;
    try {
        const Port port(EalEnvironment::eal(), options);
    } catch (const StartupError& error) {
        return error.what();
    }
    return "no error";
}

TEST(TapPort, MtuBeyondTheDriversIsRefused) {
    if (EalEnvironment::network().empty()) {
        GTEST_SKIP() << EalEnvironment::why_no_network();
    }
    const NetworkNamespace scope(EalEnvironment::network());
    const auto device = EalEnvironment::tap_device();
    EXPECT_THAT(error_of(device, 1505),
                AllOf(StartsWith(device + ": cannot be configured: "),
                      HasSubstr("device max frame size (1522)"),
                      HasSubstr("check port.mtu")));
}

TEST(TapPort, LivesInItsNamespaceAndAccountsForEveryDatagramOfTheKernel) {
    const auto& network = EalEnvironment::network();
    if (network.empty()) {
        GTEST_SKIP() << EalEnvironment::why_no_network();
    }
    const auto* interface = EalEnvironment::tap_interface;
    {
        std::optional<Port> port;
        {
            const NetworkNamespace scope(network);
            port.emplace(
                EalEnvironment::eal(),
                options_for(EalEnvironment::tap_device(), proto::IpAddress::v4(10, 9, 0, 2)));
            port->start();
        }
        EXPECT_TRUE(interface_exists(network, interface));
        EXPECT_FALSE(interface_exists("", interface));
        EXPECT_EQ(port->driver(), "net_tap");
        EXPECT_EQ(port->checksum_policy(), "hardware");
        EXPECT_TRUE(port->link_up());
        const auto add = "ip -n " + network + " addr add 10.9.0.1/24 dev " + interface;
        ASSERT_EQ(std::system(add.c_str()), 0);
        expect_everything_accounted_for(*port, "10.9.0.2", 1000);  // txqueuelen
    }
    EXPECT_FALSE(interface_exists(network, interface));
}

TEST(AfPacketPort, TrustsItsLinkAndAccountsForEveryDatagramOfTheKernel) {
    const auto& network = EalEnvironment::network();
    if (network.empty()) {
        GTEST_SKIP() << EalEnvironment::why_no_network();
    }
    std::optional<Port> port;
    {
        const NetworkNamespace scope(network);
        port.emplace(
            EalEnvironment::eal(),
            options_for(EalEnvironment::packet_device(), proto::IpAddress::v4(10, 10, 0, 2)));
        port->start();
    }
    EXPECT_EQ(port->driver(), "net_af_packet");
    EXPECT_EQ(port->checksum_policy(), "trust");
    // The driver's ring. With the flood it is below the kernel's backlog of 1,000, which would
    // drop on its own account.
    expect_everything_accounted_for(*port, "10.10.0.2", 512);
}

TEST(AfPacketPort, MtuBeyondTheDriversIsRefused) {
    const auto& network = EalEnvironment::network();
    if (network.empty()) {
        GTEST_SKIP() << EalEnvironment::why_no_network();
    }
    const NetworkNamespace scope(network);
    const auto device = EalEnvironment::packet_mtu_device();
    EXPECT_THAT(error_of(device, 9000),
                AllOf(StartsWith(device + ": cannot be configured: "),
                      HasSubstr("device max frame size (1518)"),
                      HasSubstr("check port.mtu")));
}

}  // namespace
}  // namespace roda::dpdk
