// SPDX-License-Identifier: Apache-2.0
#include "appliance/ingest/devices.hpp"

#include <gtest/gtest.h>

namespace roda::appliance {
namespace {

constexpr proto::IpAddress gateway = proto::IpAddress::v4(10, 77, 0, 2);

SequenceJudgement judge(Devices& devices,
                        std::uint64_t sequence,
                        std::uint32_t boot_id = 1,
                        std::uint64_t device_id = 7) {
    const proto::DatagramHeader header{
        .device_id = device_id, .sequence = sequence, .boot_id = boot_id};
    return devices.judge({.header = header, .source = gateway});
}

TEST(Devices, ConsecutiveSequencesAreInOrder) {
    Devices devices(4);
    for (std::uint64_t sequence = 1; sequence <= 200; ++sequence) {
        EXPECT_EQ(judge(devices, sequence).verdict, SequenceVerdict::in_order) << sequence;
    }
    EXPECT_EQ(devices.size(), 1u);
}

TEST(Devices, AGapTellsHowManyAreMissing) {
    Devices devices(4);
    judge(devices, 10);
    const SequenceJudgement judged = judge(devices, 15);
    EXPECT_EQ(judged.verdict, SequenceVerdict::gap);
    EXPECT_EQ(judged.missing, 4u);
}

TEST(Devices, AMissingOneThatComesLateIsRecoveredOnce) {
    Devices devices(4);
    judge(devices, 10);
    judge(devices, 12);
    const SequenceJudgement late = judge(devices, 11);
    EXPECT_EQ(late.verdict, SequenceVerdict::reordered);
    EXPECT_EQ(late.recovered, 1u);
    EXPECT_EQ(judge(devices, 11).verdict, SequenceVerdict::duplicate);
}

TEST(Devices, OlderThanTheFirstSeenWasNeverMissed) {
    Devices devices(4);
    judge(devices, 10);
    const SequenceJudgement before_first = judge(devices, 9);
    EXPECT_EQ(before_first.verdict, SequenceVerdict::reordered);
    EXPECT_EQ(before_first.recovered, 0u);
}

TEST(Devices, DuplicatesAreFoundOverTheWholeWindow) {
    Devices devices(4);
    for (std::uint64_t sequence = 1; sequence <= 64; ++sequence) {
        judge(devices, sequence);
    }
    for (std::uint64_t sequence = 1; sequence <= 64; ++sequence) {
        EXPECT_EQ(judge(devices, sequence).verdict, SequenceVerdict::duplicate) << sequence;
    }
}

TEST(Devices, AJumpOverTheWindowForgetsOnlyWhatIsOutsideIt) {
    Devices devices(4);
    judge(devices, 1);
    EXPECT_EQ(judge(devices, 1000).missing, 998u);
    EXPECT_EQ(judge(devices, 1000).verdict, SequenceVerdict::duplicate);
    EXPECT_EQ(judge(devices, 937).verdict, SequenceVerdict::reordered);
}

TEST(Devices, AnAbsurdStepForwardIsAnotherCountAndLocksNobodyOut) {
    Devices devices(4);
    judge(devices, 1);
    const SequenceJudgement absurd = judge(devices, ~std::uint64_t{0});
    EXPECT_EQ(absurd.verdict, SequenceVerdict::in_order);
    EXPECT_EQ(absurd.missing, 0u);
    EXPECT_EQ(judge(devices, (std::uint64_t{1} << 20) + 1, 2).verdict, SequenceVerdict::in_order);
    EXPECT_EQ(judge(devices, std::uint64_t{1} << 21, 2).missing, (std::uint64_t{1} << 20) - 2);
}

TEST(Devices, WithBootIdTheVeryOldIsStale) {
    Devices devices(4);
    judge(devices, 100);
    EXPECT_EQ(judge(devices, 36).verdict, SequenceVerdict::stale);
    EXPECT_EQ(judge(devices, 101).verdict, SequenceVerdict::in_order);
}

TEST(Devices, WithoutBootIdTheVeryOldIsARestart) {
    Devices devices(4);
    judge(devices, 100, 0);
    EXPECT_EQ(judge(devices, 1, 0).verdict, SequenceVerdict::in_order);
    EXPECT_EQ(judge(devices, 2, 0).verdict, SequenceVerdict::in_order);
}

TEST(Devices, ANewBootIdIsNoGapAndNoDuplicate) {
    Devices devices(4);
    judge(devices, 50, 1);
    EXPECT_EQ(judge(devices, 50, 2).verdict, SequenceVerdict::in_order);
}

TEST(Devices, DevicesWithoutIdAreToldApartByAddressAlone) {
    Devices devices(4);
    const proto::DatagramHeader header{.device_id = 0, .sequence = 1, .boot_id = 1};
    const proto::IpAddress other = proto::IpAddress::v4(10, 77, 0, 3);
    EXPECT_EQ(devices.judge({.header = header, .source = gateway}).verdict,
              SequenceVerdict::in_order);
    EXPECT_EQ(devices.judge({.header = header, .source = other}).verdict,
              SequenceVerdict::in_order);
    EXPECT_EQ(devices.judge({.header = header, .source = gateway}).verdict,
              SequenceVerdict::duplicate);
}

TEST(Devices, WithoutSequenceADeviceIsKnownAndUntracked) {
    Devices devices(1);
    EXPECT_EQ(judge(devices, 0).verdict, SequenceVerdict::untracked);
    EXPECT_EQ(devices.size(), 1u);
    EXPECT_EQ(judge(devices, 50).verdict, SequenceVerdict::in_order);
    EXPECT_EQ(judge(devices, 0).verdict, SequenceVerdict::untracked);
    EXPECT_EQ(judge(devices, 51).verdict, SequenceVerdict::in_order);
}

TEST(Devices, AFullTableHasNoRoomForNewOnesAndFollowsTheOld) {
    Devices devices(1);
    EXPECT_EQ(judge(devices, 1, 1, 1).verdict, SequenceVerdict::in_order);
    EXPECT_EQ(judge(devices, 1, 1, 2).verdict, SequenceVerdict::no_room);
    EXPECT_EQ(judge(devices, 0, 1, 2).verdict, SequenceVerdict::no_room);
    EXPECT_EQ(judge(devices, 2, 1, 1).verdict, SequenceVerdict::in_order);
    EXPECT_EQ(devices.size(), 1u);
}

}  // namespace
}  // namespace roda::appliance
