// SPDX-License-Identifier: Apache-2.0
// The sender against ordinary sockets on loopback: what it says it sent is what arrived.
#include "appliance/simulator/sender.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <thread>
#include <vector>

#include "pipeline/base/error.hpp"
#include "proto/decoder.hpp"
#include "tests/appliance/simulator/jump_model.hpp"

namespace roda::appliance {
namespace {

/// A UDP socket on a loopback port of the kernel's choice, with room for a whole small run.
class Receiver {
  public:
    Receiver() {
        descriptor_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        const timeval patience{.tv_sec = 0, .tv_usec = 100'000};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        const int room_bytes = 8 << 20;
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &room_bytes, sizeof room_bytes);
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUFFORCE, &room_bytes, sizeof room_bytes);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
        void* const untyped = &address;
        socklen_t address_bytes = sizeof address;
        ::bind(descriptor_, static_cast<sockaddr*>(untyped), address_bytes);
        ::getsockname(descriptor_, static_cast<sockaddr*>(untyped), &address_bytes);
        port_ = ::ntohs(address.sin_port);
    }

    ~Receiver() { ::close(descriptor_); }

    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    std::uint16_t port() const { return port_; }

    /// The next datagram; empty when none comes for 0.1 seconds.
    std::vector<std::byte> receive() const {
        std::vector<std::byte> datagram(2000);
        const ssize_t bytes = ::recv(descriptor_, datagram.data(), datagram.size(), 0);
        datagram.resize(bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
        return datagram;
    }

  private:
    int descriptor_ = -1;
    std::uint16_t port_ = 0;
};

struct Arrived {
    std::uint64_t datagrams = 0;
    std::uint64_t readings = 0;
    std::uint64_t bytes = 0;
    std::uint64_t undecodable = 0;
    std::uint64_t out_of_sequence = 0;
    JumpModel model;
};

/// Everything until the wire is silent after `done` is set.
Arrived receive_all(const Receiver& receiver, const std::atomic<bool>& done) {
    Arrived arrived;
    std::map<std::uint64_t, std::uint64_t> sequences;
    std::array<proto::Reading, 1000> readings{};
    for (;;) {
        const bool last_look = done;
        const auto datagram = receiver.receive();
        if (datagram.empty()) {
            if (last_look) {
                return arrived;
            }
            continue;
        }
        ++arrived.datagrams;
        arrived.bytes += datagram.size();
        const proto::Decoded decoded = proto::decode_datagram(datagram, 0, readings);
        arrived.undecodable += decoded.accepted ? 0 : 1;
        arrived.readings += decoded.readings;
        const bool in_sequence = decoded.header.sequence == ++sequences[decoded.header.device_id];
        arrived.out_of_sequence += in_sequence ? 0 : 1;
        for (const proto::Reading& reading : std::span(readings).first(decoded.readings)) {
            arrived.model.take(reading);
        }
    }
}

struct Outcome {
    SendSummary sent;
    Arrived arrived;
};

Outcome run(const SendOptions& options, const Receiver& receiver, const std::atomic<bool>& stop) {
    std::atomic<bool> done = false;
    auto receiving = std::async(std::launch::async, [&] { return receive_all(receiver, done); });
    const SendSummary sent = run_gateways(options, stop);
    done = true;
    return {sent, receiving.get()};
}

void expect_exact(const Outcome& outcome) {
    EXPECT_EQ(outcome.arrived.datagrams, outcome.sent.datagrams);
    EXPECT_EQ(outcome.arrived.readings, outcome.sent.readings);
    EXPECT_EQ(outcome.arrived.bytes, outcome.sent.bytes);
    EXPECT_EQ(outcome.arrived.model.transitions.size(), outcome.sent.alerts_expected);
    EXPECT_EQ(outcome.arrived.undecodable, 0u);
    EXPECT_EQ(outcome.arrived.out_of_sequence, 0u);
    EXPECT_FALSE(outcome.arrived.model.anything_fires());
    EXPECT_EQ(outcome.sent.send_errors, 0u);
}

class SenderForms : public testing::TestWithParam<proto::Form> {};

TEST_P(SenderForms, WhatItSaysItSentArrivesAndCausesTheExpectedAlerts) {
    const Receiver receiver;
    const std::atomic<bool> stop = false;

    const Outcome outcome = run({.host = "127.0.0.1",
                                 .port = receiver.port(),
                                 .sensors = 100,
                                 .rate = 50'000,
                                 .seconds = 1.0,
                                 .readings_per_datagram = 40,
                                 .form = GetParam(),
                                 .anomalies_per_second = 100},
                                receiver,
                                stop);

    expect_exact(outcome);
    // Never more than the rate gives; less only where this machine stalls, which a long run repays.
    EXPECT_LE(outcome.sent.readings, 50'000u + 8 * 40 + 100);
    EXPECT_GT(outcome.sent.readings, 5'000u);
    EXPECT_GE(outcome.sent.seconds, 1.0);
    EXPECT_GT(outcome.sent.alerts_expected, 10u);
}

INSTANTIATE_TEST_SUITE_P(All,
                         SenderForms,
                         testing::Values(proto::Form::columns,
                                         proto::Form::narrow,
                                         proto::Form::rows));

TEST(Sender, StoppedEarlyItStillEndsEveryAnomaly) {
    const Receiver receiver;
    std::atomic<bool> stop = false;
    std::jthread stopper([&stop] {
        std::this_thread::sleep_for(std::chrono::milliseconds(1'000));
        stop = true;
    });

    const Outcome outcome = run({.host = "127.0.0.1",
                                 .port = receiver.port(),
                                 .sensors = 40,
                                 .rate = 50'000,
                                 .seconds = 0,
                                 .anomalies_per_second = 2000},
                                receiver,
                                stop);

    expect_exact(outcome);
    EXPECT_LT(outcome.sent.seconds, 5.0);
    EXPECT_GT(outcome.sent.alerts_expected, 100u);
}

TEST(Sender, WithoutAnomaliesNothingIsExpected) {
    const Receiver receiver;
    const std::atomic<bool> stop = false;

    const Outcome outcome = run({.host = "127.0.0.1",
                                 .port = receiver.port(),
                                 .rate = 50'000,
                                 .seconds = 0.2,
                                 .anomalies_per_second = 0},
                                receiver,
                                stop);

    expect_exact(outcome);
    EXPECT_EQ(outcome.sent.alerts_expected, 0u);
    EXPECT_EQ(outcome.arrived.model.sensors(), 1000u);
}

TEST(Sender, RefusedDatagramsAreCountedAndSendingGoesOn) {
    std::uint16_t closed_port = 0;
    {
        const Receiver receiver;
        closed_port = receiver.port();
    }
    const std::atomic<bool> stop = false;

    const SendSummary sent = run_gateways(
        {.host = "127.0.0.1", .port = closed_port, .rate = 50'000, .seconds = 1.0}, stop);

    EXPECT_GT(sent.send_errors, 10u);
    EXPECT_GT(sent.readings, 5'000u);
    EXPECT_EQ(sent.last_error, "Connection refused");
}

TEST(Sender, WritesThePlantedTransitionsAsJsonLines) {
    const Receiver receiver;
    const std::atomic<bool> stop = false;
    const auto path = std::filesystem::temp_directory_path() /
                      ("roda_planted_" + std::to_string(::getpid()) + ".jsonl");

    const Outcome outcome = run({.host = "127.0.0.1",
                                 .port = receiver.port(),
                                 .sensors = 100,
                                 .rate = 50'000,
                                 .seconds = 0.2,
                                 .anomalies_per_second = 100,
                                 .planted_path = path.string()},
                                receiver,
                                stop);

    std::vector<std::string> expected;
    for (const auto& transition : outcome.arrived.model.transitions) {
        expected.push_back("{\"sensor_id\":" + std::to_string(transition.sensor_id) +
                           ",\"rule\":\"" + transition.rule + "\",\"transition\":\"" +
                           (transition.firing ? "firing" : "resolved") +
                           "\",\"event_ns\":" + std::to_string(transition.event_ns) + "}");
    }
    std::vector<std::string> lines;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        lines.push_back(line);
    }
    std::filesystem::remove(path);
    // Loopback delivers in order of emission, over all gateways.
    EXPECT_EQ(lines, expected);
    EXPECT_GT(lines.size(), 0u);
}

TEST(Sender, SaysWhatIsWrongWithItsTargetAndItsFile) {
    const std::atomic<bool> stop = false;
    const auto message = [&stop](const SendOptions& options) -> std::string {
        try {
            run_gateways(options, stop);
        } catch (const StartupError& error) {
            return error.what();
        }
        return "";
    };

    EXPECT_THAT(message({.host = "256.0.0.1.invalid"}),
                testing::StartsWith("256.0.0.1.invalid: cannot resolve the target: "));
    EXPECT_THAT(message({.host = "127.0.0.1", .planted_path = "/nowhere/planted"}),
                testing::StartsWith("/nowhere/planted: cannot write the planted transitions: "
                                    "No such file or directory"));
    EXPECT_THAT(message({.host = "127.0.0.1", .sensors = 1}),
                testing::HasSubstr("each of the 4 gateways needs at least one"));
}

TEST(SendSummary, IsOneJsonObject) {
    const SendSummary summary{.datagrams = 1,
                              .readings = 2,
                              .bytes = 3,
                              .send_errors = 4,
                              .alerts_expected = 5,
                              .seconds = 1.5,
                              .last_error = "Connection refused"};
    EXPECT_EQ(summary.to_json(),
              R"({"datagrams":1,"readings":2,"bytes":3,"send_errors":4,"alerts_expected":5,)"
              R"("seconds":1.500,"last_error":"Connection refused"})");
}

}  // namespace
}  // namespace roda::appliance
