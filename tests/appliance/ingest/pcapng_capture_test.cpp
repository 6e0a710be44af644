// SPDX-License-Identifier: Apache-2.0
#include "appliance/ingest/pcapng_capture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "pipeline/base/error.hpp"

namespace roda::appliance {
namespace {

using Bytes = std::vector<std::byte>;
using ::testing::HasSubstr;

/// The blocks of a file, in either byte order.
class PcapngBuilder {
  public:
    explicit PcapngBuilder(bool big_endian = false) { section(big_endian); }

    PcapngBuilder& section(bool big_endian) {
        big_endian_ = big_endian;
        Bytes body;
        put(body, 0x1a2b3c4d, 4);
        put(body, 1, 2);
        put(body, 0, 2);
        put(body, ~0ull, 8);
        return block(0x0a0d0d0a, body);
    }

    PcapngBuilder& interface(std::uint32_t link_type, std::uint32_t snapshot, Bytes options = {}) {
        Bytes body;
        put(body, link_type, 2);
        put(body, 0, 2);
        put(body, snapshot, 4);
        body.insert(body.end(), options.begin(), options.end());
        return block(1, body);
    }

    Bytes option(std::uint16_t code, std::uint64_t value, std::size_t bytes) const {
        Bytes body;
        put(body, code, 2);
        put(body, bytes, 2);
        put(body, value, bytes);
        body.resize((body.size() + 3) / 4 * 4);
        return body;
    }

    PcapngBuilder& frame(std::uint32_t interface,
                         std::uint64_t ticks,
                         const std::string& content,
                         std::size_t says = 0) {
        Bytes body;
        put(body, interface, 4);
        put(body, ticks >> 32, 4);
        put(body, ticks & 0xffff'ffff, 4);
        put(body, says != 0 ? says : content.size(), 4);
        put(body, content.size(), 4);
        const auto bytes = std::as_bytes(std::span(content));
        body.insert(body.end(), bytes.begin(), bytes.end());
        body.resize((body.size() + 3) / 4 * 4);
        return block(6, body);
    }

    PcapngBuilder& block(std::uint32_t type, const Bytes& body) {
        put(all, type, 4);
        put(all, body.size() + 12, 4);
        all.insert(all.end(), body.begin(), body.end());
        put(all, body.size() + 12, 4);
        return *this;
    }

    Bytes all;

  private:
    void put(Bytes& to, std::uint64_t value, std::size_t width) const {
        for (std::size_t i = 0; i < width; ++i) {
            const std::size_t at = big_endian_ ? width - 1 - i : i;
            to.push_back(static_cast<std::byte>(value >> (8 * at)));
        }
    }

    bool big_endian_ = false;
};

struct Frame {
    std::string content;
    std::uint64_t receive_ns;

