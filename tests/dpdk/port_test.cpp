// SPDX-License-Identifier: Apache-2.0
// Ports over captures: the whole receive path without a privilege.
#include "dpdk/port.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <array>

#include "dpdk/eal_arguments.hpp"
#include "pipeline/base/error.hpp"
#include "tests/dpdk/eal_environment.hpp"
#include "tests/dpdk/frame_bytes.hpp"

namespace roda::dpdk {
namespace {

using proto::ChecksumVerdict;
using test::EalEnvironment;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using Bytes = std::vector<std::byte>;

PortOptions options_for(const std::string& device) {
    PortOptions options;
    options.device = device;
    options.rx_descriptors = 256;
    options.buffers = 1024;
    return options;
}

std::string error_of(const PortOptions& options) {
    try {
        const Port port(EalEnvironment::eal(), options);
    } catch (const StartupError& error) {
        return error.what();
    }
    return "no error";
}

Bytes copy_of(const proto::FrameView& frame) {
    return {frame.bytes.begin(), frame.bytes.end()};
}

std::vector<std::uint64_t> as_list(const PortCounters& counters) {
    return {counters.received,
            counters.missed,
            counters.errors,
            counters.no_buffer,
            counters.left_at_stop};
}

struct Polled {
    Bytes bytes;
    const std::byte* address = nullptr;
    std::uint32_t wire_bytes = 0;
    std::uint64_t receive_ns = 0;
    ChecksumVerdict checksum = ChecksumVerdict::bad;
};

std::vector<Polled> drained(RxQueue& queue, std::size_t most_per_poll) {
    std::vector<Polled> polled;
    std::vector<proto::FrameView> frames(most_per_poll);
    while (const auto count = queue.poll(frames)) {
        EXPECT_LE(count, std::min(most_per_poll, burst_frames));
        for (std::size_t i = 0; i < count; ++i) {
            polled.push_back({copy_of(frames[i]),
                              frames[i].bytes.data(),
                              frames[i].wire_bytes,
                              frames[i].receive_ns,
                              frames[i].checksum});
        }
        queue.release();
    }
    return polled;
}

class CapturePort : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        auto options = options_for(EalEnvironment::capture_device());
        options.promiscuous = true;
        Port port(EalEnvironment::eal(), options);
        driver = port.driver();
        checksum_policy = port.checksum_policy();
        port.start();
        link_up = port.link_up();
        polled = drained(port.rx_queue(), 7);
        while_started = port.counters();
        xstats = port.xstats();
        port.stop();
        after_stop = port.counters();
    }

    static inline std::string driver;
    static inline std::string checksum_policy;
    static inline bool link_up = false;
    static inline std::vector<Polled> polled;
    static inline PortCounters while_started;
    static inline PortCounters after_stop;
    static inline std::vector<std::pair<std::string, std::uint64_t>> xstats;
};

