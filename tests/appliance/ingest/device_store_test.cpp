// SPDX-License-Identifier: Apache-2.0
// What others see of the devices: each counter, and when.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <limits>
#include <ostream>
#include <stop_token>
#include <thread>

#include "appliance/ingest/devices.hpp"

namespace roda::appliance {

// NOLINTNEXTLINE(readability-identifier-naming): the name that GoogleTest looks for
void PrintTo(const DeviceRecord& record, std::ostream* out) {
    *out << "device " << record.device_id << ", datagrams " << record.datagrams << ", readings "
         << record.readings << ", lost " << record.lost << ", duplicates " << record.duplicates
         << ", stale " << record.stale << ", reordered " << record.reordered << ", seen "
         << record.last_seen_ns << ", offset " << record.clock_offset_ns << ", sequence "
         << record.sequence << ", boot " << record.boot_id << ", restarts " << record.restarts;
}

bool operator==(const DeviceRecord& a, const DeviceRecord& b) {
    return std::memcmp(&a, &b, sizeof(a)) == 0;
}

namespace {

constexpr proto::IpAddress gateway = proto::IpAddress::v4(10, 77, 0, 2);
constexpr std::uint64_t began_ns = 1'700'000'000'000'000'000;

DeviceRecord record_of_device(std::uint64_t device_id) {
    DeviceRecord record{};
    record.device_id = device_id;
    record.source = gateway.bytes;
    return record;
}

/// A table that shows itself in a store of this process.
class DeviceStoreTest : public testing::Test {
  protected:
    void hear(std::uint64_t sequence,
              std::uint32_t boot_id = 1,
              std::uint64_t device_id = 7,
              std::int64_t clock_offset_ns = 0) {
        now_ns_ += 1000;
        const proto::DatagramHeader header{
            .device_id = device_id, .sequence = sequence, .boot_id = boot_id};
        devices_.judge({.header = header,
                        .source = gateway,
                        .receive_ns = now_ns_,
                        .device_ns = now_ns_ + static_cast<std::uint64_t>(clock_offset_ns),
                        .readings = 10});
    }

    DeviceRecord shown(std::uint64_t slot = 0) {
        devices_.show_all();
        return seen(slot).value;
    }

    Snapshot<DeviceRecord> seen(std::uint64_t slot) const { return reader_.read(slot); }

    std::size_t seen_devices() const {
        std::size_t count = 0;
        for (std::uint64_t slot = 0; slot < reader_.slots(); ++slot) {
            count += static_cast<bool>(reader_.read(slot));
        }
        return count;
    }

    DeviceStore store_{{.slots = 1000, .schema = device_record_schema}};
    DeviceReader reader_ = store_.reader();
    Devices devices_{1000};
    std::uint64_t now_ns_ = began_ns;

