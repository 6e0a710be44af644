// SPDX-License-Identifier: Apache-2.0
// Roda's own keys: defaults, values, checks across keys, and the errors of the file itself.
#include "appliance/config/config.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "pipeline/base/error.hpp"
#include "tests/appliance/config/faults.hpp"

namespace roda::appliance {
namespace {

std::string load_error(const std::string& path) {
    try {
        load_config(path);
    } catch (const StartupError& error) {
        return error.what();
    }
    return "no fault";
}

// The rest of a valid file stands on the first line, so that faults are on the next ones.
std::string with_device(const std::string& text) {
    return "port: {device: net_null0}\n" + text;
}

TEST(Config, NeedsOnlyTheDevice) {
    const Config config = parse_config("port: {device: net_null0}\n", "c.yaml");
    EXPECT_EQ(config.instance, "default");
    EXPECT_EQ(config.node, 0);
    EXPECT_EQ(config.hugepages, dpdk::Hugepages::automatic);
    EXPECT_EQ(config.memory_mb, 128U);
    EXPECT_TRUE(config.eal_args.empty());
    EXPECT_EQ(config.port.options.device, "net_null0");
    EXPECT_TRUE(config.port.options.addresses.empty());
    EXPECT_TRUE(config.port.options.groups.empty());
    EXPECT_EQ(config.port.options.mtu, 1500);
    EXPECT_EQ(config.port.options.queues, 1);
    EXPECT_EQ(config.port.options.spread, dpdk::Spread::addresses);
    EXPECT_EQ(config.port.options.rx_descriptors, 1024);
    EXPECT_EQ(config.port.options.buffers, 8192U);
    EXPECT_FALSE(config.port.options.promiscuous);
    EXPECT_EQ(config.port.options.checksum, dpdk::ChecksumPolicy::automatic);
    EXPECT_TRUE(config.port.options.reassembly.enabled);
    EXPECT_EQ(config.port.options.reassembly.datagrams, 64U);
    EXPECT_EQ(config.port.options.reassembly.patience_ms, 500U);
    EXPECT_EQ(config.port.options.exception_interface, "");
    EXPECT_EQ(config.port.network_namespace, "");
    EXPECT_EQ(config.ingest.udp_port, 17750);
    EXPECT_EQ(config.ingest.max_devices, 4096U);
    EXPECT_EQ(config.ingest.max_future_skew_ms, 0U);
    EXPECT_EQ(config.ingest.on_future, FuturePolicy::refuse);
    EXPECT_TRUE(config.pipeline.cores.empty());
    EXPECT_EQ(config.pipeline.partition, Partition::gateway);
    EXPECT_EQ(config.pipeline.max_sensors, 65'536U);
    EXPECT_EQ(config.pipeline.journal_records, 1'048'576U);
    EXPECT_EQ(config.pipeline.ewma_weight, 0.1);
    EXPECT_EQ(config.pipeline.max_alarms, 65'536U);
    EXPECT_EQ(config.pipeline.max_rule_sets, 16'384U);
    EXPECT_EQ(config.pipeline.window_memory_mb, 16U);
    EXPECT_EQ(config.port.options.recorder_frames, 0U);
    EXPECT_EQ(config.recorder.directory, "/var/lib/roda");
    EXPECT_EQ(config.recorder.quiet_seconds, 60U);
    EXPECT_EQ(config.recorder.files, 16U);
    EXPECT_EQ(config.inventory.file, "");
    EXPECT_TRUE(config.rules.empty());
    EXPECT_EQ(config.alerts.directory, "/dev/shm/roda");
    EXPECT_EQ(config.alerts.journal_records, 65'536U);
    EXPECT_EQ(config.metrics.address, "0.0.0.0");
    EXPECT_EQ(config.metrics.port, 17751);
    EXPECT_EQ(config.metrics.active_series, 1000U);
}

TEST(Config, ReadsEveryKey) {
    const Config config = parse_config(
        "instance: plant_3\nnode: 65535\nhugepages: never\nmemory_mb: 64\n"
        "eal_args: [--log-level=8, -n2]\n"
        "port: {device: '0000:3b:00.0', addresses: [192.0.2.1@100, '2001:db8::1'], mtu: 9000,\n"
        "  groups: [239.1.2.3@7, 'ff05::2'],\n"
        "  queues: 2, spread: tuple, rx_descriptors: 64, buffers: 137, promiscuous: true, "
        "checksum: trust,\n"
        "  reassembly: false, reassembly_datagrams: 7, reassembly_patience_ms: 80,\n"
        "  exception_interface: roda-x0, network_namespace: gw}\n"
        "ingest: {udp_port: 1, max_devices: 2, max_future_skew_ms: 3, on_future: clamp}\n"
        "pipeline: {cores: [3, 2], max_sensors: 5, journal_records: 1024, ewma_weight: 1,\n"
        "  max_alarms: 6, max_rule_sets: 7, window_memory_mb: 8}\n"
        "recorder: {frames: 9, directory: /tmp/r, quiet_seconds: 0, files: 1}\n"
        "inventory: {file: /etc/i.csv}\n"
        "rules:\n- {name: r_1, kind: jump}\n"
        "- {name: m, kind: jump, of: mean, ratio: 1.5, severity: critical, record: true}\n"
        "alerts: {directory: /tmp/a, journal_records: 2048}\n"
        "metrics: {address: '::1', port: 0, active_series: 0}\n",
        "c.yaml");
    EXPECT_EQ(config.instance, "plant_3");
    EXPECT_EQ(config.node, 65'535);
    EXPECT_EQ(config.hugepages, dpdk::Hugepages::never);
    EXPECT_EQ(config.memory_mb, 64U);
    EXPECT_EQ(config.eal_args, (std::vector<std::string>{"--log-level=8", "-n2"}));
    EXPECT_EQ(config.port.options.device, "0000:3b:00.0");
    const std::vector<proto::HostAddress> addresses = {
        {proto::IpAddress::v4(192, 0, 2, 1), 100},
        proto::IpAddress{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}};
    EXPECT_EQ(config.port.options.addresses, addresses);
    const std::vector<proto::HostAddress> groups = {
        {proto::IpAddress::v4(239, 1, 2, 3), 7},
        proto::IpAddress{{0xff, 0x05, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}}};
    EXPECT_EQ(config.port.options.groups, groups);
    EXPECT_EQ(config.port.options.mtu, 9000);
    EXPECT_EQ(config.port.options.queues, 2);
    EXPECT_EQ(config.port.options.spread, dpdk::Spread::tuple);
    EXPECT_EQ(config.port.options.rx_descriptors, 64);
    EXPECT_EQ(config.port.options.buffers, 137U);
    EXPECT_TRUE(config.port.options.promiscuous);
    EXPECT_EQ(config.port.options.checksum, dpdk::ChecksumPolicy::trust);
    EXPECT_FALSE(config.port.options.reassembly.enabled);
    EXPECT_EQ(config.port.options.reassembly.datagrams, 7U);
    EXPECT_EQ(config.port.options.reassembly.patience_ms, 80U);
    EXPECT_EQ(config.port.options.exception_interface, "roda-x0");
    EXPECT_EQ(config.port.network_namespace, "gw");
    EXPECT_EQ(config.ingest.udp_port, 1);
    EXPECT_EQ(config.port.options.ingest_port, 1);
    EXPECT_EQ(config.ingest.max_devices, 2U);
    EXPECT_EQ(config.ingest.max_future_skew_ms, 3U);
    EXPECT_EQ(config.ingest.on_future, FuturePolicy::clamp);
    EXPECT_EQ(config.pipeline.cores, (std::vector<std::uint32_t>{3, 2}));
    EXPECT_EQ(config.pipeline.max_sensors, 5U);
    EXPECT_EQ(config.pipeline.journal_records, 1024U);
    EXPECT_EQ(config.pipeline.ewma_weight, 1.0);
    EXPECT_EQ(config.pipeline.max_alarms, 6U);
    EXPECT_EQ(config.pipeline.max_rule_sets, 7U);
    EXPECT_EQ(config.pipeline.window_memory_mb, 8U);
    EXPECT_EQ(config.port.options.recorder_frames, 9U);
    EXPECT_EQ(config.recorder.directory, "/tmp/r");
    EXPECT_EQ(config.recorder.quiet_seconds, 0U);
    EXPECT_EQ(config.recorder.files, 1U);
    EXPECT_EQ(config.inventory.file, "/etc/i.csv");
    ASSERT_EQ(config.rules.size(), 2U);  // more of them: rule_keys_test.cpp
    EXPECT_EQ(config.rules[0].name, "r_1");
    EXPECT_EQ(config.rules[1].name, "m");
    EXPECT_TRUE(config.rules[1].record);
    EXPECT_EQ(config.alerts.directory, "/tmp/a");
    EXPECT_EQ(config.alerts.journal_records, 2048U);
    EXPECT_EQ(config.metrics.address, "::1");
    EXPECT_EQ(config.metrics.port, 0);
    EXPECT_EQ(config.metrics.active_series, 0U);
}

TEST(Config, ReportsEveryFaultOfTheFileAtOnce) {
    EXPECT_EQ(faults("instance: Plant 3\n"
                     "port:\n"
                     "  devise: net_tap0\n"
                     "  mtu: 100\n"
                     "ingest:\n"
                     "  udp_port: 70000\n"
                     "rules:\n"
                     "  - {name: Jump, ratio: 0.9}\n"),
              "c.yaml:1:11: instance is Plant 3, give 1 to 32 characters of a-z, 0-9, _ and -\n"
              "c.yaml:2:1: port.device is missing, give a PCI address (0000:3b:00.0) or a virtual "
              "device (net_tap0,iface=roda0)\n"
              "c.yaml:3:3: unknown key port.devise, did you mean port.device?\n"
              "c.yaml:4:8: port.mtu is 100, give a whole number of bytes from 576 to 9000\n"
              "c.yaml:6:13: ingest.udp_port is 70000, give a whole number from 1 to 65535\n"
              "c.yaml:8:5: rules[0].kind is missing, give limits, rate, jump, deviation, flatline, "
              "quality, absence, group\n"
              "c.yaml:8:12: rules[0].name is Jump, give 1 to 31 characters of a-z, 0-9 and _, a "
              "letter first\n"
              "c.yaml:8:25: rules[0].ratio is 0.9, give a number of at least 1");
}

TEST(Config, NeedsADeviceWithAName) {
    const std::string advice =
        "give a PCI address (0000:3b:00.0) or a virtual device (net_tap0,iface=roda0)";
    EXPECT_EQ(faults(""), "c.yaml:1:1: port.device is missing, " + advice);
    EXPECT_EQ(faults("port:\n"), "c.yaml:1:1: port.device is missing, " + advice);
    EXPECT_EQ(faults("port: {device: \"\"}\n"), "c.yaml:1:16: port.device is \"\", " + advice);
}

TEST(Config, TakesOnlyAddressesOfThisHost) {
    EXPECT_EQ(
        faults("port:\n  device: x\n  addresses:\n  - 10.0.0.1/24\n  - 10.0.0.256\n  - 0.0.0.0\n"
               "  - gateway\n  - fe80::1%eth0\n  - '::'\n  - [10.0.0.1]\n"),
        "c.yaml:4:5: port.addresses[0] is 10.0.0.1/24, give the address alone: 10.0.0.1\n"
        "c.yaml:5:5: port.addresses[1] is 10.0.0.256, give an IPv4 or IPv6 address\n"
        "c.yaml:6:5: port.addresses[2] is 0.0.0.0, give an address of this port, or leave the list "
        "empty to take every destination\n"
        "c.yaml:7:5: port.addresses[3] is gateway, give an IPv4 or IPv6 address\n"
        "c.yaml:8:5: port.addresses[4] is fe80::1%eth0, give an IPv4 or IPv6 address\n"
        "c.yaml:9:5: port.addresses[5] is \"::\", give an address of this port, or leave the list "
        "empty to take every destination\n"
        "c.yaml:10:5: port.addresses[6] is a list, give an IPv4 or IPv6 address");
    const std::string vlan = ", give the VLAN as a number from 1 to 4094: 10.0.0.1@100";
    EXPECT_EQ(faults("port: {device: x, addresses: [10.0.0.1@0, 10.0.0.1@4095, 10.0.0.1@x]}\n"),
              "c.yaml:1:31: port.addresses[0] is 10.0.0.1@0" + vlan +
                  "\nc.yaml:1:43: port.addresses[1] is 10.0.0.1@4095" + vlan +
                  "\nc.yaml:1:58: port.addresses[2] is 10.0.0.1@x" + vlan);
    EXPECT_EQ(faults("port: {device: x, addresses: [10.0.0.1, 10.0.0.1@7, 10.0.0.1@8]}\n"),
              "no fault");
    EXPECT_EQ(faults("port: {device: x, addresses: [10.0.0.1, 10.0.0.2, 10.0.0.1]}\n"),
              "c.yaml:1:51: port.addresses[2] is in the list already, keep it once");
}

TEST(Config, TellsGroupsFromAddresses) {
    EXPECT_EQ(
        faults(
            "port:\n  device: x\n  addresses: [10.0.0.1, 239.1.2.3, 'ff02::9@7']\n"
            "  groups: [239.1.2.3, 10.0.0.2, 'fe80::1', 239.1.2.3/32, 239.1.2.3@0, 239.1.2.3]\n"),
        "c.yaml:3:25: port.addresses[1] is 239.1.2.3, move it to port.groups: it is a multicast "
        "group\n"
        "c.yaml:3:36: port.addresses[2] is \"ff02::9@7\", move it to port.groups: it is a "
        "multicast "
        "group\n"
        "c.yaml:4:23: port.groups[1] is 10.0.0.2, give a multicast group (224.0.0.0/4 or "
        "ff00::/8); "
        "addresses of this port are in port.addresses\n"
        "c.yaml:4:33: port.groups[2] is \"fe80::1\", give a multicast group (224.0.0.0/4 or "
        "ff00::/8); "
        "addresses of this port are in port.addresses\n"
        "c.yaml:4:44: port.groups[3] is 239.1.2.3/32, give the address alone: 239.1.2.3\n"
        "c.yaml:4:58: port.groups[4] is 239.1.2.3@0, give the VLAN as a number from 1 to 4094: "
        "239.1.2.3@100");
    EXPECT_EQ(faults("port: {device: x, addresses: [10.0.0.1], groups: [239.1.2.3, 239.1.2.3]}\n"),
              "c.yaml:1:62: port.groups[1] is in the list already, keep it once");
    EXPECT_EQ(faults("port: {device: x, groups: [239.1.2.3]}\n"),
              "c.yaml:1:27: port.groups needs port.addresses: without them every destination is "
              "taken and no query for groups is answered");
}

TEST(Config, TakesACoreOrTwoForEachQueueEachOnce) {
    EXPECT_EQ(faults(with_device("pipeline: {cores: [1, 1]}\n")),
              "c.yaml:2:23: pipeline.cores[1] is in the list already, keep it once");
    EXPECT_EQ(faults(with_device("pipeline: {cores: [1, 2, 3]}\n")),
              "c.yaml:2:19: pipeline.cores has 3 items, give none, 1, or 2: ingest, detection");
    const std::string three_queues = "port: {device: net_null0, queues: 3}\n";
    for (const char* cores : {"[]", "[1, 2, 3]", "[1, 2, 3, 4, 5, 6]"}) {
        EXPECT_EQ(faults(three_queues + "pipeline: {cores: " + cores + "}\n"), "no fault");
    }
    for (const char* cores : {"[1]", "[1, 2]", "[1, 2, 3, 4]", "[1, 2, 3, 4, 5, 6, 7]"}) {
        EXPECT_NE(faults(three_queues + "pipeline: {cores: " + cores + "}\n")
                      .find(" items, with port.queues 3 give none, 3, or 6: ingest, detection of "
                            "each queue in turn"),
                  std::string::npos)
            << cores;
    }
}

TEST(Config, TakesAPartition) {
    EXPECT_EQ(
        parse_config(with_device("pipeline: {partition: sensor}\n"), "c.yaml").pipeline.partition,
        Partition::sensor);
    EXPECT_EQ(faults(with_device("pipeline: {partition: key}\n")),
              "c.yaml:2:23: pipeline.partition is key, give one of gateway, sensor");
}

TEST(Config, FindsTheInventoryBesideItself) {
    const std::string text = with_device("inventory: {file: lists/i.csv}\n");
    EXPECT_EQ(parse_config(text, "/etc/roda/c.yaml").inventory.file, "/etc/roda/lists/i.csv");
    EXPECT_EQ(parse_config(text, "c.yaml").inventory.file, "lists/i.csv");
    EXPECT_EQ(faults(with_device("inventory: {file: lists/}\n")),
              "c.yaml:2:19: inventory.file is lists/, give a path without spaces, from the folder "
              "of this file if it does not begin with /, or \"\"");
}

TEST(Config, ChecksNamesAndPaths) {
    EXPECT_EQ(faults("instance: " + std::string(33, 'a') +
                     "\neal_args: ['', 'a b']\n"
                     "port: {device: x, network_namespace: ../gw}\n"
                     "alerts: {directory: shm/roda}\n"
                     "metrics: {address: localhost}\n"),
              "c.yaml:1:11: instance is aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, give 1 to 32 characters "
              "of a-z, 0-9, _ and -\n"
              "c.yaml:2:12: eal_args[0] is \"\", give one argument without spaces\n"
              "c.yaml:2:16: eal_args[1] is \"a b\", give one argument without spaces\n"
              "c.yaml:3:38: port.network_namespace is ../gw, give a name from `ip netns list`, or "
              "\"\"\n"
              "c.yaml:4:21: alerts.directory is shm/roda, give a path that begins with /, without "
              "spaces\n"
              "c.yaml:5:20: metrics.address is localhost, give an IPv4 or IPv6 address");
}

TEST(Config, TakesOnlyNamesThatAnInterfaceCanHave) {
    const auto fault_of = [](const std::string& name) {
        return faults("port: {device: x, exception_interface: '" + name + "'}\n");
    };
    EXPECT_EQ(fault_of("roda-exceptions"), "no fault");
    EXPECT_EQ(
        fault_of("roda-exceptions0"),
        "c.yaml:1:40: port.exception_interface is \"roda-exceptions0\", give at most 15 characters "
        "without spaces, /, : and %, or \"\"");
    for (const std::string name : {"a b", "a/b", "a:1", "tap%d", ".", ".."}) {
        EXPECT_NE(fault_of(name), "no fault") << name;
    }
}

struct Bound {
    std::string section;  // empty: the top
    std::string key;
    std::string least;
    std::string below;
    std::string most;
    std::string above;
};

TEST(Config, HoldsEveryBound) {
    const std::vector<Bound> bounds = {
        {"", "node", "0", "-1", "65535", "65536"},
        {"", "memory_mb", "16", "15", "1048576", "1048577"},
        {"port", "mtu", "576", "575", "9000", "9001"},
        {"port", "queues", "1", "0", "64", "65"},
        {"port", "rx_descriptors", "64", "63", "8128", "32769"},
        {"port", "buffers", "1088", "127", "16777216", "16777217"},
        {"port", "reassembly_datagrams", "1", "0", "1024", "1025"},
        {"port", "reassembly_patience_ms", "1", "0", "60000", "60001"},
        {"ingest", "udp_port", "1", "0", "65535", "65536"},
        {"ingest", "max_devices", "1", "0", "1048576", "1048577"},
        {"ingest", "max_future_skew_ms", "0", "-1", "86400000", "86400001"},
        {"pipeline", "max_sensors", "1", "0", "67108864", "67108865"},
        {"pipeline", "journal_records", "1024", "1023", "268435456", "268435457"},
        {"pipeline", "ewma_weight", "2e-6", "1e-6", "1", "1.0001"},
        {"pipeline", "max_alarms", "1", "0", "16777216", "16777217"},
        {"pipeline", "max_rule_sets", "1", "0", "1048576", "1048577"},
        {"pipeline", "window_memory_mb", "1", "0", "1048576", "1048577"},
        {"recorder", "quiet_seconds", "0", "-1", "86400", "86401"},
        {"recorder", "files", "1", "0", "10000", "10001"},
        {"alerts", "journal_records", "1024", "1023", "268435456", "268435457"},
        {"metrics", "port", "0", "-1", "65535", "65536"},
        {"metrics", "active_series", "0", "-1", "100000", "100001"},
    };
    for (const Bound& bound : bounds) {
        const auto file = [&](const std::string& value) {
            const std::string pair = bound.key + ": " + value;
            if (bound.section == "port") {
                return "port: {device: x, " + pair + "}\n";
            }
            return with_device(bound.section.empty() ? pair : bound.section + ": {" + pair + "}\n");
        };
        EXPECT_EQ(faults(file(bound.least)), "no fault") << bound.key;
        EXPECT_EQ(faults(file(bound.most)), "no fault") << bound.key;
        EXPECT_NE(faults(file(bound.below)), "no fault") << bound.key;
        EXPECT_NE(faults(file(bound.above)), "no fault") << bound.key;
    }
}

TEST(ConfigFile, SaysWhyItCannotBeRead) {
    EXPECT_EQ(load_error("/nonexistent/roda.yaml"),
              "/nonexistent/roda.yaml: cannot read the file: No such file or directory (check the "
              "path; deploy/roda.yaml is an example to start from)");
    EXPECT_EQ(load_error("/"), "/: cannot read the file: Is a directory (give the file itself)");
    EXPECT_EQ(load_error("/dev/zero"),
              "/dev/zero: the file is larger than 16 MiB (give a smaller one)");
}

TEST(ConfigFile, NamesItselfInEveryFault) {
    std::string path = std::filesystem::temp_directory_path() / "roda-config-XXXXXX";
    const int descriptor = mkstemp(path.data());
    ASSERT_GE(descriptor, 0);
    close(descriptor);
    std::ofstream(path) << "port: {device: x}\nnode: x\nnoode: 1\n";
    const std::string message = load_error(path);
    std::filesystem::remove(path);
    EXPECT_EQ(message,
              path + ":2:7: node is x, give a whole number from 0 to 65535\n" + path +
                  ":3:1: unknown key noode, did you mean node?");
}

}  // namespace
}  // namespace roda::appliance
