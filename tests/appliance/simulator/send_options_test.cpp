// SPDX-License-Identifier: Apache-2.0
#include "appliance/simulator/send_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <vector>

#include "pipeline/base/error.hpp"

namespace roda::appliance {
namespace {

std::string fault_of(const SendOptions& options) {
    try {
        check(options);
    } catch (const StartupError& error) {
        return error.what();
    }
    return "";
}

TEST(SendOptions, DefaultsNeedOnlyATarget) {
    EXPECT_EQ(fault_of({.host = "127.0.0.1"}), "");
    EXPECT_EQ(fault_of({}), "roda send: no target: give the address of Roda's port");
}

TEST(SendOptions, EveryFaultIsTold) {
    const std::string faults =
        fault_of({.host = "127.0.0.1",
                  .port = 0,
                  .sensors = 3,
                  .gateways = 4,
                  .rate = 0,
                  .seconds = -1,
                  .readings_per_datagram = 60,
                  .newborn_share = std::numeric_limits<double>::quiet_NaN()});

    EXPECT_EQ(faults,
              "roda send: port is 0: give 1 to 65535\n"
              "roda send: sensors is 3: each of the 4 gateways needs at least one\n"
              "roda send: readings per datagram is 60: give 1 to 59, what a packet holds "
              "unfragmented in this form\n"
              "roda send: rate is 0.000000: give more than 0 and at most 1000000 readings per "
              "second and gateway\n"
              "roda send: seconds is -1.000000: give 0 to run until stopped, or up to 1000000000\n"
              "roda send: anomalies per second is 2.000000: give 0 for none, or at most the rate\n"
              "roda send: newborn share is nan: give 0 to 0.5");
}

TEST(SendOptions, NarrowFormHoldsOnly32BitIds) {
    SendOptions options{.host = "::1", .sensors = 1000, .first_sensor_id = 4'294'966'296};
    options.form = proto::Form::narrow;
    EXPECT_EQ(fault_of(options), "");
    ++options.first_sensor_id;
    EXPECT_THAT(fault_of(options), testing::HasSubstr("ids run from 1 to 4294967295"));
    options.form = proto::Form::columns;
    EXPECT_EQ(fault_of(options), "");
}

TEST(SendOptions, TheMostReadingsOfAFormFitAPacketAndOneMoreDoesNot) {
    constexpr std::size_t payload_bytes = 1500 - 40 - 8;
    for (const proto::Form form : {proto::Form::columns, proto::Form::narrow, proto::Form::rows}) {
        const std::size_t most = max_readings_per_datagram(form);
        const std::vector<proto::Reading> readings(
            most + 1, {.sensor_id = 1, .value = 2, .timestamp_ns = 1'700'000'000'000'000'000});
        std::array<std::byte, payload_bytes> out{};
        const proto::DatagramHeader header{.device_id = 1, .sequence = 1, .boot_id = 1};

        EXPECT_GT(proto::encode_datagram(header, std::span(readings).first(most), form, out), 0u);
        EXPECT_EQ(proto::encode_datagram(header, readings, form, out), 0u);
    }
}

}  // namespace
}  // namespace roda::appliance
