// SPDX-License-Identifier: Apache-2.0
// The one Eal of the test program, with every device that any test opens: DPDK starts once per
// process, and a closed device does not come back.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "dpdk/eal.hpp"
#include "tests/dpdk/capture_file.hpp"

namespace roda::dpdk::test {

/// What capture_device() replays: 100 frames of different sizes, 1,001 microseconds apart.
std::vector<CapturedFrame> sample_frames();

/// What jumbo_device() replays: 3,000 bytes, more than a buffer holds, 12,000, more than any
/// MTU, 64.
std::vector<CapturedFrame> jumbo_frames();

/// What answer_device() replays: an ARP request for 10.9.0.2, then one for 10.9.0.3.
std::vector<CapturedFrame> arp_frames();

class EalEnvironment {
  public:
    static const Eal& eal();

    static std::string capture_device();
    static std::string jumbo_device();
    static std::string answer_device();
    static std::filesystem::path answers_path();  // complete when the device is closed
    static std::string stopped_device();          // replays sample_frames()
    static std::string mtu_device();
    static std::string large_mtu_device();  // replays jumbo_frames()
    static std::string buffers_device();
    static std::string ring_device();       // replays sample_frames()
    static std::string unplugged_device();  // replays sample_frames()
    static std::string recorded_device();   // replays sample_frames()
    static std::string recorder_buffers_device();
    static std::string missing_device();          // its capture does not exist
    static std::filesystem::path runtime_path();  // where EAL would leave its files

    /// The network namespace of the devices below; empty with the reason in why_no_network().
    static const std::string& network();
    static const std::string& why_no_network();
    static std::string tap_device();            // interface tap_interface
    static std::string packet_device();         // af_packet on one end of a veth pair
    static std::string tap_queues_device();     // interface tap_queues_interface
    static std::string packet_queues_device();  // qpairs=2; its peer sends from 10.12.0.1
    static std::string tap_events_device();     // interface tap_events_interface
    static std::string tap_stuck_device();      // interface tap_stuck_interface
    static std::string packet_mtu_device();     // af_packet on the other end; nobody opens it

    static constexpr const char* tap_interface = "rodatap";
    static constexpr const char* tap_queues_interface = "rodatap1";
    static constexpr const char* tap_events_interface = "rodatap2";
    static constexpr const char* tap_stuck_interface = "rodatap3";
    static constexpr const char* sender_interface = "rodaveth1";  // the pair's other end
};

}  // namespace roda::dpdk::test
