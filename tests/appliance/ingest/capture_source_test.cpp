// SPDX-License-Identifier: Apache-2.0
#include "appliance/ingest/capture_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/base/error.hpp"
#include "tests/support/capture_builder.hpp"
#include "tests/support/frame_builder.hpp"

namespace roda {
namespace {

using appliance::CaptureSource;
using proto::ChecksumVerdict;
using proto::FrameView;
using test::Bytes;
using test::CaptureBuilder;
using test::CaptureFormat;
using ::testing::HasSubstr;

constexpr std::uint64_t start_ns = 1'700'000'000'123'456'789;
constexpr std::uint64_t start_whole_us_ns = 1'700'000'000'123'456'000;

/// A file of its own for each test, gone afterwards.
class CaptureSourceTest : public ::testing::Test {
  protected:
    ~CaptureSourceTest() override { std::filesystem::remove(path_); }

    CaptureSource open(const CaptureBuilder& capture, std::size_t missing = 0) {
        capture.write(path_, missing);
        return CaptureSource(path_);
    }

    std::string error(const std::string& path) {
        try {
            CaptureSource source(path);
        } catch (const StartupError& fault) {
            EXPECT_EQ(fault.where(), path);
            EXPECT_FALSE(fault.hint().empty());
            return fault.what();
        }
        return "no error";
    }

