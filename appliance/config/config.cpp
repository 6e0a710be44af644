// SPDX-License-Identifier: Apache-2.0
// One function per section of the file; the order here is the order of deploy/README.md.
#include "appliance/config/config.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>

#include "appliance/config/config_forms.hpp"
#include "appliance/config/rule_keys.hpp"
#include "appliance/config/text_file.hpp"
#include "appliance/config/yaml_reader.hpp"

namespace roda::appliance {

namespace {

constexpr auto any_u16 = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint64_t most_journal_records = std::uint64_t{1} << 28;
constexpr std::uint32_t spare_buffers = 64;  // for the burst in hand

void read_process(MappingReader& root, Config& config) {
    const Choice<dpdk::Hugepages> hugepages({{"automatic", dpdk::Hugepages::automatic},
                                             {"require", dpdk::Hugepages::require},
                                             {"never", dpdk::Hugepages::never}});
    root.bind("instance", config.instance, instance_name());
    root.bind("node", config.node, Whole(0, any_u16));
    root.bind("hugepages", config.hugepages, hugepages);
    root.bind("memory_mb", config.memory_mb, Whole(16, 1'048'576, "MiB"));
    root.bind_list("eal_args", config.eal_args, eal_argument());
}

// A frame is in one buffer from the queue to the release; a queue that may hold them all starves.
void check_buffers(MappingReader& reader, const dpdk::PortOptions& options) {
    const std::uint32_t least = options.rx_descriptors + spare_buffers;
    if (options.buffers < least) {
        reader.report({"buffers", "rx_descriptors"},
                      "is " + std::to_string(options.buffers) +
                          ", give at least port.rx_descriptors + " + std::to_string(spare_buffers) +
                          " = " + std::to_string(least));
    }
}

template <typename T>
void check_distinct(MappingReader& reader, std::string_view key, const std::vector<T>& items) {
    for (auto item = items.begin(); item != items.end(); ++item) {
        if (std::find(items.begin(), item, *item) != item) {
            reader.report_item(key,
                               static_cast<std::size_t>(item - items.begin()),
                               "is in the list already, keep it once");
        }
    }
}

void read_port(MappingReader& port, PortConfig& config) {
    const Choice<dpdk::ChecksumPolicy> checksum({{"automatic", dpdk::ChecksumPolicy::automatic},
                                                 {"hardware", dpdk::ChecksumPolicy::hardware},
                                                 {"software", dpdk::ChecksumPolicy::software},
                                                 {"trust", dpdk::ChecksumPolicy::trust}});
    const Choice<dpdk::Spread> spread(
        {{"addresses", dpdk::Spread::addresses}, {"tuple", dpdk::Spread::tuple}});
    dpdk::PortOptions& options = config.options;
    port.bind("device", options.device, device_name(), Presence::required);
    if (port.bind_list("addresses", options.addresses, HostLiteral())) {
        check_distinct(port, "addresses", options.addresses);
    }
    if (port.bind_list("groups", options.groups, GroupLiteral())) {
        check_distinct(port, "groups", options.groups);
        if (!options.groups.empty() && options.addresses.empty()) {
            port.report({"groups"},
                        "needs port.addresses: without them every destination is taken and no "
                        "query for groups is answered");
        }
    }
    port.bind("mtu", options.mtu, Whole(576, 9000, "bytes"));
    port.bind("queues", options.queues, Whole(1, max_shards, "queues"));
    port.bind("spread", options.spread, spread);
    const bool descriptors =
        port.bind("rx_descriptors", options.rx_descriptors, Whole(64, 32'768, "frames"));
    const bool buffers = port.bind("buffers", options.buffers, Whole(128, 16'777'216, "frames"));
    if (descriptors && buffers) {
        check_buffers(port, options);
    }
    port.bind("promiscuous", options.promiscuous, Flag());
    port.bind("checksum", options.checksum, checksum);
    port.bind("reassembly", options.reassembly.enabled, Flag());
    port.bind("reassembly_datagrams", options.reassembly.datagrams, Whole(1, 1024, "datagrams"));
    port.bind("reassembly_patience_ms", options.reassembly.patience_ms, Whole(1, 60'000, "ms"));
    port.bind("exception_interface", options.exception_interface, interface_name());
    port.bind("network_namespace", config.network_namespace, namespace_name());
}

void read_ingest(MappingReader& ingest, IngestConfig& config) {
    ingest.bind("udp_port", config.udp_port, Whole(1, any_u16));
    ingest.bind("max_devices", config.max_devices, Whole(1, 1'048'576, "devices"));
    ingest.bind("max_future_skew_ms", config.max_future_skew_ms, Whole(0, 86'400'000, "ms"));
    const Choice<FuturePolicy> policies(
        {{"refuse", FuturePolicy::refuse}, {"clamp", FuturePolicy::clamp}});
    ingest.bind("on_future", config.on_future, policies);
}

// A core for each queue's shard, or two: for its ingest and its detection.
void check_cores(MappingReader& reader, std::size_t cores, std::size_t queues) {
    if (cores == 0 || cores == queues || cores == 2 * queues) {
        return;
    }
    const std::string what = "has " + std::to_string(cores) + " items, ";
    if (queues == 1) {
        reader.report({"cores"}, what + "give none, 1, or 2: ingest, detection");
        return;
    }
    const std::string count = std::to_string(queues);
    reader.report({"cores"},
                  what + "with port.queues " + count + " give none, " + count + ", or " +
                      std::to_string(2 * queues) + ": ingest, detection of each queue in turn");
}

void read_pipeline(MappingReader& pipeline, PipelineConfig& config, std::size_t queues) {
    constexpr std::uint64_t last_core = 1023;  // what a CPU set of glibc holds
    const Choice<Partition> partition(
        {{"gateway", Partition::gateway}, {"sensor", Partition::sensor}});
    if (pipeline.bind_list("cores", config.cores, Whole(0, last_core))) {
        check_distinct(pipeline, "cores", config.cores);
        check_cores(pipeline, config.cores.size(), queues);
    }
    pipeline.bind("partition", config.partition, partition);
    pipeline.bind("max_sensors", config.max_sensors, Whole(1, 67'108'864, "sensors"));
    pipeline.bind(
        "journal_records", config.journal_records, Whole(1024, most_journal_records, "readings"));
    pipeline.bind("ewma_weight", config.ewma_weight, Real(1e-6, 1.0));
    pipeline.bind("max_alarms", config.max_alarms, Whole(1, 16'777'216, "alarms"));
    pipeline.bind("max_rule_sets", config.max_rule_sets, Whole(1, 1'048'576, "sets"));
    pipeline.bind("window_memory_mb", config.window_memory_mb, Whole(1, 1'048'576, "MiB"));
}

// What the recorder holds is not there to receive with.
void check_recorder_buffers(MappingReader& reader, const dpdk::PortOptions& port) {
    const std::uint64_t least =
        std::uint64_t{port.rx_descriptors} + spare_buffers + port.recorder_frames;
    if (port.recorder_frames != 0 && port.buffers < least) {
        reader.report({"frames"},
                      "is " + std::to_string(port.recorder_frames) + " and port.buffers " +
                          std::to_string(port.buffers) +
                          ", give port.buffers at least port.rx_descriptors + " +
                          std::to_string(spare_buffers) +
                          " + recorder.frames = " + std::to_string(least));
    }
}

void read_recorder(MappingReader& recorder, RecorderConfig& config, dpdk::PortOptions& port) {
    if (recorder.bind("frames", port.recorder_frames, Whole(0, 4'194'304, "frames"))) {
        check_recorder_buffers(recorder, port);
    }
    recorder.bind("directory", config.directory, absolute_path());
    recorder.bind("quiet_seconds", config.quiet_seconds, Whole(0, 86'400, "s"));
    recorder.bind("files", config.files, Whole(1, 10'000, "files"));
}

void read_inventory(MappingReader& inventory, InventoryConfig& config) {
    inventory.bind("file", config.file, file_path());
}

void read_alerts(MappingReader& alerts, AlertsConfig& config) {
    alerts.bind("directory", config.directory, absolute_path());
    alerts.bind(
        "journal_records", config.journal_records, Whole(1024, most_journal_records, "alerts"));
}

void read_metrics(MappingReader& metrics, MetricsConfig& config) {
    metrics.bind("address", config.address, listen_address());
    metrics.bind("port", config.port, Whole(0, any_u16));
    metrics.bind("active_series", config.active_series, Whole(0, 100'000, "series"));
}

void read_config(MappingReader& root, Config& config) {
    read_process(root, config);
    root.section("port", [&](MappingReader& port) { read_port(port, config.port); });
    root.section("ingest", [&](MappingReader& ingest) { read_ingest(ingest, config.ingest); });
    config.port.options.ingest_port = config.ingest.udp_port;
    root.section("pipeline", [&](MappingReader& pipeline) {
        read_pipeline(pipeline, config.pipeline, config.port.options.queues);
    });
    root.section("recorder", [&](MappingReader& recorder) {
        read_recorder(recorder, config.recorder, config.port.options);
    });
    root.section("inventory",
                 [&](MappingReader& inventory) { read_inventory(inventory, config.inventory); });
    read_rules(root,
               config.rules,
               {.recorder = config.port.options.recorder_frames != 0,
                .inventory = !config.inventory.file.empty()});
    root.section("alerts", [&](MappingReader& alerts) { read_alerts(alerts, config.alerts); });
    root.section("metrics", [&](MappingReader& metrics) { read_metrics(metrics, config.metrics); });
}

}  // namespace

Config parse_config(const std::string& text, const std::string& file_name) {
    Config config;
    read_yaml(text, file_name, [&](MappingReader& root) { read_config(root, config); });
    if (!config.inventory.file.empty()) {
        const std::filesystem::path here = std::filesystem::path(file_name).parent_path();
        config.inventory.file = (here / config.inventory.file).string();
    }
    return config;
}

Config load_config(const std::string& path) {
    return parse_config(read_text_file(path), path);
}

std::vector<KeyInfo> config_keys() {
    Config defaults;
    return list_keys([&](MappingReader& root) { read_config(root, defaults); });
}

}  // namespace roda::appliance
