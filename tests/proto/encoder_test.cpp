// SPDX-License-Identifier: Apache-2.0
#include "proto/encoder.hpp"

#include <gtest/gtest.h>
#include <telemetry.pb.h>

#include <bit>
#include <random>
#include <string>
#include <vector>

#include "tests/proto/guarded_memory.hpp"
#include "tests/proto/wire_builder.hpp"

namespace roda {
namespace {

using proto::DatagramHeader;
using proto::Form;
using proto::Reading;
using Readings = std::vector<Reading>;

constexpr std::uint64_t base_ns = 1'700'000'000'000'000'000;
constexpr Form forms[] = {Form::columns, Form::narrow, Form::rows};

std::string encode(const DatagramHeader& header, const Readings& readings, Form form) {
    std::vector<std::byte> space(65536);
    const std::size_t bytes = proto::encode_datagram(header, readings, form, space);
    return {reinterpret_cast<const char*>(space.data()), bytes};
}

Readings decode(const std::string& bytes) {
    Readings readings(proto::max_readings_in(bytes.size()));
    const auto decoded =
        proto::decode_datagram(std::as_bytes(std::span(bytes)), base_ns - 1, readings);
    EXPECT_TRUE(decoded.accepted);
    readings.resize(decoded.readings);
    return readings;
}

std::string serialize(const DatagramHeader& header, const Readings& readings, Form form) {
    telemetry::v1::Datagram message;
    message.set_device_id(header.device_id);
    message.set_boot_id(header.boot_id);
    message.set_sequence(header.sequence);
    if (form == Form::narrow && !readings.empty()) {
        message.set_base_time_ns(readings.front().timestamp_ns);
    }
    for (const Reading& reading : readings) {
        if (form == Form::rows) {
            telemetry::v1::Reading* row = message.add_readings();
            row->set_sensor_id(reading.sensor_id);
            row->set_value(reading.value);
            row->set_timestamp_ns(reading.timestamp_ns);
            continue;
        }
        message.add_value(reading.value);
        if (form == Form::columns) {
            message.add_sensor_id(reading.sensor_id);
            message.add_timestamp_ns(reading.timestamp_ns);
        } else {
            const auto delta_ns =
                static_cast<std::int64_t>(reading.timestamp_ns - readings.front().timestamp_ns);
            message.add_short_sensor_id(static_cast<std::uint32_t>(reading.sensor_id));
            message.add_time_offset_us(static_cast<std::int32_t>(delta_ns / 1000));
        }
    }
    return message.SerializeAsString();
}

/// Fits every form: short ids, whole microseconds; zeros are frequent.
Readings random_readings(std::mt19937_64& random, std::size_t n) {
    Readings readings;
    const std::uint64_t values[] = {0, 0x8000'0000'0000'0000, 0x7ff8'0000'0000'0000, random()};
    for (std::size_t i = 0; i < n; ++i) {
        readings.push_back({random() % 3 == 0 ? 0 : random() >> 32,
                            std::bit_cast<double>(values[random() % 4]),
                            base_ns + (random() % 2'000'000 - 1'000'000) * 1000});
    }
    return readings;
}

TEST(Encoder, BytesAreThoseOfLibprotobuf) {
    std::mt19937_64 random(4);
    for (int round = 0; round < 3000; ++round) {
        const DatagramHeader header = {.device_id = random() % 2 * random(),
                                       .sequence = random() % 2 * random(),
                                       .boot_id = static_cast<std::uint32_t>(random() % 2 * 7)};
        const Readings readings = random_readings(random, random() % 70);
        for (const Form form : forms) {
            ASSERT_EQ(encode(header, readings, form), serialize(header, readings, form));
        }
    }
}

TEST(Encoder, LargeColumnsHaveLongerLengths) {
    std::mt19937_64 random(5);
    for (const std::size_t n : {15u, 16u, 31u, 32u, 2047u, 2048u}) {
        const Readings readings = random_readings(random, n);
        for (const Form form : forms) {
            ASSERT_EQ(encode({}, readings, form), serialize({}, readings, form)) << n;
        }
    }
}

TEST(Encoder, EveryFormDecodesToTheSameReadings) {
    const Readings readings = {
        {1, -2.5, base_ns}, {0, 0, base_ns + 1000}, {7, 1e300, base_ns - 5000}};
    for (const Form form : forms) {
        EXPECT_EQ(decode(encode({.device_id = 1}, readings, form)), readings);
    }
}

TEST(Encoder, NarrowTimesAreRoundedDownToMicroseconds) {
    const Readings readings = {{1, 1, base_ns}, {1, 2, base_ns + 1999}, {1, 3, base_ns - 1}};
    const Readings expected = {{1, 1, base_ns}, {1, 2, base_ns + 1000}, {1, 3, base_ns - 1000}};
    EXPECT_EQ(decode(encode({}, readings, Form::narrow)), expected);
}

TEST(Encoder, NarrowRefusesWhatItCannotHold) {
    const auto fits = [](const Reading& second, std::uint64_t first_ns = base_ns) {
        return !encode({}, {{1, 1, first_ns}, second}, Form::narrow).empty();
    };
    constexpr std::uint64_t most_ns = 2'147'483'647'000;
    EXPECT_TRUE(fits({0xffff'ffff, 1, base_ns}));
    EXPECT_FALSE(fits({0x1'0000'0000, 1, base_ns}));
    EXPECT_TRUE(fits({1, 1, base_ns + most_ns + 999}));
    EXPECT_FALSE(fits({1, 1, base_ns + most_ns + 1000}));
    EXPECT_TRUE(fits({1, 1, base_ns - most_ns - 1000}));
    EXPECT_FALSE(fits({1, 1, base_ns - most_ns - 1001}));
    EXPECT_FALSE(fits({1, 1, ~std::uint64_t{0}}, 1));  // no wrapping
    EXPECT_FALSE(fits({1, 1, 1}, ~std::uint64_t{0}));
    EXPECT_FALSE(fits({1, 1, 1}, 0));  // a base of zero is no base
}

TEST(Encoder, SpaceIsNeverExceeded) {
    const DatagramHeader header = {.device_id = 1, .sequence = 2, .boot_id = 3};
    const Readings readings = {{1, 2, base_ns}, {2, 3, base_ns}};
    test::GuardedMemory memory(4096);
    for (const Form form : forms) {
        const std::string whole = encode(header, readings, form);
        for (std::size_t space = 0; space < whole.size(); ++space) {
            ASSERT_EQ(proto::encode_datagram(header, readings, form, memory.last(space)), 0u);
        }
        const auto exact = memory.last(whole.size());
        ASSERT_EQ(proto::encode_datagram(header, readings, form, exact), whole.size());
        EXPECT_EQ(test::to_hex(exact), test::to_hex(std::as_bytes(std::span(whole))));
    }
}

}  // namespace
}  // namespace roda
