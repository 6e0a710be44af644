// SPDX-License-Identifier: Apache-2.0
// What `roda status` says of the devices: from the ingest that follows them, through the files, to
// the page and the JSON object.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "appliance/exporter/status_board.hpp"
#include "appliance/exporter/status_reader.hpp"
#include "appliance/exporter/status_text.hpp"
#include "appliance/ingest/devices.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/base/error.hpp"
#include "tests/appliance/exporter/sample.hpp"
#include "tests/pipeline/temporary_directory.hpp"

namespace roda::appliance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr proto::IpAddress gateway = proto::IpAddress::v4(10, 77, 0, 2);
constexpr proto::IpAddress gateway_v6 = {{0xfd, 0x77, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}};
constexpr std::uint64_t second_ns = 1'000'000'000;

/// An instance of two queues whose devices were heard just now.
class StatusDevices : public testing::Test {
  protected:
    static constexpr std::uint32_t max_devices = 8;

    StatusDevices() { start(); }

    // As a run does: the files of the one before are taken over.
    void start() {
        board_.reset();
        board_ = std::make_unique<StatusBoard>(config_, queues_.size());
        for (std::size_t queue = 0; queue < queues_.size(); ++queue) {
            queues_[queue].show_in(&board_->devices(queue));
        }
        show();
    }

    void hear(std::uint64_t device_id,
              std::uint64_t sequence,
              std::size_t queue = 0,
              const proto::IpAddress& source = gateway,
              std::uint64_t ago_ns = 0) {
        const proto::DatagramHeader header{
            .device_id = device_id, .sequence = sequence, .boot_id = 1};
        const SequenceJudgement judged = queues_[queue].judge({.header = header,
                                                               .source = source,
                                                               .receive_ns = now_ns_ - ago_ns,
                                                               .device_ns = now_ns_ - ago_ns,
                                                               .readings = 10});
        status_.ledger.ingest.devices_refused += judged.verdict == SequenceVerdict::no_room;
    }

    void show() {
        for (Devices& queue : queues_) {
            queue.show_all();
        }
        board_->show(status_);
    }

    StatusPicture picture() {
        show();
        return read_status(directory_.path(), config_.instance);
    }

    static std::vector<std::string> names(const std::vector<DeviceRecord>& devices) {
        std::vector<std::string> all;
        for (const DeviceRecord& device : devices) {
            all.push_back(device_name(device));
        }
        return all;
    }

    static Config config_in(const std::string& directory) {
        Config config = sample_config();
        config.ingest.max_devices = max_devices;
        config.alerts.directory = directory;
        return config;
    }

    TemporaryDirectory directory_;
    Config config_ = config_in(directory_.path());
    Status status_ = [] {
        Status status = sample_status();
        status.shards.resize(2);
        return status;
    }();
    std::vector<Devices> queues_ = [] {
        std::vector<Devices> queues;
        queues.emplace_back(max_devices);
        queues.emplace_back(max_devices);
        return queues;
    }();
    std::unique_ptr<StatusBoard> board_;
    std::uint64_t now_ns_ = unix_now_ns();
};

TEST_F(StatusDevices, ADeviceIsKnownByItsIdOrElseByItsAddress) {
    hear(7, 1);
    hear(7, 2, 0, gateway_v6);  // another address, the same device
    hear(0, 1, 0, gateway);
    hear(0, 1, 0, gateway_v6);
    EXPECT_THAT(names(picture().devices), ElementsAre("10.77.0.2", "fd77::2", "7"));
    EXPECT_EQ(picture().devices_max, 2u * max_devices);
}

TEST_F(StatusDevices, ADeviceHeardOnTwoQueuesIsOneWithTheSumsOfBoth) {
    for (const std::uint64_t sequence : {1, 5, 5}) {
        hear(7, sequence, 0, gateway, 2 * second_ns);
    }
    for (const std::uint64_t sequence : {10, 12, 11, 14}) {
        hear(7, sequence, 1, gateway_v6, second_ns);
    }
    const StatusPicture seen = picture();
    ASSERT_EQ(seen.devices.size(), 1u);
    const DeviceRecord& device = seen.devices[0];
    EXPECT_EQ(device.datagrams, 6u);
    EXPECT_EQ(device.readings, 60u);
    EXPECT_EQ(device.lost, 4u);
    EXPECT_EQ(device.duplicates, 1u);
    EXPECT_EQ(device.reordered, 1u);
    EXPECT_EQ(device.sequence, 14u);
    EXPECT_EQ(device.source, gateway_v6.bytes);
    EXPECT_EQ(device.last_seen_ns, now_ns_ - second_ns);
}

