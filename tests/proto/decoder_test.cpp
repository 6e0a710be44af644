// SPDX-License-Identifier: Apache-2.0
// The rules of decoder.hpp one by one; that every valid message is accepted, and no other, is
// decoder_oracle_test.cpp's business.
#include "proto/decoder.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <vector>

#include "tests/proto/guarded_memory.hpp"
#include "tests/proto/wire_builder.hpp"
#include "tests/support/no_alloc.hpp"

namespace roda {
namespace {

using proto::Decoded;
using proto::Reading;
using test::Bytes;
using test::Wire;

using U64 = std::vector<std::uint64_t>;
using U32 = std::vector<std::uint32_t>;
using I32 = std::vector<std::int32_t>;
using Doubles = std::vector<double>;

constexpr std::uint64_t arrival_ns = 1'700'000'000'000'000'000;
constexpr std::uint64_t base_ns = 1'600'000'000'000'000'000;

struct Outcome {
    Decoded decoded;
    std::vector<Reading> readings;
};

/// Both ends of the decoder's world lie at an unmapped page.
Outcome decode(const Wire& wire, std::size_t space = 100) {
    test::GuardedMemory input(wire.bytes().size() + 1);
    test::GuardedMemory output(space * sizeof(Reading) + 1);
    auto* first = reinterpret_cast<Reading*>(output.last(space * sizeof(Reading)).data());
    const Decoded decoded =
        proto::decode_datagram(input.copy(wire.bytes()), arrival_ns, {first, space});
    return {decoded, {first, first + decoded.readings}};
}

std::string refusal(const Wire& wire, std::size_t space = 100) {
    const Decoded decoded = decode(wire, space).decoded;
    EXPECT_EQ(decoded.readings * (decoded.accepted ? 0u : 1u), 0u);
    return decoded.accepted ? "accepted"
                            : std::string(proto::datagram_refusal_names.at(
                                  static_cast<std::size_t>(decoded.refusal)));
}

void expect_readings(const Wire& wire, const std::vector<Reading>& expected) {
    const Outcome outcome = decode(wire);
    ASSERT_TRUE(outcome.decoded.accepted);
    EXPECT_EQ(outcome.readings, expected);
}

Wire columns() {
    return Wire().packed(4, U64{1, 2, 3}).packed(5, Doubles{.5, -1, 2}).packed(6, U64{7, 8, 9});
}

TEST(Decoder, ColumnsBecomeReadings) {
    expect_readings(columns(), {{1, .5, 7}, {2, -1, 8}, {3, 2, 9}});
}

TEST(Decoder, EveryCountOfReadingsIsTransposedWhole) {
    for (std::size_t n = 1; n <= 40; ++n) {
        U64 ids;
        U32 short_ids;
        Doubles values;
        U64 times;
        I32 offsets;
        std::vector<Reading> expected;
        std::vector<Reading> expected_narrow;
        for (std::size_t i = 0; i < n; ++i) {
            ids.push_back(~i);
            short_ids.push_back(~static_cast<std::uint32_t>(i));
            values.push_back(static_cast<double>(i) + 0.25);
            times.push_back(base_ns + i);
            offsets.push_back(static_cast<std::int32_t>(i) * (i % 2 == 0 ? 1 : -1));
            expected.push_back({ids[i], values[i], times[i]});
            expected_narrow.push_back(
                {short_ids[i],
                 values[i],
                 base_ns + static_cast<std::uint64_t>(std::int64_t{offsets[i]} * 1000)});
        }
        expect_readings(Wire().packed(4, ids).packed(5, values).packed(6, times), expected);
        expect_readings(
            Wire().packed(5, values).fixed64(7, base_ns).packed(8, short_ids).packed(9, offsets),
            expected_narrow);
    }
}

TEST(Decoder, HeaderIsReported) {
    const Wire wire = Wire().fixed64(1, 11).fixed32(2, 22).fixed64(3, 33).packed(4, U64{1});
    const Decoded refused = decode(wire).decoded;  // no value: the header is reported all the same
    EXPECT_EQ(refused.refusal, proto::DatagramRefusal::column_mismatch);
    EXPECT_EQ(refused.header.device_id, 11u);
    EXPECT_EQ(refused.header.boot_id, 22u);
    EXPECT_EQ(refused.header.sequence, 33u);
}

TEST(Decoder, LastScalarWins) {
    const Wire wire = columns().fixed64(1, 1).fixed64(1, 2);
    EXPECT_EQ(decode(wire).decoded.header.device_id, 2u);
}

TEST(Decoder, TimeIsTheArrivalWhereNoneIsGiven) {
    expect_readings(Wire().packed(4, U64{5}).packed(5, Doubles{1}), {{5, 1, arrival_ns}});
    expect_readings(Wire().packed(8, U32{5}).packed(5, Doubles{1}), {{5, 1, arrival_ns}});
}

TEST(Decoder, TimeIsTheBaseWhereThereIsOne) {
    expect_readings(Wire().packed(4, U64{5}).packed(5, Doubles{1}).fixed64(7, base_ns),
                    {{5, 1, base_ns}});
}

TEST(Decoder, OffsetsCountFromTheBaseElseFromTheArrival) {
    const Wire offsets = Wire().packed(4, U64{5, 6}).packed(5, Doubles{1, 2}).packed(9, I32{-3, 4});
    expect_readings(offsets, {{5, 1, arrival_ns - 3000}, {6, 2, arrival_ns + 4000}});
    expect_readings(Wire(offsets).fixed64(7, base_ns),
                    {{5, 1, base_ns - 3000}, {6, 2, base_ns + 4000}});
}

TEST(Decoder, TimesWrapInsteadOfOverflowing) {
    expect_readings(
        Wire().packed(8, U32{5, 6}).packed(5, Doubles{1, 2}).fixed64(7, 1).packed(9, I32{-1, 1}),
        {{5, 1, std::uint64_t{0} - 999}, {6, 2, 1001}});
}

TEST(Decoder, ExplicitTimesOutrankTheBase) {
    expect_readings(Wire().packed(4, U64{5}).packed(5, Doubles{1}).packed(6, U64{0}).fixed64(7, 9),
                    {{5, 1, 0}});
}

TEST(Decoder, RowsFollowColumnsAndTakeTheBase) {
    const Wire wire = Wire()
                          .row(Wire().fixed64(1, 50).real(2, 5).fixed64(3, 55))
                          .row(Wire().fixed64(1, 60))
                          .packed(4, U64{1, 2})
                          .packed(5, Doubles{3, 4})
                          .row(Wire())
                          .fixed64(7, base_ns);
    expect_readings(
        wire, {{1, 3, base_ns}, {2, 4, base_ns}, {50, 5, 55}, {60, 0, base_ns}, {0, 0, base_ns}});
}

TEST(Decoder, RowsAloneAreEnough) {
    expect_readings(Wire().row(Wire().fixed64(1, 1).real(2, 2)), {{1, 2, arrival_ns}});
}

TEST(Decoder, ColumnsInPiecesKeepTheirOrder) {
    const Wire wire = Wire()
                          .packed(4, U64{1})
                          .real(5, 10)
                          .packed(5, Doubles{20, 30})
                          .packed(6, U64{})
                          .row(Wire().fixed64(1, 9).fixed64(3, 99))
                          .fixed64(4, 2)
                          .packed(6, U64{100, 200})
                          .packed(4, U64{3})
                          .fixed64(6, 300);
    expect_readings(wire, {{1, 10, 100}, {2, 20, 200}, {3, 30, 300}, {9, 0, 99}});
}

TEST(Decoder, NarrowColumnsInPiecesUseABaseThatComesLater) {
    const Wire wire = Wire()
                          .fixed32(8, 1)
                          .fixed32(9, static_cast<std::uint32_t>(-1))
                          .packed(9, I32{2})
                          .packed(8, U32{2})
                          .packed(5, Doubles{1, 2})
                          .fixed64(7, base_ns);
    expect_readings(wire, {{1, 1, base_ns - 1000}, {2, 2, base_ns + 2000}});
}

TEST(Decoder, PiecesWithoutTimesTakeTheBase) {
    expect_readings(Wire().fixed64(4, 1).fixed64(4, 2).packed(5, Doubles{1, 2}),
                    {{1, 1, arrival_ns}, {2, 2, arrival_ns}});
}

TEST(Decoder, BitsOfAValuePassUnchanged) {
    const U64 patterns = {0x7ff0'0000'0000'0001,  // signalling NaN
                          0xfff8'0000'dead'beef,
                          0x8000'0000'0000'0000,
                          0x7ff0'0000'0000'0000,
                          1};
    Wire pieces;
    for (const std::uint64_t pattern : patterns) {
        pieces.fixed64(4, 1).fixed64(5, pattern);
    }
    for (const Wire& wire : {Wire().packed(4, U64(5, 1)).packed(5, patterns), pieces}) {
        const Outcome outcome = decode(wire);
        ASSERT_EQ(outcome.readings.size(), patterns.size());
        for (std::size_t i = 0; i < patterns.size(); ++i) {
            EXPECT_EQ(std::bit_cast<std::uint64_t>(outcome.readings[i].value), patterns[i]);
        }
    }
}

TEST(Decoder, UnknownFieldsAreSkipped) {
    const Wire wire = columns()
                          .tag(15, 0)
                          .varint(300)
                          .fixed64(16, 1)
                          .fixed32(17, 1)
                          .packed(18, U64{1})
                          .groups(19, 3)
                          .tag(4, 0)  // known, of another type
                          .varint(1);
    expect_readings(wire, {{1, .5, 7}, {2, -1, 8}, {3, 2, 9}});
}

TEST(Decoder, NestingEndsAtAHundredLevels) {
    EXPECT_EQ(refusal(columns().groups(15, 100)), "accepted");
    EXPECT_EQ(refusal(columns().groups(15, 101)), "malformed");
    EXPECT_EQ(refusal(Wire().row(Wire().groups(15, 99))), "accepted");
    EXPECT_EQ(refusal(Wire().row(Wire().groups(15, 100))), "malformed");
}

TEST(Decoder, BrokenGrammarIsMalformed) {
    EXPECT_EQ(refusal(columns().raw_byte(0)), "malformed");  // zero tag
    EXPECT_EQ(refusal(columns().tag(0, 1).raw(std::uint64_t{})), "malformed");
    EXPECT_EQ(refusal(columns().tag(15, 4)), "malformed");  // end without a group
    EXPECT_EQ(refusal(columns().tag(15, 3)), "malformed");  // group without an end
    EXPECT_EQ(refusal(columns().tag(15, 3).tag(16, 4)), "malformed");
    EXPECT_EQ(refusal(columns().tag(15, 6)), "malformed");
    EXPECT_EQ(refusal(columns().tag(15, 7)), "malformed");
    EXPECT_EQ(refusal(columns().tag(1, 1).raw_byte(0)), "malformed");  // cut value
    EXPECT_EQ(refusal(columns().tag(5, 2).varint(7).raw(std::uint64_t{})), "malformed");
    EXPECT_EQ(refusal(columns().tag(8, 2).varint(6).raw(std::uint64_t{})), "malformed");
    EXPECT_EQ(refusal(columns().tag(10, 2).varint(9).raw_byte(9)), "malformed");
    EXPECT_EQ(refusal(columns().row(Wire().tag(1, 1).raw_byte(0))), "malformed");
}

TEST(Decoder, VarintsHaveTheLengthsThatLibprotobufAllows) {
    EXPECT_EQ(refusal(columns().tag(1, 1, 4).raw(std::uint64_t{})), "accepted");   // 5 bytes
    EXPECT_EQ(refusal(columns().tag(1, 1, 5).raw(std::uint64_t{})), "malformed");  // 6 bytes
    EXPECT_EQ(refusal(columns().tag(15, 0).varint(1, 9)), "accepted");             // 10 bytes
    EXPECT_EQ(refusal(columns().tag(15, 0).varint(1, 10)), "malformed");           // 11 bytes
    EXPECT_EQ(refusal(columns().tag(15, 2).varint(0, 4)), "accepted");
    EXPECT_EQ(refusal(columns().tag(15, 2).varint(0, 5)), "malformed");
}

TEST(Decoder, TagsAreTakenModulo32Bits) {
    const Decoded decoded =
        decode(columns().varint(std::uint64_t{1} << 32 | 0x09).raw(std::uint64_t{77})).decoded;
    EXPECT_EQ(decoded.header.device_id, 77u);
}

TEST(Decoder, ColumnsMustMatch) {
    const auto ids = [] { return Wire().packed(4, U64{1, 2}); };
    const Doubles two = {1, 2};
    EXPECT_EQ(refusal(ids()), "column_mismatch");
    EXPECT_EQ(refusal(Wire().packed(5, two)), "column_mismatch");
    EXPECT_EQ(refusal(Wire().packed(6, U64{1})), "column_mismatch");
    EXPECT_EQ(refusal(Wire().packed(9, I32{1})), "column_mismatch");
    EXPECT_EQ(refusal(ids().packed(5, Doubles{1})), "column_mismatch");
    EXPECT_EQ(refusal(ids().packed(5, two).packed(6, U64{1})), "column_mismatch");
    EXPECT_EQ(refusal(ids().packed(5, two).packed(9, I32{1})), "column_mismatch");
    EXPECT_EQ(refusal(ids().packed(5, two).packed(8, U32{1})), "column_mismatch");
    EXPECT_EQ(refusal(ids().packed(5, two).packed(8, U32{1, 2})), "column_mismatch");
    EXPECT_EQ(refusal(Wire().packed(4, U64{1}).packed(5, two).packed(8, U32{1})),
              "column_mismatch");
    EXPECT_EQ(refusal(ids().packed(5, two).packed(6, U64{1, 2}).packed(9, I32{1, 2})),
              "column_mismatch");
    EXPECT_EQ(refusal(ids().packed(5, two).packed(6, U64{1}).packed(9, I32{1})), "column_mismatch");
    EXPECT_EQ(refusal(ids().row(Wire())), "column_mismatch");
}

TEST(Decoder, EmptyRunOfTheOtherFormIsNoSecondForm) {
    EXPECT_EQ(refusal(columns().packed(8, U32{}).packed(9, I32{})), "accepted");
}

TEST(Decoder, EmptyDatagramHasNoReadings) {
    EXPECT_EQ(refusal(Wire()), "no_readings");
    EXPECT_EQ(refusal(Wire().fixed64(1, 1).packed(4, U64{})), "no_readings");
    EXPECT_EQ(refusal(Wire(), 0), "no_readings");
}

TEST(Decoder, MoreReadingsThanSpaceAreRefused) {
    const Wire wire = columns().row(Wire()).row(Wire());
    EXPECT_EQ(refusal(wire, 5), "accepted");
    EXPECT_EQ(refusal(wire, 4), "too_many_readings");
    EXPECT_EQ(refusal(wire, 1), "too_many_readings");
    EXPECT_EQ(refusal(wire, 0), "too_many_readings");
    EXPECT_EQ(refusal(columns(), 2), "too_many_readings");
}

TEST(Decoder, NothingIsAllocated) {
    const Wire pieces = columns().fixed64(4, 1).fixed64(5, 1).fixed64(6, 1).row(Wire());
    std::vector<Reading> out(10);
    for (const Wire& wire : {columns(), pieces, Wire().raw_byte(0)}) {
        const NoAllocation guard;
        proto::decode_datagram(wire.bytes(), arrival_ns, out);
        const auto heap_calls = guard.violations();
        EXPECT_EQ(heap_calls, 0u);
    }
}

TEST(Decoder, SmallestRowsFillTheSpaceThatIsPromisedToSuffice) {
    Wire wire;
    for (int i = 0; i < 50; ++i) {
        wire.row(Wire());
    }
    EXPECT_EQ(proto::max_readings_in(wire.bytes().size()), 50u);
    EXPECT_EQ(decode(wire, 50).decoded.readings, 50u);
}

}  // namespace
}  // namespace roda
