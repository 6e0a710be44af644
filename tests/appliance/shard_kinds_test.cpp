// SPDX-License-Identifier: Apache-2.0
// What a shard does with each kind of frame and of datagram, and that the ledger has it.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <optional>

#include "appliance/shard.hpp"
#include "tests/appliance/shard_frames.hpp"

namespace roda::appliance {
namespace {

/// With a kernel behind it that takes what is of IPv4, and one datagram in two pieces.
class WholeSource : public MemorySource {
  public:
    static constexpr bool reassembles = true;

    bool divert(const proto::FrameView& frame) noexcept {
        diverted_ += is_ipv4(frame) ? 1 : 0;
        return is_ipv4(frame);
    }

    /// The second piece makes it whole.
    std::optional<proto::FrameView> reassemble(const proto::FrameView& piece) noexcept {
        if (++pieces_ != 2) {
            return std::nullopt;
        }
        proto::FrameView frame = test::view(whole);
        frame.receive_ns = piece.receive_ns;
        frame.reassembled = true;
        return frame;
    }

    std::size_t diverted() const noexcept { return diverted_; }

    dpdk::FragmentCounters fragments() const noexcept {
        return {.taken = pieces_, .joined = pieces_, .datagrams = pieces_ >= 2 ? 1u : 0u};
    }

    test::Bytes whole;

  private:
    static bool is_ipv4(const proto::FrameView& frame) noexcept {
        return frame.bytes[12] == std::byte{8} && frame.bytes[13] == std::byte{0};
    }

    std::size_t diverted_ = 0;
    std::size_t pieces_ = 0;
};

template <class Source>
struct Fixture {
    explicit Fixture(const Config& config = two_rules())
        : shard(std::make_unique<Shard<Source>>(config, source, lane, EmitClock::none)) {}

    Ledger run() {
        while (shard->step() != 0) {
        }
        Ledger ledger;
        ledger.port.received = source.polled();
        if constexpr (Source::reassembles) {
            ledger.port.fragments = source.fragments();
        }
        ledger.ingest = shard->ingest_ledger();
        ledger.detect = shard->detector().ledger();
        EXPECT_TRUE(ledger.balanced()) << ledger.to_text();
        return ledger;
    }

