// SPDX-License-Identifier: Apache-2.0
// Datagrams put together again, in every order and as long as they may take.
#include "dpdk/fragment/reassembly.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "tests/dpdk/fragment/pieces.hpp"

namespace roda::dpdk {
namespace {

TEST_F(ReassemblyTest, GivesTheFrameAsIfItHadNeverBeenCut) {
    for (const Original& original : {Original{}, ipv6_original()}) {
        const std::vector<Bytes> pieces = original.pieces();
        ASSERT_EQ(pieces.size(), 6u);
        EXPECT_EQ(take_all(pieces), original.frame());
        reassembly.release();
    }
    const FragmentCounters counters = reassembly.counters();
    EXPECT_EQ(counters.taken, 12u);
    EXPECT_EQ(counters.joined, 12u);
    EXPECT_EQ(counters.waiting, 0u);
    EXPECT_EQ(counters.datagrams, 2u);
}

TEST_F(ReassemblyTest, ItsFramePassesForADatagram) {
    const proto::HostIdentity host;
    for (const Original& original : {Original{}, ipv6_original()}) {
        Bytes whole = take_all(original.pieces());
        proto::FrameView view = roda::test::view(whole);
        view.reassembled = true;
        const proto::ParsedFrame parsed = proto::parse_frame(view, host);
        ASSERT_EQ(parsed.kind, proto::FrameKind::datagram);
        EXPECT_TRUE(std::ranges::equal(parsed.datagram.payload, original.payload));
        whole.back() ^= std::byte{1};  // the checksum of the whole still counts
        view.bytes = whole;
        EXPECT_EQ(proto::parse_frame(view, host).refusal, proto::FrameRefusal::bad_udp_checksum);
        reassembly.release();
    }
}

TEST_F(ReassemblyTest, TakesPiecesInAnyOrder) {
    for (Original original : {Original{}, ipv6_original()}) {
        original.payload = some_bytes(5'000);
        std::vector<std::size_t> order = {0, 1, 2, 3};
        do {
            const std::vector<Bytes> pieces = original.pieces();
            std::vector<Bytes> shuffled;
            for (const std::size_t at : order) {
                shuffled.push_back(pieces.at(at));
            }
            EXPECT_EQ(take_all(shuffled), original.frame());
            reassembly.release();
        } while (std::ranges::next_permutation(order).found);
    }
}

TEST_F(ReassemblyTest, TakesTheLongestDatagram) {
    for (const std::size_t piece_bytes : {std::size_t{1480}, std::size_t{8}, std::size_t{65'496}}) {
        Original original;
        original.payload = some_bytes(longest_payload_bytes);
        std::vector<Bytes> pieces = original.pieces(piece_bytes);
        std::ranges::reverse(pieces);
        EXPECT_EQ(take_all(pieces), original.frame()) << piece_bytes;
        reassembly.release();
    }
    Original original = ipv6_original();
    original.payload = some_bytes(65'535 - 8);
    EXPECT_EQ(take_all(original.pieces()), original.frame());
}

TEST_F(ReassemblyTest, KeepsTagsOptionsAndExtensionHeadersOfTheFirstPiece) {
    Original tagged;
    tagged.tags = {{.ethertype = 0x88a8, .control = 7}, {.ethertype = 0x8100, .control = 0x2064}};
    tagged.options = roda::test::bytes_of({1, 1, 1, 0});
    std::vector<Bytes> pieces = tagged.pieces();
    std::ranges::reverse(pieces);
    EXPECT_EQ(take_all(pieces), tagged.frame());

    Original extended = ipv6_original();
    extended.first_header = 0;  // hop-by-hop, then destination options, then UDP
    extended.extensions = roda::test::extension_header(60, 1);
    append(extended.extensions, roda::test::extension_header(17));
    EXPECT_EQ(take_all(extended.pieces()), extended.frame());
}

TEST_F(ReassemblyTest, PassesOverCopies) {
    const Original original;
    const std::vector<Bytes> pieces = original.pieces();
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
        EXPECT_EQ(take(pieces[i]), Bytes{});
        EXPECT_EQ(take(pieces[i]), Bytes{});
        EXPECT_EQ(take(pieces[0]), Bytes{});
    }
    // Cut otherwise, but the same bytes.
    const Bytes segment = original.segment();
    EXPECT_EQ(take(original.piece(std::span(segment).subspan(800, 1600), 800, true)), Bytes{});
    EXPECT_EQ(dropped(FragmentDrop::duplicate), 11u);
    EXPECT_EQ(take(pieces.back()), original.frame());
}

TEST_F(ReassemblyTest, ALateCopyOfTheLastPieceIsNoNewEnd) {
    const Original original;
    const std::vector<Bytes> pieces = original.pieces();
    EXPECT_EQ(take(pieces.back()), Bytes{});
    EXPECT_EQ(take(pieces.back()), Bytes{});
    EXPECT_EQ(dropped(FragmentDrop::duplicate), 1u);
    EXPECT_EQ(take_all({pieces.begin(), pieces.end() - 1}), original.frame());
}

TEST_F(ReassemblyTest, OverlapsTakeTheirDatagramWithThem) {
    const Original original;
    const Bytes segment = original.segment();
    const std::vector<Bytes> pieces = original.pieces();
    Bytes forged = some_bytes(usual_piece_bytes, 99);
    std::vector<Bytes> overlaps = {
        original.piece(forged, usual_piece_bytes, true),  // other bytes
        original.piece(
            std::span(segment).subspan(2 * 1480 - 8, 1480), 2952, true),       // the same and more
        original.piece(std::span(segment).subspan(1480 - 8, 16), 1472, true),  // from the left
    };
    std::uint64_t all = 0;
    for (Bytes& overlap : overlaps) {
        EXPECT_EQ(take(pieces[1]), Bytes{});
        EXPECT_EQ(take(overlap), Bytes{});
        for (const Bytes& piece : pieces) {
            EXPECT_EQ(take(piece), Bytes{});
        }
        all += 2 + pieces.size();
        EXPECT_EQ(dropped(FragmentDrop::overlap), all);
        EXPECT_EQ(waiting(), 0u);
        now_ns += patience_ns + 1;  // then the identification may be used again
    }
    EXPECT_EQ(take_all(pieces), original.frame());
    EXPECT_EQ(dropped(FragmentDrop::timeout), 0u);
}

TEST_F(ReassemblyTest, ContradictionsAboutTheEndTakeTheirDatagramWithThem) {
    const Original original;
    const std::vector<Bytes> pieces = original.pieces();
    const Bytes eight = some_bytes(8);
    const std::vector<std::vector<Bytes>> contradictions = {
        {pieces[5], original.piece(eight, 16'000, true)},   // behind the end
        {pieces[5], original.piece(eight, 16'000, false)},  // a later end
        {pieces[5], original.piece(eight, 800, false)},     // an earlier end
        {pieces[4], original.piece(eight, 800, false)},     // an end before what is there
    };
    std::uint64_t all = 0;
    for (const std::vector<Bytes>& frames : contradictions) {
        EXPECT_EQ(take_all(frames), Bytes{});
        EXPECT_EQ(take_all(pieces), Bytes{});
        all += frames.size() + pieces.size();
        EXPECT_EQ(dropped(FragmentDrop::contradiction), all);
        now_ns += patience_ns + 1;
    }
}

TEST_F(ReassemblyTest, DropsWhatWaitsLongerThanPatience) {
    const Original original;
    const std::vector<Bytes> pieces = original.pieces();
    EXPECT_FALSE(reassembly.waits());
    EXPECT_EQ(take_all({pieces.begin(), pieces.end() - 1}), Bytes{});
    EXPECT_TRUE(reassembly.waits());
    reassembly.expire(start_ns + patience_ns);
    EXPECT_EQ(waiting(), 5u);
    reassembly.expire(start_ns + patience_ns + 1);
    EXPECT_EQ(waiting(), 0u);
    EXPECT_EQ(dropped(FragmentDrop::timeout), 5u);
    EXPECT_FALSE(reassembly.waits());
    EXPECT_EQ(take(pieces.back()), Bytes{});  // too late: begins anew
    EXPECT_EQ(waiting(), 1u);
}

TEST_F(ReassemblyTest, PatienceCountsFromTheFirstPieceOfEach) {
    Original first;
    Original second;
    second.identification = 7;
    take(first.pieces()[0]);
    now_ns += patience_ns / 2;
    take(second.pieces()[0]);
    now_ns += patience_ns / 2 + 1;
    take(second.pieces()[1]);  // a piece is enough: nobody has to call expire()
    EXPECT_EQ(dropped(FragmentDrop::timeout), 1u);
    EXPECT_EQ(waiting(), 2u);
    reassembly.expire(start_ns + patience_ns / 2 + patience_ns + 1);
    EXPECT_EQ(dropped(FragmentDrop::timeout), 3u);
}

TEST_F(ReassemblyTest, AClockThatIsSetBackStrandsNothing) {
    take(Original{}.pieces()[0]);
    reassembly.expire(start_ns - 1);
    EXPECT_EQ(waiting(), 1u);
    reassembly.expire(start_ns - patience_ns - 1);
    EXPECT_EQ(waiting(), 0u);
}

TEST_F(ReassemblyTest, PutsManyTogetherAtOnce) {
    std::vector<Original> originals;
    std::vector<std::vector<Bytes>> pieces;
    for (std::uint8_t i = 0; i < places; ++i) {
        originals.push_back(of_sender(i));
        pieces.push_back(originals[i].pieces());
    }
    for (std::size_t at = 0; at + 1 < pieces[0].size(); ++at) {
        for (std::size_t i = 0; i < places; ++i) {
            EXPECT_EQ(take(pieces[i][at]), Bytes{});
        }
    }
    for (std::size_t i = 0; i < places; ++i) {
        EXPECT_EQ(take(pieces[i].back()), originals[i].frame());
    }
    // All places are held until the burst is released.
    EXPECT_EQ(take(pieces[0][0]), Bytes{});
    EXPECT_EQ(dropped(FragmentDrop::table_full), 1u);
    reassembly.release();
    EXPECT_EQ(take(pieces[0][0]), Bytes{});
    EXPECT_EQ(waiting(), 1u);
}

TEST_F(ReassemblyTest, WholeFramesStayUntilTheyAreReleased) {
    const Original original;
    const std::vector<Bytes> pieces = original.pieces();
    std::optional<proto::FrameView> whole;
    for (const Bytes& piece : pieces) {
        whole = reassembly.take(roda::test::view(piece));
    }
    ASSERT_TRUE(whole);
    Original other;
    other.payload = some_bytes(8'000, 5);
    EXPECT_EQ(take_all(other.pieces()), other.frame());  // with the same identification
    EXPECT_TRUE(std::ranges::equal(whole->bytes, original.frame()));
    reassembly.expire(start_ns + 10 * patience_ns);
    EXPECT_TRUE(std::ranges::equal(whole->bytes, original.frame()));
}

}  // namespace
}  // namespace roda::dpdk
