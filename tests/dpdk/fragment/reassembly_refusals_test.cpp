// SPDX-License-Identifier: Apache-2.0
// What is never put together, and that every piece is accounted for.
#include "dpdk/fragment/reassembly.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "tests/dpdk/fragment/pieces.hpp"

namespace roda::dpdk {
namespace {

TEST_F(ReassemblyTest, WhereAllPlacesAreTakenTheOldestDatagramGoes) {
    std::vector<Original> originals;
    for (std::uint8_t i = 0; i <= places; ++i) {
        originals.push_back(of_sender(i));
        take(originals.back().pieces()[0]);
        take(originals.back().pieces()[1]);
        now_ns += 1000;
    }
    EXPECT_EQ(dropped(FragmentDrop::table_full), 2u);
    EXPECT_EQ(waiting(), 2u * places);
    for (std::size_t i = 1; i < originals.size(); ++i) {
        const std::vector<Bytes> pieces = originals[i].pieces();
        EXPECT_EQ(take_all({pieces.begin() + 2, pieces.end()}), originals[i].frame());
    }
    EXPECT_EQ(dropped(FragmentDrop::table_full), 2u);
}

TEST_F(ReassemblyTest, OneSenderWhoseDatagramsNeverEndLeavesHalfThePlacesToOthers) {
    std::uint64_t refused = 0;
    for (const Original& flooding : {Original{}, ipv6_original()}) {
        std::vector<Original> others;
        for (std::uint8_t i = 1; i <= places / 2; ++i) {
            others.push_back(of_sender(i));
            take(others.back().pieces()[0]);
        }
        for (std::uint16_t i = 0; i < 1000; ++i) {
            Original endless = flooding;
            endless.identification = i;
            take(endless.pieces()[0]);
            now_ns += 1000;
        }
        refused += 1000 - places / 2;
        EXPECT_EQ(waiting(), places);
        EXPECT_EQ(dropped(FragmentDrop::table_full), refused);
        for (const Original& other : others) {
            const std::vector<Bytes> pieces = other.pieces();
            EXPECT_EQ(take_all({pieces.begin() + 1, pieces.end()}), other.frame());
        }
        reassembly.release();
        now_ns += patience_ns + 1;
        reassembly.expire(now_ns);
    }
}

TEST_F(ReassemblyTest, ASenderBeyondItsShareLosesItsOldest) {
    std::vector<Original> originals(places / 2 + 1);
    for (std::size_t i = 0; i < originals.size(); ++i) {
        originals[i].identification = static_cast<std::uint16_t>(i);
        take(originals[i].pieces()[0]);
        now_ns += 1000;
    }
    EXPECT_EQ(dropped(FragmentDrop::table_full), 1u);
    for (std::size_t i = 1; i < originals.size(); ++i) {
        const std::vector<Bytes> pieces = originals[i].pieces();
        EXPECT_EQ(take_all({pieces.begin() + 1, pieces.end()}), originals[i].frame());
    }
}

TEST_F(ReassemblyTest, OnePlaceIsEnoughForOneAtATime) {
    Reassembly narrow({.enabled = true, .datagrams = 1, .patience_ms = 500});
    Original lost;
    lost.identification = 1;
    EXPECT_FALSE(narrow.take(roda::test::view(lost.pieces()[0])));
    std::optional<proto::FrameView> whole;
    const Original original;
    for (const Bytes& piece : original.pieces()) {
        whole = narrow.take(roda::test::view(piece));
    }
    ASSERT_TRUE(whole);
    EXPECT_TRUE(std::ranges::equal(whole->bytes, original.frame()));
}

TEST_F(ReassemblyTest, PiecesOfDifferentDatagramsDoNotMix) {
    const Original original;
    std::vector<Original> others(4, original);
    others[0].identification = 1;
    others[1].between.source = roda::test::IpAddress::v4(10, 0, 0, 9);
    others[2].between.destination = roda::test::IpAddress::v4(10, 0, 0, 9);
    others[3].tags = {{.ethertype = 0x8100, .control = 5}};
    const std::vector<Bytes> pieces = original.pieces();
    take_all({pieces.begin(), pieces.end() - 1});
    for (const Original& other : others) {
        EXPECT_EQ(take(other.pieces().back()), Bytes{});
    }
    Bytes of_tcp = pieces.back();
    of_tcp.at(14 + 9) = std::byte{6};
    EXPECT_EQ(take(of_tcp), Bytes{});
    EXPECT_EQ(take(pieces.back()), original.frame());
    EXPECT_EQ(waiting(), 5u);
}

TEST_F(ReassemblyTest, ADatagramMarkedAsItsOwnOnlyPieceIsWholeByItself) {
    Original original = ipv6_original();
    original.payload = some_bytes(100);
    Original waiting_one = ipv6_original();
    take(waiting_one.pieces()[1]);
    EXPECT_EQ(take_all(original.pieces()), original.frame());
    EXPECT_EQ(waiting(), 1u);
}

TEST_F(ReassemblyTest, RefusesWhatIsNoPiece) {
    const Original original;
    const Original original6 = ipv6_original();
    const Bytes body = some_bytes(64);
    Bytes short_by_one = original.piece(body, 0, false);
    short_by_one.pop_back();
    const std::vector<Bytes> malformed = {
        original.piece({}, 8, true),                         // no data
        original.piece(std::span(body).first(12), 0, true),  // not cut at eight
        original6.piece({}, 8, false),
        original6.piece(std::span(body).first(12), 0, true),
        short_by_one,
        Bytes(13),
        ethernet(ethertype_ipv4, Bytes(19)),
        ethernet(ethertype_ipv6, Bytes(39)),
        ethernet(roda::test::ethertype_arp, Bytes(60)),
        original6.frame(),  // no fragment header
    };
    for (const Bytes& frame : malformed) {
        EXPECT_EQ(take(frame), Bytes{});
    }
    EXPECT_EQ(dropped(FragmentDrop::malformed), malformed.size());

    const Bytes first = original.pieces().front();
    proto::FrameView nested = roda::test::view(first);
    nested.reassembled = true;
    EXPECT_FALSE(reassembly.take(nested));
    EXPECT_EQ(dropped(FragmentDrop::malformed), malformed.size() + 1);
    EXPECT_FALSE(reassembly.waits());
}

TEST_F(ReassemblyTest, RefusesWhatIsTooLong) {
    const Original original;
    const Bytes body = some_bytes(1480);
    take(original.piece(body, 65'528 - 1472, true));
    EXPECT_EQ(dropped(FragmentDrop::too_long), 1u);
    take(original.piece(std::span(body).first(8), 65'528, false));
    EXPECT_EQ(dropped(FragmentDrop::too_long), 2u);
    Original far_behind = ipv6_original();
    far_behind.first_header = 0;
    far_behind.extensions = roda::test::extension_header(60, 31);
    append(far_behind.extensions, roda::test::extension_header(17));
    take(far_behind.piece(body, 0, true));
    EXPECT_EQ(dropped(FragmentDrop::too_long), 3u);
    EXPECT_EQ(waiting(), 0u);

    // The first piece alone may have options, which make the whole too long.
    Original longest;
    longest.payload = some_bytes(longest_payload_bytes);
    std::vector<Bytes> pieces = longest.pieces();
    longest.options = roda::test::bytes_of({1, 1, 1, 0});
    pieces.front() = longest.pieces().front();
    EXPECT_EQ(take_all(pieces), Bytes{});
    EXPECT_EQ(dropped(FragmentDrop::too_long), 3u + pieces.size());
}

TEST_F(ReassemblyTest, CountsWhatItIsNotToPutTogether) {
    Reassembly none({.enabled = false});
    for (const Bytes& piece : Original{}.pieces()) {
        EXPECT_FALSE(none.take(roda::test::view(piece)));
    }
    const FragmentCounters counters = none.counters();
    EXPECT_EQ(counters.taken, 6u);
    EXPECT_EQ(counters.dropped.at(static_cast<std::size_t>(FragmentDrop::disabled)), 6u);
}

// A few datagrams, cut at fixed places.
struct Mill {
    explicit Mill(std::mt19937& random) {
        for (unsigned i = 0; i < 12; ++i) {
            Original original = i % 2 == 0 ? Original{} : ipv6_original();
            original.payload = some_bytes(100 + random() % 6'000, i);
            original.identification = static_cast<std::uint16_t>(i);
            frames.push_back(original.frame());
            pieces.push_back(original.pieces(1'000));
        }
    }

    std::vector<Bytes> frames;
    std::vector<std::vector<Bytes>> pieces;
};

TEST_F(ReassemblyTest, MakesNothingElseThanWasCutInWhateverOrderPiecesCome) {
    std::mt19937 random(4);
    const Mill mill(random);
    for (int step = 0; step < 20'000; ++step) {
        const std::size_t at = random() % mill.frames.size();
        const std::vector<Bytes>& pieces = mill.pieces[at];
        const Bytes whole = take(pieces[random() % pieces.size()]);
        ASSERT_TRUE(whole.empty() || whole == mill.frames[at]);
        now_ns += random() % 100 == 0 ? patience_ns + 1 : random() % 10'000'000;
        if (random() % 20 == 0) {
            reassembly.release();
        }
    }
    EXPECT_GT(reassembly.counters().datagrams, 100u);
    EXPECT_GT(dropped(FragmentDrop::timeout), 100u);
    EXPECT_GT(dropped(FragmentDrop::table_full), 100u);
    EXPECT_EQ(dropped(FragmentDrop::overlap) + dropped(FragmentDrop::contradiction), 0u);
}

// take() checks the balance at each step; the sanitizers watch the rest.
TEST_F(ReassemblyTest, BalancesWhateverTheFramesAre) {
    std::mt19937 random(5);
    const Mill mill(random);
    for (int step = 0; step < 20'000; ++step) {
        const std::vector<Bytes>& pieces = mill.pieces[random() % mill.frames.size()];
        Bytes frame = pieces[random() % pieces.size()];
        for (auto changes = random() % 3; changes > 0; --changes) {
            frame.at(random() % 60) ^= static_cast<std::byte>(1u << random() % 8);
        }
        frame.resize(random() % 10 == 0 ? random() % frame.size() : frame.size());
        take(frame);
        now_ns += random() % 10'000'000;
        reassembly.release();
    }
    EXPECT_GT(dropped(FragmentDrop::malformed), 100u);
    EXPECT_GT(dropped(FragmentDrop::overlap), 100u);
}

}  // namespace
}  // namespace roda::dpdk