    void SetUp() override { devices_.show_in(&store_); }
};

TEST_F(DeviceStoreTest, CountsWhatWasAcceptedAndWhatSequenceNumbersSay) {
    for (const std::uint64_t sequence : {10, 11, 15, 12, 12, 16}) {
        hear(sequence);
    }
    DeviceRecord expected = record_of_device(7);
    expected.datagrams = 5;
    expected.readings = 50;
    expected.lost = 2;
    expected.duplicates = 1;
    expected.reordered = 1;
    expected.last_seen_ns = began_ns + 6000;
    expected.sequence = 16;
    expected.boot_id = 1;
    EXPECT_EQ(shown(), expected);
}

TEST_F(DeviceStoreTest, CountsWhatIsTooOldApart) {
    hear(100);
    hear(36);
    DeviceRecord expected = record_of_device(7);
    expected.datagrams = 1;
    expected.readings = 10;
    expected.stale = 1;
    expected.last_seen_ns = began_ns + 2000;
    expected.sequence = 100;
    expected.boot_id = 1;
    EXPECT_EQ(shown(), expected);
}

TEST_F(DeviceStoreTest, ARestartIsCountedAndLosesNothing) {
    hear(100, 1);
    hear(1, 2);
    hear(2, 2);
    DeviceRecord expected = record_of_device(7);
    expected.datagrams = 3;
    expected.readings = 30;
    expected.last_seen_ns = began_ns + 3000;
    expected.sequence = 2;
    expected.boot_id = 2;
    expected.restarts = 1;
    EXPECT_EQ(shown(), expected);
}

TEST_F(DeviceStoreTest, RestartsStayAtTheirMaximum) {
    for (std::uint32_t boot_id = 1; boot_id <= 70'000; ++boot_id) {
        hear(1, boot_id);
    }
    EXPECT_EQ(shown().restarts, std::numeric_limits<std::uint16_t>::max());
}

TEST_F(DeviceStoreTest, WithoutSequenceItStillCountsWhatWasAccepted) {
    hear(0);
    hear(0);
    DeviceRecord expected = record_of_device(7);
    expected.datagrams = 2;
    expected.readings = 20;
    expected.last_seen_ns = began_ns + 2000;
    EXPECT_EQ(shown(), expected);
}

TEST_F(DeviceStoreTest, WithoutTimestampsNothingIsSaidOfTheClock) {
    hear(1);
    EXPECT_EQ(shown().timed, 0);
    EXPECT_EQ(shown().clock_offset_ns, 0);
}

TEST_F(DeviceStoreTest, TheClocksFirstOffsetStandsAndLaterOnesAreAveraged) {
    hear(1, 1, 7, -8'000'000);
    EXPECT_EQ(shown().timed, 1);
    EXPECT_EQ(shown().clock_offset_ns, -8'000'000);
    hear(2, 1, 7, -16'000'000);
    EXPECT_EQ(shown().clock_offset_ns, -9'000'000);
    hear(3, 1, 7, -1'000'000);
    EXPECT_EQ(shown().clock_offset_ns, -8'000'000);
}

TEST_F(DeviceStoreTest, AnAbsurdTimestampNeitherTrapsNorStays) {
    hear(1, 1, 7, std::numeric_limits<std::int64_t>::min());
    hear(2, 1, 7, std::numeric_limits<std::int64_t>::max());
    for (std::uint64_t sequence = 3; sequence < 403; ++sequence) {
        hear(sequence, 1, 7, 5'000);
    }
    EXPECT_NEAR(static_cast<double>(shown().clock_offset_ns), 5'000, 8);
}

TEST_F(DeviceStoreTest, TheSourceIsTheOneOfTheNewestDatagram) {
    const proto::IpAddress other = proto::IpAddress::v4(10, 77, 0, 3);
    const proto::DatagramHeader header{.device_id = 7, .sequence = 1, .boot_id = 1};
    devices_.judge({.header = header, .source = gateway, .receive_ns = began_ns});
    devices_.judge({.header = header, .source = other, .receive_ns = began_ns});
    EXPECT_EQ(shown().source, other.bytes);
}

TEST_F(DeviceStoreTest, SlotsAreInTheOrderOfTheFirstDatagrams) {
    for (const std::uint64_t device_id : {30, 10, 20}) {
        hear(1, 1, device_id);
        hear(2, 1, device_id);
    }
    devices_.show_all();
    EXPECT_EQ(seen_devices(), 3u);
    EXPECT_EQ(seen(0).value.device_id, 30u);
    EXPECT_EQ(seen(1).value.device_id, 10u);
    EXPECT_EQ(seen(2).value.device_id, 20u);
}

TEST_F(DeviceStoreTest, ShowsAtMostSixteenOrAGroupMoreAtATime) {
    for (std::uint64_t device_id = 1; device_id <= 1000; ++device_id) {
        hear(1, 1, device_id);
    }
    devices_.show_some();
    EXPECT_GE(seen_devices(), 16u);
    EXPECT_LT(seen_devices(), 32u);
}

TEST_F(DeviceStoreTest, IsCompleteAfterOneRoundAndThenCostsNothing) {
    for (std::uint64_t device_id = 1; device_id <= 1000; ++device_id) {
        hear(1, 1, device_id);
    }
    for (int turn = 0; turn < 64; ++turn) {
        devices_.show_some();
    }
    EXPECT_EQ(seen_devices(), 1000u);
    const std::uint64_t before = reader_.version(0);
    devices_.show_some();
    devices_.show_all();
    EXPECT_EQ(reader_.version(0), before);
}

TEST_F(DeviceStoreTest, UnderLoadARoundIsSpreadOverATenthOfASecond) {
    for (std::uint64_t device_id = 1; device_id <= 1000; ++device_id) {
        hear(1, 1, device_id);
    }
    std::uint64_t steps = 0;  // of a microsecond
    for (; seen_devices() < 1000 && steps < 400'000; steps += 100) {
        devices_.show_some(began_ns + steps * 1000);
    }
    EXPECT_GT(steps, 50'000u);
    EXPECT_LT(steps, 150'000u);
}

// Ten readings each, one sequence number after the other: so every figure follows from one of them.
TEST_F(DeviceStoreTest, OthersSeeEachDeviceWholeWhileItChanges) {
    constexpr std::uint64_t rounds = 20'000;
    constexpr std::uint64_t devices = 3;
    std::atomic<std::uint64_t> looks = 0;
    std::uint64_t torn = 0;
    std::jthread other([&](const std::stop_token& stop) {
        std::array<std::uint64_t, devices> newest{};
        while (!stop.stop_requested()) {
            for (std::uint64_t slot = 0; slot < devices; ++slot) {
                const Snapshot<DeviceRecord> now = seen(slot);
                if (!now) {
                    continue;
                }
                ++looks;
                const DeviceRecord& record = now.value;
                torn += record.device_id != slot + 1 || record.readings != 10 * record.datagrams ||
                        record.sequence != record.datagrams || record.sequence < newest[slot];
                newest[slot] = record.sequence;
            }
        }
    });
    for (std::uint64_t sequence = 1; sequence <= rounds; ++sequence) {
        for (std::uint64_t device_id = 1; device_id <= devices; ++device_id) {
            hear(sequence, 1, device_id);
            devices_.show_some();
        }
        if (sequence % 1000 == 0) {
            std::this_thread::yield();
        }
    }
    devices_.show_all();
    while (looks == 0) {
        std::this_thread::yield();
    }
    other.request_stop();
    other.join();
    EXPECT_EQ(torn, 0u);
    EXPECT_EQ(seen(2).value.sequence, rounds);
}

TEST(Devices, WithoutAStoreNobodyIsShownAnything) {
    Devices devices(4);
    const proto::DatagramHeader header{.device_id = 7, .sequence = 1, .boot_id = 1};
    devices.judge({.header = header, .source = gateway});
    devices.show_some();
    devices.show_all();
    EXPECT_EQ(devices.size(), 1u);
}

}  // namespace
}  // namespace roda::appliance