    const std::string path_ = (std::filesystem::temp_directory_path() /
                               ("roda_capture_" + std::to_string(::getpid()) + "_" +
                                ::testing::UnitTest::GetInstance()->current_test_info()->name()))
                                  .string();
};

std::vector<FrameView> drain(CaptureSource& source) {
    std::vector<FrameView> all;
    std::array<FrameView, 64> burst;
    while (const std::size_t count = source.poll(burst)) {
        all.insert(all.end(), burst.begin(), burst.begin() + static_cast<std::ptrdiff_t>(count));
        source.release();
    }
    return all;
}

TEST_F(CaptureSourceTest, EveryFormatGivesTheSameFrames) {
    const Bytes first = test::telemetry_frame(test::bytes_of("one"));
    const Bytes second = test::telemetry_frame(test::bytes_of("two and more"));
    for (const bool big_endian : {false, true}) {
        for (const bool nanoseconds : {false, true}) {
            CaptureBuilder capture({.big_endian = big_endian, .nanoseconds = nanoseconds});
            capture.add(first, start_ns).add(second, start_ns + 1'000'000'000);
            CaptureSource source = open(capture);
            EXPECT_EQ(source.frames(), 2u);
            const std::vector<FrameView> frames = drain(source);
            ASSERT_EQ(frames.size(), 2u);
            EXPECT_TRUE(std::ranges::equal(frames[0].bytes, first));
            EXPECT_EQ(frames[0].wire_bytes, first.size());
            EXPECT_EQ(frames[0].receive_ns, start_whole_us_ns);
            EXPECT_EQ(frames[0].checksum, ChecksumVerdict::unknown);
            EXPECT_TRUE(std::ranges::equal(frames[1].bytes, second));
            EXPECT_EQ(frames[1].wire_bytes, second.size());
            EXPECT_EQ(frames[1].receive_ns, start_whole_us_ns + 1'000'000'000);
            EXPECT_FALSE(source.truncated());
        }
    }
}

TEST_F(CaptureSourceTest, BurstsAreBoundedAndInOrder) {
    CaptureBuilder capture;
    for (int i = 0; i < 75; ++i) {
        capture.add(test::bytes_of({i}), start_ns);
    }
    CaptureSource source = open(capture);
    std::array<FrameView, 64> burst;
    int next = 0;
    for (const std::size_t asked : {64u, 5u, 0u, 64u, 64u, 64u}) {
        const std::size_t expected =
            std::min({asked, std::size_t{32}, 75 - static_cast<std::size_t>(next)});
        ASSERT_EQ(source.poll(std::span(burst).first(asked)), expected);
        for (std::size_t i = 0; i < expected; ++i) {
            ASSERT_EQ(burst[i].bytes[0], static_cast<std::byte>(next++));
        }
        source.release();
    }
    EXPECT_EQ(next, 75);
    EXPECT_EQ(source.poll(burst), 0u);
}

TEST_F(CaptureSourceTest, EmptyCaptureHasNoFrames) {
    const CaptureSource source = open(CaptureBuilder());
    EXPECT_EQ(source.frames(), 0u);
    EXPECT_FALSE(source.truncated());
}

TEST_F(CaptureSourceTest, FileCutInsideARecordKeepsTheCompleteOnes) {
    const Bytes frame = test::telemetry_frame(test::bytes_of("payload"));
    CaptureBuilder capture;
    capture.add(frame, start_ns).add(frame, start_ns);
    for (const std::size_t missing :
         {std::size_t{1}, frame.size(), frame.size() + 1, frame.size() + 15}) {
        const CaptureSource source = open(capture, missing);
        ASSERT_EQ(source.frames(), 1u) << missing;
        ASSERT_TRUE(source.truncated()) << missing;
    }
    EXPECT_FALSE(open(capture, frame.size() + 16).truncated());
}

TEST_F(CaptureSourceTest, AbsurdRecordLengthEndsTheCapture) {
    CaptureBuilder capture;
    capture.add(Bytes(10), start_ns).add(Bytes(262'145), start_ns).add(Bytes(10), start_ns);
    const CaptureSource source = open(capture);
    EXPECT_EQ(source.frames(), 1u);
    EXPECT_TRUE(source.truncated());
}

TEST_F(CaptureSourceTest, FramesCutByTheCaptureAreTruncated) {
    const Bytes frame = test::telemetry_frame(Bytes(100));
    CaptureBuilder capture({.snapshot_bytes = 64});
    capture.add(std::span(frame).first(64), start_ns, frame.size()).add(frame, start_ns);
    CaptureSource source = open(capture);
    const std::vector<FrameView> frames = drain(source);
    ASSERT_EQ(frames.size(), 2u);
    for (const FrameView& cut : frames) {
        EXPECT_EQ(cut.bytes.size(), 64u);
        EXPECT_EQ(cut.wire_bytes, 64u);
        EXPECT_EQ(proto::parse_frame(cut, {}).refusal, proto::FrameRefusal::truncated);
    }
}

TEST_F(CaptureSourceTest, NobodyIsAnswered) {
    CaptureBuilder capture;
    capture.add(test::ethernet(test::ethertype_arp, test::arp(1)), start_ns);
    CaptureSource source = open(capture);
    EXPECT_FALSE(source.answer(drain(source).at(0)));
}

TEST_F(CaptureSourceTest, WhatIsNoEthernetCaptureIsAStartupError) {
    EXPECT_THAT(error(path_), HasSubstr("No such file"));
    EXPECT_THAT(error(std::filesystem::temp_directory_path()), HasSubstr("cannot read"));

    CaptureBuilder({.link_type = 113}).write(path_);
    EXPECT_THAT(error(path_), HasSubstr("link type 113 is not Ethernet"));

    const CaptureBuilder capture;
    for (const std::size_t missing : {1u, 20u, 21u, 24u}) {
        capture.write(path_, missing);
        EXPECT_THAT(error(path_), HasSubstr("not a pcap file")) << missing;
    }
    std::ofstream(path_) << "devices: []\nrules: []\nmore text than a header\n";
    EXPECT_THAT(error(path_), HasSubstr("not a pcap file"));
    std::ofstream(path_) << "\x0a\x0d\x0d\x0a and so on, with more than a header";
    EXPECT_THAT(error(path_), HasSubstr("not a pcap file, nor a pcapng file"));
}

TEST_F(CaptureSourceTest, CheckSequenceBitsBesideTheLinkTypeAreIgnored) {
    EXPECT_EQ(open(CaptureBuilder({.link_type = 0x2400'0001})).frames(), 0u);
}

}  // namespace
}  // namespace roda