    Source source;
    AlertLane lane{{.capacity_records = 1024}};
    std::unique_ptr<Shard<Source>> shard;
};

std::uint64_t refused(const Ledger& ledger, proto::FrameRefusal why) {
    return ledger.ingest.frames_refused.at(static_cast<std::size_t>(why));
}

std::uint64_t not_admitted(const Ledger& ledger, AdmissionRefusal why) {
    return ledger.ingest.datagrams_not_admitted.at(static_cast<std::size_t>(why));
}

test::Bytes rows_of_nothing(int count) {
    test::Bytes rows;
    for (int row = 0; row < count; ++row) {
        test::append(rows, test::bytes_of({0x52, 0}));
    }
    return rows;
}

test::Bytes piece() {
    return test::ethernet(test::ethertype_ipv4,
                          test::ipv4(test::Bytes(16), {.flags_and_offset = 0x2000}));
}

TEST(ShardKinds, WhatTheKernelTakesIsDivertedAndNotRefused) {
    Fixture<WholeSource> fixture;
    fixture.source.add(test::telemetry_frame({}, {.destination_port = 22}));
    fixture.source.add(test::telemetry_frame({}, {.between = test::ipv6_endpoints()}));
    fixture.source.add(test::ethernet(0x88cc, test::Bytes(46)));
    fixture.source.add(test::ethernet(test::ethertype_ipv4, test::Bytes(19)));
    const Ledger ledger = fixture.run();
    EXPECT_EQ(ledger.ingest.frames_diverted, 1u);
    EXPECT_EQ(fixture.source.diverted(), 1u);  // what is damaged it is not even offered
    EXPECT_EQ(refused(ledger, proto::FrameRefusal::wrong_address), 1u);
    EXPECT_EQ(refused(ledger, proto::FrameRefusal::unknown_ethertype), 1u);
    EXPECT_EQ(refused(ledger, proto::FrameRefusal::truncated), 1u);
}

TEST(ShardKinds, PiecesBecomeADatagram) {
    Fixture<WholeSource> fixture;
    fixture.source.whole = frame_of({{1, 10.0, 1}, {2, 20.0, 1}});
    fixture.source.add(piece());
    fixture.source.add(piece());
    fixture.source.add(piece());
    const Ledger ledger = fixture.run();
    EXPECT_EQ(ledger.ingest.frames_received, 3u);
    EXPECT_EQ(ledger.ingest.frames_fragment, 3u);
    EXPECT_EQ(ledger.ingest.frames_reassembled, 1u);
    EXPECT_EQ(ledger.ingest.datagrams_accepted, 1u);
    EXPECT_EQ(ledger.detect.readings_accepted, 2u);
}

TEST(ShardKinds, WithoutReassemblyPiecesAreRefused) {
    Fixture<MemorySource> fixture;
    fixture.source.add(piece());
    const Ledger ledger = fixture.run();
    EXPECT_EQ(refused(ledger, proto::FrameRefusal::fragment), 1u);
    EXPECT_EQ(ledger.ingest.frames_fragment, 0u);
}

TEST(ShardKinds, DatagramsThatSayNothingOrTooMuchHaveAReason) {
    using enum proto::DatagramRefusal;
    Fixture<MemorySource> fixture;
    fixture.source.add(test::telemetry_frame({}));
    fixture.source.add(test::telemetry_frame(test::bytes_of({0x22, 8, 1, 0, 0, 0, 0, 0, 0, 0})));
    fixture.source.add(test::telemetry_frame(test::bytes_of({0xff})));
    fixture.source.add(test::telemetry_frame(rows_of_nothing(762)));  // longer than a frame
    Ledger ledger = fixture.run();
    EXPECT_EQ(refused(ledger, proto::FrameRefusal::oversized), 1u);

    const auto count = [&](proto::DatagramRefusal why) {
        return ledger.ingest.datagrams_malformed.at(static_cast<std::size_t>(why));
    };
    EXPECT_EQ(count(no_readings), 1u);
    EXPECT_EQ(count(column_mismatch), 1u);
    EXPECT_EQ(count(malformed), 1u);

    Fixture<WholeSource> pieces;
    // Of two bytes each, more than the longest datagram holds of rows that say something.
    pieces.source.whole = test::telemetry_frame(rows_of_nothing(5'958));
    pieces.source.add(piece());
    pieces.source.add(piece());
    ledger = pieces.run();
    EXPECT_EQ(count(too_many_readings), 1u);
}

TEST(ShardKinds, ReadingsThatAreNoNumbersAreRefusedOneByOne) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    Fixture<MemorySource> fixture;
    fixture.source.add(
        frame_of({{1, 10.0, 1}, {1, std::nan(""), 2}, {1, -infinity, 3}, {1, 11.0, 4}}));
    const Ledger ledger = fixture.run();
    EXPECT_EQ(ledger.ingest.datagrams_accepted, 1u);
    EXPECT_EQ(ledger.detect.readings_accepted, 2u);
    EXPECT_EQ(ledger.detect.readings_refused[0], 2u);
    EXPECT_EQ(ledger.detect.alerts_emitted, 0u);
}

TEST(ShardKinds, ReadingsFromTheFutureRefuseTheirDatagram) {
    constexpr std::uint64_t minute_ns = 60'000'000'000;
    Config config = two_rules();
    config.ingest.max_future_skew_ms = 60'000;
    Fixture<MemorySource> fixture(config);
    fixture.source.add(frame_of({{1, 10.0, receive_ns + minute_ns}}, 1));
    fixture.source.add(frame_of({{1, 10.0, 1}, {1, 11.0, receive_ns + minute_ns + 1}}, 2));
    fixture.source.add(frame_of({{1, 11.0, receive_ns}}, 3));
    const Ledger ledger = fixture.run();
    EXPECT_EQ(not_admitted(ledger, AdmissionRefusal::future), 1u);
    EXPECT_EQ(ledger.ingest.datagrams_accepted, 2u);
    EXPECT_EQ(ledger.detect.readings_accepted, 2u);
    EXPECT_EQ(ledger.ingest.datagrams_lost, 0u);  // it has come
}

TEST(ShardKinds, ByDefaultAWrongClockIsNoReason) {
    Fixture<MemorySource> fixture;
    fixture.source.add(frame_of({{1, 10.0, std::numeric_limits<std::uint64_t>::max()}}));
    EXPECT_EQ(fixture.run().ingest.datagrams_accepted, 1u);
}

}  // namespace
}  // namespace roda::appliance
