// SPDX-License-Identifier: Apache-2.0
#include "tests/dpdk/eal_environment.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <memory>

#include "dpdk/network_namespace.hpp"
#include "tests/dpdk/frame_bytes.hpp"

namespace roda::dpdk::test {

namespace {

constexpr const char* packet_interface = "rodaveth0";
constexpr const char* packet_queues_interface = "rodaveth2";

struct Shared {
    std::filesystem::path directory;
    std::string network;
    std::string why_no_network;
    std::unique_ptr<Eal> eal;
};

Shared& shared() {
    static Shared instance;
    return instance;
}

bool run(const std::string& command) {
    return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

std::string in_directory(const std::string& file) {
    return (shared().directory / file).string();
}

// The kernel sends IPv6 frames by itself, and tests count frames. Also for interfaces made later.
void silence_ipv6(const std::string& network) {
    const NetworkNamespace scope(network);
    std::ofstream("/proc/sys/net/ipv6/conf/default/disable_ipv6") << 1;
}

bool make_pair(const std::string& veth, const std::string& peer, const std::string& address) {
    const std::string ip = "ip -n " + shared().network;
    return run(ip + " link add " + veth + " type veth peer name " + peer) &&
           run(ip + " link set " + veth + " up") && run(ip + " link set " + peer + " up") &&
           run(ip + " addr add " + address + " dev " + peer);
}

void make_network() {
    Shared& state = shared();
    if (::geteuid() != 0) {
        state.why_no_network = "a network namespace needs root";
        return;
    }
    const std::string name = "roda_test_" + std::to_string(::getpid());
    if (!run("ip netns add " + name)) {
        state.why_no_network = "`ip netns add` fails here";
        return;
    }
    state.network = name;
    silence_ipv6(name);
    if (!make_pair(packet_interface, EalEnvironment::sender_interface, "10.10.0.1/24") ||
        !make_pair(packet_queues_interface, "rodaveth3", "10.12.0.1/24")) {
        run("ip netns del " + name);
        state.network.clear();
        state.why_no_network = "`ip link add type veth` fails here";
    }
}

class SharedEal : public testing::Environment {
  public:
    void SetUp() override {
        Shared& state = shared();
        std::string pattern =
            (std::filesystem::temp_directory_path() / "roda_dpdk_XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        state.directory = pattern;
        // EAL prefers it to /var/run: so a test can see that nothing stays.
        ::setenv("RUNTIME_DIRECTORY", state.directory.c_str(), 1);
        write_capture(in_directory("sample.pcap"), sample_frames());
        write_capture(in_directory("jumbo.pcap"), jumbo_frames());
        write_capture(in_directory("arp.pcap"), arp_frames());
        make_network();

        EalOptions options;
        options.hugepages = Hugepages::never;
        options.memory_mb = 64;
        using Env = EalEnvironment;
        options.devices = {Env::capture_device(),
                           Env::jumbo_device(),
                           Env::answer_device(),
                           Env::stopped_device(),
                           Env::mtu_device(),
                           Env::large_mtu_device(),
                           Env::buffers_device(),
                           Env::ring_device(),
                           Env::recorded_device(),
                           Env::recorder_buffers_device(),
                           Env::unplugged_device(),
                           Env::missing_device()};
        if (!state.network.empty()) {
            options.devices.push_back(Env::tap_device());
            options.devices.push_back(Env::tap_queues_device());
            options.devices.push_back(Env::tap_events_device());
            options.devices.push_back(Env::tap_stuck_device());
            options.devices.push_back(Env::packet_device());
            options.devices.push_back(Env::packet_queues_device());
            options.devices.push_back(Env::packet_mtu_device());
        }
        const NetworkNamespace scope(state.network);
        state.eal = std::make_unique<Eal>(options);
    }

    void TearDown() override {
        Shared& state = shared();
        state.eal.reset();
        if (!state.network.empty()) {
            run("ip netns del " + state.network);
        }
        std::filesystem::remove_all(state.directory);
    }
};

const auto* const registered = testing::AddGlobalTestEnvironment(new SharedEal);

}  // namespace

std::vector<CapturedFrame> sample_frames() {
    std::vector<CapturedFrame> frames;
    for (std::uint32_t i = 0; i < 100; ++i) {
        CapturedFrame frame;
        frame.seconds = 1'700'000'000 + i / 10;
        frame.microseconds = i * 1'001;
        frame.bytes.resize(60 + (i * 37) % 1'455);
        for (std::size_t at = 0; at < frame.bytes.size(); ++at) {
            frame.bytes[at] = static_cast<std::byte>(at * 7 + i);
        }
        frames.push_back(std::move(frame));
    }
    return frames;
}

std::vector<CapturedFrame> jumbo_frames() {
    std::vector<CapturedFrame> frames(3);
    frames[0].bytes.resize(3'000, std::byte{0x5a});
    frames[1].bytes.resize(12'000, std::byte{0x3c});
    frames[2].bytes.resize(64, std::byte{0xa5});
    return frames;
}

std::vector<CapturedFrame> arp_frames() {
    const std::string question =
        "ffffffffffff 020000000011 0806 0001 0800 06 04 0001 "
        "020000000011 0a090001 000000000000 0a0900";
    std::vector<CapturedFrame> frames(2);
    frames[0].bytes = hex(question + "02");
    frames[1].bytes = hex(question + "03");
    return frames;
}

const Eal& EalEnvironment::eal() {
    return *shared().eal;
}

std::string EalEnvironment::capture_device() {
    return "net_pcap0,rx_pcap=" + in_directory("sample.pcap");
}

std::string EalEnvironment::jumbo_device() {
    return "net_pcap1,rx_pcap=" + in_directory("jumbo.pcap");
}

std::string EalEnvironment::answer_device() {
    return "net_pcap2,rx_pcap=" + in_directory("arp.pcap") + ",tx_pcap=" + answers_path().string();
}

std::filesystem::path EalEnvironment::answers_path() {
    return in_directory("answers.pcap");
}

std::string EalEnvironment::stopped_device() {
    return "net_pcap3,rx_pcap=" + in_directory("sample.pcap");
}

std::string EalEnvironment::mtu_device() {
    return "net_pcap4,rx_pcap=" + in_directory("sample.pcap");
}

std::string EalEnvironment::buffers_device() {
    return "net_pcap5,rx_pcap=" + in_directory("sample.pcap");
}

std::string EalEnvironment::missing_device() {
    return "net_pcap6,rx_pcap=" + in_directory("missing.pcap");
}

std::string EalEnvironment::large_mtu_device() {
    return "net_pcap7,rx_pcap=" + in_directory("jumbo.pcap");
}

std::string EalEnvironment::ring_device() {
    return "net_pcap8,rx_pcap=" + in_directory("sample.pcap");
}

std::string EalEnvironment::unplugged_device() {
    return "net_pcap10,rx_pcap=" + in_directory("sample.pcap");
}

std::string EalEnvironment::recorded_device() {
    return "net_pcap9,rx_pcap=" + in_directory("sample.pcap");
}

std::string EalEnvironment::recorder_buffers_device() {
    return "net_pcap11,rx_pcap=" + in_directory("sample.pcap");
}

std::filesystem::path EalEnvironment::runtime_path() {
    return in_directory("dpdk");
}

const std::string& EalEnvironment::network() {
    return shared().network;
}

const std::string& EalEnvironment::why_no_network() {
    return shared().why_no_network;
}

std::string EalEnvironment::tap_device() {
    return std::string("net_tap0,iface=") + tap_interface;
}

std::string EalEnvironment::packet_device() {
    return std::string("net_af_packet0,iface=") + packet_interface;
}

std::string EalEnvironment::tap_queues_device() {
    return std::string("net_tap1,iface=") + tap_queues_interface;
}

std::string EalEnvironment::tap_events_device() {
    return std::string("net_tap2,iface=") + tap_events_interface;
}

std::string EalEnvironment::tap_stuck_device() {
    return std::string("net_tap3,iface=") + tap_stuck_interface;
}

std::string EalEnvironment::packet_queues_device() {
    return std::string("net_af_packet2,iface=") + packet_queues_interface + ",qpairs=2";
}

std::string EalEnvironment::packet_mtu_device() {
    return std::string("net_af_packet1,iface=") + sender_interface;
}

}  // namespace roda::dpdk::test
