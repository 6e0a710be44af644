// SPDX-License-Identifier: Apache-2.0
// Buffers for frames: enough to receive with, and for the flight recorder besides.
#include <gtest/gtest.h>

#include "tests/appliance/config/faults.hpp"

namespace roda::appliance {
namespace {

TEST(Config, NeedsMoreBuffersThanDescriptors) {
    EXPECT_EQ(faults("port: {device: x, rx_descriptors: 4096, buffers: 4159}\n"),
              "c.yaml:1:50: port.buffers is 4159, give at least port.rx_descriptors + 64 = 4160");
    EXPECT_EQ(faults("port: {device: x, rx_descriptors: 8192}\n"),
              "c.yaml:1:35: port.buffers is 8192, give at least port.rx_descriptors + 64 = 8256");
    EXPECT_EQ(faults("port: {device: x, rx_descriptors: 4096, buffers: 4160}\n"), "no fault");
}

TEST(Config, NeedsBuffersForTheRecorderAsWell) {
    const std::string port = "port: {device: x, rx_descriptors: 4096, buffers: 8192}\n";
    EXPECT_EQ(faults(port + "recorder: {frames: 4032}\n"), "no fault");
    EXPECT_EQ(faults(port + "recorder: {frames: 4033}\n"),
              "c.yaml:2:20: recorder.frames is 4033 and port.buffers 8192, give port.buffers at "
              "least port.rx_descriptors + 64 + recorder.frames = 8193");
}

TEST(Config, NeedsARecorderForARuleThatRecords) {
    const std::string device = "port: {device: net_null0}\n";
    const std::string rules = "rules: [{name: a, kind: jump, record: true}]\n";
    EXPECT_EQ(faults(device + "recorder: {frames: 1}\n" + rules), "no fault");
    EXPECT_EQ(faults(device + rules),
              "c.yaml:2:39: rules[0].record needs a flight recorder, give recorder.frames");
}

}  // namespace
}  // namespace roda::appliance