    friend bool operator==(const Frame&, const Frame&) = default;
};

std::vector<Frame> frames_of(const CapturedFrames& captured) {
    std::vector<Frame> frames;
    for (const auto& view : captured.frames) {
        EXPECT_EQ(view.wire_bytes, view.bytes.size());
        EXPECT_EQ(view.checksum, proto::ChecksumVerdict::unknown);
        const auto* const text = reinterpret_cast<const char*>(view.bytes.data());
        frames.push_back({{text, view.bytes.size()}, view.receive_ns});
    }
    return frames;
}

std::vector<Frame> read(const PcapngBuilder& file) {
    const CapturedFrames captured = read_pcapng(file.all, "f");
    EXPECT_FALSE(captured.truncated);
    return frames_of(captured);
}

std::string error(const Bytes& bytes) {
    try {
        read_pcapng(bytes, "f");
    } catch (const StartupError& fault) {
        return fault.what();
    }
    return "no error";
}

TEST(PcapngCapture, GivesWholeMicrosecondsInEveryResolution) {
    for (const bool big_endian : {false, true}) {
        PcapngBuilder file(big_endian);
        const auto resolution = [&](std::uint64_t value) { return file.option(9, value, 1); };
        file.interface(1, 0)
            .interface(1, 0, resolution(9))
            .interface(1, 0, resolution(3))
            .interface(1, 0, resolution(0x80 + 10))
            .interface(1, 0, file.option(14, 1'700'000'000, 8))
            .frame(0, 1'700'000'000'123'456, "us")
            .frame(1, 1'700'000'000'123'456'789, "ns")
            .frame(2, 1'700'000'000'123, "ms")
            .frame(3, 1'700'000'000ull * 1024 + 512, "2^-10 s")
            .frame(4, 123'456, "offset");
        EXPECT_EQ(read(file),
                  (std::vector<Frame>{{"us", 1'700'000'000'123'456'000},
                                      {"ns", 1'700'000'000'123'456'000},
                                      {"ms", 1'700'000'000'123'000'000},
                                      {"2^-10 s", 1'700'000'000'500'000'000},
                                      {"offset", 1'700'000'000'123'456'000}}));
    }
}

TEST(PcapngCapture, PassesOverWhatItDoesNotKnow) {
    PcapngBuilder file;
    file.block(0x0bad, Bytes(8))
        .interface(1, 0, file.option(2, 0x3071, 2))
        .block(5, Bytes(12))
        .frame(0, 1, "one")
        .block(0x8000'0001, {})
        .frame(0, 2, "more");
    EXPECT_EQ(read(file), (std::vector<Frame>{{"one", 1000}, {"more", 2000}}));
}

TEST(PcapngCapture, ASectionHasItsOwnByteOrderAndInterfaces) {
    PcapngBuilder file;
    file.interface(1, 0).frame(0, 1, "little").section(true).interface(1, 0, file.option(9, 9, 1));
    file.frame(0, 5000, "big");
    EXPECT_EQ(read(file), (std::vector<Frame>{{"little", 1000}, {"big", 5000}}));
    file.section(false).frame(0, 1, "none");
    EXPECT_THAT(error(file.all), HasSubstr("interface 0, which is not there"));
}

TEST(PcapngCapture, CutsAtTheSnapshotLength) {
    PcapngBuilder file;
    EXPECT_EQ(read(file.interface(1, 3).frame(0, 1, "abcde")), (std::vector<Frame>{{"abc", 1000}}));
}

TEST(PcapngCapture, FileCutInsideABlockKeepsTheCompleteOnes) {
    PcapngBuilder file;
    file.interface(1, 0).frame(0, 1, "one");
    const std::size_t whole = file.all.size();
    file.frame(0, 2, "two");
    for (std::size_t bytes = whole + 1; bytes < file.all.size(); ++bytes) {
        const CapturedFrames captured = read_pcapng(std::span(file.all).first(bytes), "f");
        EXPECT_TRUE(captured.truncated) << bytes;
        ASSERT_EQ(frames_of(captured), (std::vector<Frame>{{"one", 1000}})) << bytes;
    }
}

TEST(PcapngCapture, RefusesWhatItCannotRead) {
    const Bytes good = PcapngBuilder().all;
    EXPECT_EQ(error(good), "no error");
    for (std::size_t bytes = 4; bytes < good.size(); ++bytes) {
        EXPECT_THAT(error(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(bytes))),
                    HasSubstr("not a pcap file, nor a pcapng file"));
    }
    EXPECT_THAT(error(PcapngBuilder().interface(113, 0).frame(0, 1, "x").all),
                HasSubstr("link type 113 is not Ethernet"));
    EXPECT_THAT(error(PcapngBuilder().frame(7, 1, "x").all), HasSubstr("interface 7"));
    EXPECT_THAT(error(PcapngBuilder().interface(1, 0).frame(0, 1, "abcd", 5).all),
                HasSubstr("shorter than what it should hold"));
    EXPECT_THAT(error(PcapngBuilder().block(1, Bytes(4)).all), HasSubstr("shorter than"));
    PcapngBuilder file;
    EXPECT_THAT(error(file.interface(1, 0, file.option(9, 13, 1)).all), HasSubstr("picosecond"));
    auto lengths = PcapngBuilder().block(7, Bytes(8)).all;
    lengths[32] = std::byte{8};
    EXPECT_THAT(error(lengths), HasSubstr("a block of 8 bytes"));
    auto version = good;
    version[12] = std::byte{2};
    EXPECT_THAT(error(version), HasSubstr("version 2"));
}

}  // namespace
}  // namespace roda::appliance