TEST_F(StatusDevices, TheTopTalkersAreThoseWithTheMostDatagrams) {
    for (const std::uint64_t device_id : {3, 1, 2, 3, 2, 3, 4}) {
        hear(device_id, 0);
    }
    hear(4, 1);
    hear(4, 9);
    const std::vector<DeviceRecord> devices = picture().devices;
    EXPECT_THAT(names(top_devices(devices, &DeviceRecord::datagrams, 3)),
                ElementsAre("3", "4", "2"));
    EXPECT_THAT(names(top_devices(devices, &DeviceRecord::datagrams, 99)),
                ElementsAre("3", "4", "2", "1"));
    EXPECT_THAT(names(top_devices(devices, &DeviceRecord::lost, 99)), ElementsAre("4"));
}

TEST_F(StatusDevices, TheSilentAreListedTheLongestSilentFirst) {
    hear(1, 1, 0, gateway, 100 * second_ns);
    hear(2, 1, 0, gateway, 200 * second_ns);
    hear(3, 1);
    EXPECT_THAT(names(silent_devices(picture(), 60 * second_ns)), ElementsAre("2", "1"));
    EXPECT_THAT(names(silent_devices(picture(), 150 * second_ns)), ElementsAre("2"));
}

TEST_F(StatusDevices, ThePageShowsThemAndWhatThereWasNoRoomFor) {
    for (std::uint64_t device_id = 1; device_id <= max_devices + 3; ++device_id) {
        hear(device_id, 1, 0, gateway, 120 * second_ns);
    }
    for (const std::uint64_t sequence : {2, 6, 4, 4}) {
        hear(5, sequence);
    }
    const std::string text = to_text(picture(), {.top = 2, .silence_ns = 60 * second_ns});
    EXPECT_THAT(text,
                HasSubstr("\ndevices   8 of at most 16; 7 silent for more than 1 min; "
                          "3 datagrams of devices beyond\n"));
    EXPECT_THAT(text, testing::ContainsRegex("most datagrams +source +datagrams +readings +lost"));
    EXPECT_THAT(text,
                testing::ContainsRegex("\n  5 +10\\.77\\.0\\.2 +4 +40 +2 +1 +0 +1 +0 +- +[^\n]+\n"
                                       "  1 +10\\.77\\.0\\.2 +1 +10 +0"));
    EXPECT_THAT(text, HasSubstr("\nmost lost"));
    EXPECT_THAT(text, HasSubstr("\nsilent longest"));
    EXPECT_THAT(text, Not(HasSubstr("\n  9 ")));
}

TEST_F(StatusDevices, TheJsonObjectHasTheSame) {
    hear(5, 2);
    hear(5, 4);
    const std::string json = to_json(picture(), {});
    EXPECT_THAT(
        json,
        HasSubstr("\"devices\":{\"followed\":1,\"max\":16,\"silent\":0,\"most_datagrams\":["
                  "{\"device_id\":5,\"source\":\"10.77.0.2\",\"datagrams\":2,\"readings\":20,"
                  "\"lost\":1,\"duplicates\":0,\"stale\":0,\"reordered\":0,\"restarts\":0,"
                  "\"sequence\":4,\"boot_id\":1,\"last_seen_ns\":" +
                  std::to_string(now_ns_) + "}],\"most_lost\":[{\"device_id\":5,"));
    EXPECT_THAT(json, HasSubstr("\"silent_longest\":[]"));
}

TEST_F(StatusDevices, OfOneThatHasEndedTheLastFiguresStay) {
    hear(5, 2);
    show();
    board_->show_end(status_);
    const StatusPicture seen = read_status(directory_.path(), config_.instance);
    EXPECT_FALSE(seen.alive);
    EXPECT_THAT(not_running(seen), HasSubstr("is not running: it stopped at "));
    EXPECT_THAT(names(seen.devices), ElementsAre("5"));
}

TEST_F(StatusDevices, ANewRunBeginsWithNone) {
    hear(5, 2);
    show();
    queues_[0] = Devices(max_devices);
    queues_[1] = Devices(max_devices);
    start();
    EXPECT_TRUE(picture().alive);
    EXPECT_TRUE(picture().devices.empty());
}

TEST_F(StatusDevices, AnInstanceThatNeverRanIsAnError) {
    EXPECT_THROW(read_status(directory_.path(), "another"), StartupError);
}

}  // namespace
}  // namespace roda::appliance
