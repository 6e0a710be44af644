// SPDX-License-Identifier: Apache-2.0
// Everything an operator can set, as plain values with their defaults.
// The YAML keys are these names; deploy/README.md and deploy/rules.md have the reference.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "appliance/config/key_info.hpp"
#include "appliance/config/rule.hpp"
#include "dpdk/eal.hpp"
#include "dpdk/port.hpp"

namespace roda::appliance {

struct PortConfig {
    dpdk::PortOptions options;
    std::string network_namespace;  // open the device inside this `ip netns`; empty: our own
};

/// What becomes of a reading that is further ahead of its arrival than max_future_skew_ms.
enum class FuturePolicy : std::uint8_t {
    refuse,  // its datagram is
    clamp,   // its time becomes that of its arrival
};

struct IngestConfig {
    std::uint16_t udp_port = 17750;
    std::uint32_t max_devices = 4096;      // whose sequence numbers are followed, of each queue
    std::uint32_t max_future_skew_ms = 0;  // that a reading may be ahead of its arrival; 0: any
    FuturePolicy on_future = FuturePolicy::refuse;
};

/// And so queues of the port, and lanes of the alert journal.
inline constexpr std::uint16_t max_shards = 64;

/// Which shard keeps a sensor, where the port has several queues: a shard for each.
enum class Partition : std::uint8_t {
    gateway,  // the one whose queue the reading came to: shards share nothing
    sensor,   // always the same one, whichever queue it came to
};

struct PipelineConfig {
    std::vector<std::uint32_t> cores;  // none: unpinned; one for each queue: fused; two for each:
                                       // ingest, detection
    Partition partition = Partition::gateway;
    std::uint32_t max_sensors = 65'536;         // of each shard
    std::uint32_t journal_records = 1'048'576;  // readings, of each shard; rounded up to a power of
                                                // two that holds a burst of 32 full datagrams
    double ewma_weight = 0.1;                   // of the newest value, (0, 1]
    std::uint32_t max_alarms = 65'536;          // that are not at rest, of each shard
    std::uint32_t max_rule_sets = 16'384;       // distinct sets of rules that sensors match, of
                                                // each shard
    std::uint32_t window_memory_mb = 16;        // MiB for windows, of each shard
};

/// The flight recorder: port.options.recorder_frames of each queue are kept; 0: there is none.
struct RecorderConfig {
    std::string directory = "/var/lib/roda";  // of DIRECTORY/INSTANCE.frames.TIME.pcapng
    std::uint32_t quiet_seconds = 60;         // from one file that a rule asked for to the next
    std::uint32_t files = 16;                 // that are kept, the newest
};

struct InventoryConfig {
    std::string file;  // the sensors that there are supposed to be; empty: not known
};

struct AlertsConfig {
    std::string directory = "/dev/shm/roda";  // lanes are DIRECTORY/INSTANCE.alerts.SHARD
    std::uint32_t journal_records = 65'536;   // rounded up to a power of two
};

struct MetricsConfig {
    std::string address = "0.0.0.0";
    std::uint16_t port = 17751;
    std::uint32_t active_series = 1000;  // bound of roda_alert_active
};

struct Config {
    std::string instance = "default";  // [a-z0-9_-]{1,32}
    std::uint16_t node = 0;            // in the NetId64 of each alert
    dpdk::Hugepages hugepages = dpdk::Hugepages::automatic;
    std::uint32_t memory_mb = 128;
    std::vector<std::string> eal_args;
    PortConfig port;
    IngestConfig ingest;
    PipelineConfig pipeline;
    RecorderConfig recorder;
    InventoryConfig inventory;
    std::vector<Rule> rules;
    AlertsConfig alerts;
    MetricsConfig metrics;
};

/// Reads and checks a whole config file.
///
/// Errors: StartupError whose what() holds every fault found, one per line, each as
/// `FILE:LINE:COLUMN: what, and what to do`.
Config load_config(const std::string& path);

/// The same for text at hand; `file_name` stands in the messages, and paths of the file that are
/// relative begin where it is.
Config parse_config(const std::string& text, const std::string& file_name);

/// Every key with its unit, default and range, in the order of the reference.
std::vector<KeyInfo> config_keys();

}  // namespace roda::appliance