TEST_F(CapturePort, HandsOutEveryFrameInOrderByteForByteWithTheCapturesTime) {
    const auto expected = test::sample_frames();
    ASSERT_EQ(polled.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(polled[i].bytes, expected[i].bytes) << i;
        EXPECT_EQ(polled[i].wire_bytes, expected[i].bytes.size()) << i;
        EXPECT_EQ(polled[i].receive_ns,
                  expected[i].seconds * std::uint64_t{1'000'000'000} +
                      expected[i].microseconds * std::uint64_t{1'000})
            << i;
        EXPECT_EQ(polled[i].checksum, ChecksumVerdict::unknown) << i;
    }
}

TEST_F(CapturePort, FramesLieInMemoryInOrderOfArrival) {
    // A buffer and its headers, which do not cross a page.
    for (std::size_t i = 1; i < polled.size(); ++i) {
        const auto step = polled[i].address - polled[i - 1].address;
        EXPECT_GT(step, 2048) << i;
        EXPECT_LE(step, 4096) << i;
    }
}

TEST_F(CapturePort, CountsWhatItHandedOutAndKeepsTheCountAfterStop) {
    EXPECT_EQ(as_list(while_started), (std::vector<std::uint64_t>{100, 0, 0, 0, 0}));
    EXPECT_EQ(as_list(after_stop), as_list(while_started));
    EXPECT_THAT(xstats,
                testing::Contains(std::pair<std::string, std::uint64_t>("rx_good_packets", 100)));
}

TEST_F(CapturePort, SaysWhatItIs) {
    EXPECT_EQ(driver, "net_pcap");
    EXPECT_EQ(checksum_policy, "software");
    EXPECT_TRUE(link_up);
}

TEST(Port, FrameLargerThanABufferIsWhole) {
    Port port(EalEnvironment::eal(), options_for(EalEnvironment::jumbo_device()));
    port.start();
    const auto polled = drained(port.rx_queue(), 100);
    ASSERT_EQ(polled.size(), 3u);
    EXPECT_EQ(polled[0].bytes, Bytes(3000, std::byte{0x5a}));
    EXPECT_EQ(polled[0].wire_bytes, 3000u);
    EXPECT_EQ(polled[1].bytes, Bytes(2048, std::byte{0x3c}))
        << "longer than any MTU: its first part";
    EXPECT_EQ(polled[1].wire_bytes, 12'000u);
    EXPECT_EQ(polled[2].bytes, Bytes(64, std::byte{0xa5}));
    EXPECT_EQ(polled[2].wire_bytes, 64u);
    EXPECT_EQ(as_list(port.counters()), (std::vector<std::uint64_t>{3, 0, 0, 0, 0}));
}

TEST(Port, AnnouncesItsAddressesAndAnswersForThem) {
    MacAddress mac{};
    {
        auto options = options_for(EalEnvironment::answer_device());
        options.addresses = {proto::IpAddress::v4(10, 9, 0, 2)};
        Port port(EalEnvironment::eal(), options);
        mac = port.mac();
        port.start();
        std::vector<proto::FrameView> frames(burst_frames);
        ASSERT_EQ(port.rx_queue().poll(frames), 2u);
        EXPECT_TRUE(port.rx_queue().answer(frames[0]));
        EXPECT_FALSE(port.rx_queue().answer(frames[1]));
        port.rx_queue().release();
    }
    auto announcement = test::hex(
        "ffffffffffff 000000000000 0806 0001 0800 06 04 0001 "
        "000000000000 0a090002 000000000000 0a090002");
    auto answer = test::hex(
        "020000000011 000000000000 0806 0001 0800 06 04 0002 "
        "000000000000 0a090002 020000000011 0a090001");
    for (auto* frame : {&announcement, &answer}) {
        frame->resize(60);
        const auto own = std::as_bytes(std::span(mac));
        std::copy(own.begin(), own.end(), frame->begin() + 6);
        std::copy(own.begin(), own.end(), frame->begin() + 22);
    }
    EXPECT_EQ(test::read_capture(EalEnvironment::answers_path()),
              (std::vector<Bytes>{announcement, answer}));
}

TEST(Port, FramesOutliveStopUntilTheirRelease) {
    const auto expected = test::sample_frames();
    Port port(EalEnvironment::eal(), options_for(EalEnvironment::stopped_device()));
    port.start();
    std::vector<proto::FrameView> frames(burst_frames);
    ASSERT_EQ(port.rx_queue().poll(frames), burst_frames);
    port.stop();
    for (std::size_t i = 0; i < burst_frames; ++i) {
        EXPECT_EQ(copy_of(frames[i]), expected[i].bytes) << i;
    }
    port.rx_queue().release();
    EXPECT_EQ(as_list(port.counters()), (std::vector<std::uint64_t>{burst_frames, 0, 0, 0, 0}));
}

TEST(Port, FramesStillInTheRingAtStopAreToldApart) {
    const auto device = EalEnvironment::ring_device();
    Port port(EalEnvironment::eal(), options_for(device));
    port.start();
    std::vector<proto::FrameView> frames(burst_frames);
    ASSERT_EQ(port.rx_queue().poll(frames), burst_frames);
    port.rx_queue().release();

    // Counted by the device and never polled, as in the ring of a NIC: taken behind our back.
    std::uint16_t port_id = 0;
    ASSERT_EQ(rte_eth_dev_get_port_by_name(device_name(device).c_str(), &port_id), 0);
    std::array<rte_mbuf*, 3> waiting{};
    ASSERT_EQ(rte_eth_rx_burst(port_id, 0, waiting.data(), waiting.size()), waiting.size());
    rte_pktmbuf_free_bulk(waiting.data(), waiting.size());

    EXPECT_EQ(as_list(port.counters()),
              (std::vector<std::uint64_t>{burst_frames + waiting.size(), 0, 0, 0, 0}));
    port.stop();
    EXPECT_EQ(as_list(port.counters()),
              (std::vector<std::uint64_t>{burst_frames, 0, 0, 0, waiting.size()}));
}

TEST(Port, UnknownDeviceIsRefusedWithTheKnownOnes) {
    EXPECT_THAT(error_of(options_for("0000:3b:00.0")),
                AllOf(StartsWith("0000:3b:00.0: no such device"),
                      HasSubstr("dpdk-devbind.py --bind=vfio-pci 0000:3b:00.0"),
                      HasSubstr("devices that started: ")));
    EXPECT_THAT(error_of(options_for("net_tap9,iface=x")),
                AllOf(StartsWith("net_tap9,iface=x: no such device"),
                      HasSubstr("CAP_NET_ADMIN"),
                      HasSubstr("/dev/net/tun")));
}

TEST(Port, DeviceThatDidNotStartIsRefusedWithItsDriversReason) {
    const auto device = EalEnvironment::missing_device();
    EXPECT_THAT(error_of(options_for(device)),
                AllOf(StartsWith(device + ": no such device: "),
                      HasSubstr("missing.pcap: No such file or directory")));
}

TEST(Port, MtuOfACaptureSizesTheBuffersOnly) {
    auto options = options_for(EalEnvironment::large_mtu_device());
    options.mtu = 3000;
    Port port(EalEnvironment::eal(), options);
    port.start();
    const auto polled = drained(port.rx_queue(), 100);
    ASSERT_EQ(polled.size(), 3u);
    EXPECT_EQ(polled[0].bytes, Bytes(3000, std::byte{0x5a}));
    EXPECT_EQ(polled[0].wire_bytes, 3000u);
}

TEST(Port, MtuOutOfRangeIsRefused) {
    const auto device = EalEnvironment::mtu_device();
    auto options = options_for(device);
    options.mtu = 20;
    EXPECT_THAT(error_of(options),
                StartsWith(device + ": MTU 20 is out of range (net_pcap takes "));
}

TEST(Port, TooFewBuffersAreRefused) {
    const auto device = EalEnvironment::buffers_device();
    auto options = options_for(device);
    options.buffers = 319;
    EXPECT_EQ(error_of(options),
              device +
                  ": 319 buffers are too few for 256 descriptors "
                  "(port.buffers: at least 320)");
}

TEST(Port, TooFewBuffersForTheFlightRecorderAreRefused) {
    const auto device = EalEnvironment::recorder_buffers_device();
    auto options = options_for(device);
    options.buffers = 1319;
    options.recorder_frames = 1000;
    EXPECT_EQ(error_of(options),
              device +
                  ": 1319 buffers are too few for 256 descriptors and 1000 frames of the flight "
                  "recorder (port.buffers: at least 1320)");
}

}  // namespace
}  // namespace roda::dpdk
